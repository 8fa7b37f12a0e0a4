"""Issues, and the announcements of what they changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ops.issues.workflow import AnnouncementWorkflow, IssueWorkflow
from ops.people.authority import is_staff_member, is_system
from ops.people.models import User
from ops.tickets.fields import TicketsField
from ops.tickets.models import Link, LinkKind, Ticket
from ops.tickets.watching import add_watchers
from ops.workflow.models import EventQuerySet, Stateful, StatefulQuerySet
from ops.workflow.registry import registered


@registered
class Issue(IssueWorkflow, Ticket):
    """A scientific risk, problem or opportunity (RTN-006 §2.5.1)."""

    class Origin(models.TextChoices):
        """Where the observatory heard of it."""

        FORUM = "forum", "Forum"
        EMAIL = "email", "E-mail"
        CHAT = "chat", "Chat"
        PAPER = "paper", "Paper"
        MEETING = "meeting", "Meeting"
        STAFF = "staff", "Staff"
        COMMITTEE = "committee", "Committee"
        TEST_CAMPAIGN = "test_campaign", "Test campaign"

    class Resolution(models.TextChoices):
        """What became of it."""

        FIXED = "fixed", "Fixed"
        ANSWERED = "answered", "Answered"
        WORKAROUND = "workaround", "Work-around"
        NOT_REPRODUCIBLE = "not_reproducible", "Not reproducible"
        NOT_AN_ISSUE = "not_an_issue", "Not an issue"
        WONT_FIX = "wont_fix", "Will not be fixed"

    class SkipReason(models.TextChoices):
        """Why an issue went to review without a plan."""

        NO_THREAT = "no_threat", "No threat to science"
        NOT_IMPORTANT = "not_important", "Not important enough"
        COMMUNITY_SOLVED = "community_solved", "The community solved it"

    class Documentation(models.TextChoices):
        """Whether the documentation says what the resolution changed."""

        OPEN = "open", "Still to be settled"
        UPDATED = "updated", "Updated"
        NOT_NEEDED = "not_needed", "Not needed"

    class Venue(models.TextChoices):
        """Who looks after what this desk does not."""

        ACCOUNTS = "accounts", "Account and sign-in help"
        DATA_ACCESS = "data_access", "Technical access to data and network"
        RESOURCE_ALLOCATION = "resource_allocation", "Request for resources"
        FORUM = "forum", "Community forum"
        OTHER = "other", "Elsewhere, as the reason says"

    origin = models.CharField(max_length=16, choices=Origin, blank=True)
    forum_topic = models.URLField(max_length=500, blank=True, help_text="The address of the forum topic.")
    threat_to_science = models.BooleanField("threatens science", default=False)
    workaround = models.TextField(max_length=20_000, blank=True, help_text="What helps until it is resolved.")
    promised_reply_at = models.DateTimeField("promised reply", null=True, blank=True)
    strategy = models.TextField(max_length=20_000, blank=True, help_text="How it will be resolved.")
    resolution_code = models.CharField("resolution", max_length=20, choices=Resolution, blank=True)
    resolution_text = models.TextField(
        max_length=20_000, blank=True, help_text="What was found and done, for the reporter to read."
    )
    skip_reason = models.CharField("why no plan is needed", max_length=20, choices=SkipReason, blank=True)
    documentation = models.CharField(max_length=10, choices=Documentation, default=Documentation.OPEN)
    documentation_url = models.URLField("documentation link", max_length=500, blank=True)
    major_change = models.BooleanField(
        default=False, help_text="A change to a data product or service that the community must hear of."
    )
    story_points = models.PositiveSmallIntegerField(null=True, blank=True)
    waiting_for = models.CharField(
        max_length=200, blank=True, help_text="Whom or what it waits for, such as “the vendor's answer”."
    )
    resume_at = models.DateTimeField("goes on", null=True, blank=True, help_text="When it returns by itself.")
    state_before_waiting = models.CharField(max_length=32, blank=True, editable=False)
    venue = models.CharField(max_length=20, choices=Venue, blank=True, help_text="Who can help.")
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    rework_count = models.PositiveSmallIntegerField(default=0, editable=False)
    replan_count = models.PositiveSmallIntegerField(default=0, editable=False)
    reopen_count = models.PositiveSmallIntegerField(default=0, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False, db_index=True)

    locked_through: ClassVar[str] = "ticket_ptr"

    @property
    def awaited(self) -> str:
        """Whom a waiting issue waits for."""
        return self.waiting_for if self.state == self.State.WAITING else ""

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """What staff report comes from staff, unless they say otherwise; others need not know our list."""
        super().prepare(actor=actor, moment=moment)
        if is_staff_member(actor):
            self.origin = self.Origin.STAFF

    def clean(self) -> None:
        """Refuse a duplicate of itself, a ring of duplicates, and waiting for a day that is over."""
        super().clean()
        if self.duplicate_of is not None and self.pk in self.duplicate_of.duplicated_in_turn():
            raise ValidationError(
                {"duplicate_of": f"{self.key} cannot be a duplicate of itself; name another."}
            )
        now = self.performance.moment if self.performance else timezone.now()
        if self.resume_at is not None and self.state != self.State.WAITING and self.resume_at <= now:
            raise ValidationError({"resume_at": "Write a moment that is still to come."})

    @property
    def time_to_resolution(self) -> datetime.timedelta | None:
        """How long it took from the report to the resolution; None where it is not resolved."""
        return self.resolved_at - self.created_at if self.resolved_at else None

    def duplicated_in_turn(self) -> Iterator[int]:
        """Yield this issue, the one that it duplicates, the one that that duplicates, and so on."""
        issue: Issue | None = self
        while issue is not None:
            yield issue.pk
            issue = issue.duplicate_of

    def move_followers(self, actor: User) -> None:
        """Let everybody who follows this issue follow the one that it duplicates."""
        followers = [watcher.recipient for watcher in self.watchers.select_related("user")]
        add_watchers(self.duplicate_of, [self.reporter, *followers])
        Link.objects.get_or_create(
            source_id=self.pk,
            target_id=self.duplicate_of_id,
            kind=LinkKind.DUPLICATES,
            defaults={"created_by": actor},
        )

    def forget_duplicate(self) -> None:
        """Take back that this issue duplicates another; its followers stay with both."""
        Link.objects.filter(
            source_id=self.pk, target_id=self.duplicate_of_id, kind=LinkKind.DUPLICATES
        ).delete()
        self.duplicate_of = None


class ImportedRecord(models.Model):
    """What another tracker said of an issue when it was last imported.

    The next import compares with it, and so tells what has changed there from what was changed here.
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, related_name="imported")
    values = models.JSONField(default=dict)
    comments = ArrayField(models.CharField(max_length=16), default=list)

    def __str__(self) -> str:
        return f"{self.issue.external_source} {self.issue.external_key}"


class AnnouncementQuerySet(StatefulQuerySet):
    """Announcements, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published ones are for everybody; the others are for staff."""
        if user.is_authenticated and (is_staff_member(user) or is_system.test(user)):
            return self.all()
        return self.filter(state=AnnouncementWorkflow.State.PUBLISHED)


class TicketsBeside:
    """The tickets of an announcement, as a value that a declaration can ask for like a field."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return TicketsField()

    def shown(self, announcement: Any, reader: User) -> str:
        """Return the keys of those that the reader sees."""
        if announcement.pk is None:
            return ""
        return ", ".join(announcement.tickets.visible_to(reader).order_by("pk").values_list("key", flat=True))

    def keep(self, announcement: Any, value: list[Ticket], actor: User) -> dict[str, Any] | None:
        """Write the rows; return the change, or None when they were the same. What the actor cannot see stays."""
        before = set(announcement.tickets.values_list("pk", flat=True))
        seen = set(announcement.tickets.visible_to(actor).values_list("pk", flat=True))
        after = {ticket.pk for ticket in value} | (before - seen)
        if before == after:
            return None
        announcement.tickets.set(after)
        return {"old": sorted(before), "new": sorted(after)}


@registered
class Announcement(AnnouncementWorkflow, Stateful):
    """What the community is told about a major change."""

    title = models.CharField(max_length=200)
    body = models.TextField(
        max_length=50_000, help_text="What changes, when, and what users should do. Markdown."
    )
    tickets = models.ManyToManyField(Ticket, related_name="announcements", blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="announcements"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = AnnouncementQuerySet.as_manager()
    beside_the_row = {"tickets": TicketsBeside()}

    class Meta:
        ordering = ["-published_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("announcement", args=[self.pk])

    def history_for(self, reader: User | AnonymousUser) -> EventQuerySet:
        """What was said before it was published is for staff; the others see that it was."""
        events = super().history_for(reader)
        return events if is_staff_member(reader) else events.filter(name="publish")

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember who wrote it."""
        self.author, self.created_at = actor, moment
