"""What is said on a ticket, and the files that come with it."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ops.people.authority import is_staff_member, is_system
from ops.people.models import User
from ops.tickets.models.around import Invitation
from ops.tickets.models.ticket import SEARCH_LANGUAGE, Ticket
from ops.workflow import registry
from ops.workflow.declaration import NOTHING


class CommentVisibility(models.TextChoices):
    """Who reads a comment."""

    PUBLIC = "public", "Everybody who sees the ticket"
    PARTICIPANTS = "participants", "Participants: reporter, assignee, invited people and staff"
    STAFF = "staff", "Staff only"


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> CommentQuerySet:
        """Keep the comments this person may read, on tickets this person may see."""
        return self.addressed_to(user).filter(ticket__in=Ticket.objects.visible_to(user))

    def addressed_to(self, user: User | AnonymousUser) -> CommentQuerySet:
        """Keep the comments whose audience this person belongs to, where the ticket is known to be visible.

        Following a ticket makes nobody a participant: anybody may follow.
        """
        if user.is_authenticated and is_system.test(user):
            return self.all()
        heard = self._not_kept_from(user)
        if user.is_authenticated and is_staff_member(user):
            return heard
        if not user.is_authenticated:
            return heard.filter(visibility=CommentVisibility.PUBLIC)
        invited = Invitation.objects.filter(person=user).values("ticket")
        takes_part = (
            Q(ticket__reporter=user) | Q(ticket__assignee=user) | Q(ticket__in=invited) | Q(author=user)
        )
        return heard.filter(
            Q(visibility=CommentVisibility.PUBLIC) | Q(visibility=CommentVisibility.PARTICIPANTS) & takes_part
        )

    def _not_kept_from(self, user: User | AnonymousUser) -> CommentQuerySet:
        """Leave out what processes keep among those who write; nothing is asked for a person who is one of them."""
        heard = self
        for model in registry.models():
            if issubclass(model, Ticket) and (kept := model.talk_kept_from(user)) is not NOTHING:
                heard = heard.exclude(ticket__in=Ticket.objects.filter(kept))
        return heard


class Comment(models.Model):
    """Something said on a ticket, to a named audience; former wordings are kept.

    `about` names the part of the ticket that it is about, as its process names its parts (`Ticket.parts`); nothing
    where it is about the whole.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    about = models.CharField(max_length=40, blank=True, editable=False)
    body = models.TextField(max_length=50_000)
    visibility = models.CharField(max_length=12, choices=CommentVisibility, default=CommentVisibility.PUBLIC)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    search = models.GeneratedField(
        expression=SearchVector("body", config=SEARCH_LANGUAGE),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "id"], name="comment_of_ticket"),
            GinIndex(fields=["search"], name="comment_search"),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} on {self.ticket_id}"


class CommentRevision(models.Model):
    """What a comment said before it was edited."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="revisions")
    body = models.TextField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Former wording of {self.comment_id}"


def attachment_path(attachment: Attachment, name: str) -> str:
    """Store a file under a name that nobody can guess and that says nothing; the ending stays."""
    return f"attachments/{attachment.ticket_id}/{secrets.token_urlsafe(24)}{Path(name).suffix.lower()[:10]}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Files, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> AttachmentQuerySet:
        """Keep the files of tickets this person sees; those of a comment follow the comment."""
        return self.filter(
            Q(comment__isnull=True, ticket__in=Ticket.objects.visible_to(user))
            | Q(comment__in=Comment.objects.visible_to(user))
        )


class Attachment(models.Model):
    """A file on a ticket, or on one of its comments; only ever served as a download."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="attachments")
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    file = models.FileField(upload_to=attachment_path)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it is downloaded."""
        return reverse("attachment", args=[self.pk])
