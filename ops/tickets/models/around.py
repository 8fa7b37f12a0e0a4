"""Around a ticket: who follows it, who was let in, and the parts that are talked about by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.people.models import User


class Watcher(models.Model):
    """Somebody who follows a ticket: an account, or a plain e-mail address."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="watching"
    )
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user"], condition=Q(user__isnull=False), name="an_account_watches_once"
            ),
            models.UniqueConstraint(
                fields=["ticket", "email"], condition=~Q(email=""), name="an_address_watches_once"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="") | Q(user__isnull=True) & ~Q(email=""),
                name="a_watcher_is_an_account_or_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'an e-mail address'} follows {self.ticket_id}"

    @property
    def recipient(self) -> User | str:
        """Whom a message goes to."""
        return self.user or self.email


class Invitation(models.Model):
    """Somebody let in to a ticket that they would not see by themselves."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "person"], name="a_person_is_invited_once")]

    def __str__(self) -> str:
        return f"{self.person} is let in to {self.ticket_id}"


@dataclass(frozen=True)
class TicketPart:
    """A part of a ticket that is talked about by itself, such as an item of a report."""

    label: str
    url: str = ""
