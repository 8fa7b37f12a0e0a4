"""How tickets stand to one another."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ops.people.models import User
from ops.tickets.models.ticket import Ticket


class LinkKind(models.TextChoices):
    """How one ticket stands to another, read from the source."""

    BLOCKS = "blocks", "blocks"
    RELATES = "relates", "relates to"
    DUPLICATES = "duplicates", "duplicates"
    CAUSED_BY = "caused_by", "is caused by"


INVERSE_WORDS = {
    LinkKind.BLOCKS: "is blocked by",
    LinkKind.RELATES: "relates to",
    LinkKind.DUPLICATES: "is duplicated by",
    LinkKind.CAUSED_BY: "causes",
}


class LinkQuerySet(models.QuerySet["Link"]):
    """Links between tickets, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> LinkQuerySet:
        """Keep links whose two ends this person may both see."""
        seen = Ticket.objects.visible_to(user)
        return self.filter(source__in=seen, target__in=seen)


class Link(models.Model):
    """One ticket's relation to another."""

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=12, choices=LinkKind)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="a_link_is_made_once"),
            models.CheckConstraint(
                condition=~Q(source=models.F("target")), name="a_ticket_is_not_linked_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.get_kind_display()} {self.target_id}"

    def words_from(self, ticket: Ticket) -> str:
        """How the link reads on one of its ends."""
        kind = LinkKind(self.kind)
        return str(kind.label) if self.source_id == ticket.pk else INVERSE_WORDS[kind]
