"""Meetings of a committee."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ops.committees.models.committees import Committee
from ops.committees.models.way_in import WayInBeside
from ops.committees.rules import committees_sat_on, is_chair, is_secretary
from ops.committees.workflow.meetings import MeetingWorkflow
from ops.people.authority import is_lead
from ops.workflow.models import Event, EventQuerySet, Stateful, StatefulQuerySet
from ops.workflow.registry import registered


class MeetingQuerySet(StatefulQuerySet):
    """Meetings, seen through somebody's eyes."""

    def visible_to(self, user: Any) -> Self:
        """Dates are for everybody with an account, since users come to the listening session; minutes for everybody.

        What belongs to the executive part is in rows of its own, which say themselves who sees them.
        """
        if user.is_authenticated:
            return self.all() if user.is_active else self.none()
        return self.filter(state=MeetingWorkflow.State.MINUTES_PUBLISHED)

    def ahead(self, moment: datetime.datetime | None = None) -> Self:
        """Keep those that are planned and not over, the next first."""
        rows = self.filter(state=MeetingWorkflow.State.PLANNED, ends_at__gte=moment or timezone.now())
        return rows.order_by("starts_at")


@registered
class Meeting(MeetingWorkflow, Stateful):
    """A meeting of a committee: an open part, an executive part for the members alone, a listening session."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField(
        max_length=120, blank=True, help_text="Such as “Spring meeting”; left empty, the date stands for it."
    )
    starts_at = models.DateTimeField("begins")
    minutes_long = models.PositiveSmallIntegerField(
        "length in minutes", default=120, validators=[MinValueValidator(5), MaxValueValidator(3 * 24 * 60)]
    )
    ends_at = models.DateTimeField("the end of the meeting", editable=False)
    place = models.CharField(max_length=200, blank=True, help_text="A room, or “by video”.")
    listening_at = models.DateTimeField(
        "listening session", null=True, blank=True, help_text="When users can come and tell the committee."
    )
    listening_link = models.URLField(
        "link of the listening session", max_length=500, blank=True, help_text="Shown to everybody."
    )
    papers = models.URLField(max_length=500, blank=True, help_text="Where to find what is to be read before.")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MeetingQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("committee",)
    beside_the_row = {"video_link": WayInBeside()}

    class Meta:
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["committee", "-starts_at"], name="meeting_of_committee")]

    def __str__(self) -> str:
        return f"{self.title or 'Meeting'} of the {self.committee}, {self.starts_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("meeting", args=[self.pk])

    def prepare(self, *, actor: Any, moment: datetime.datetime) -> None:
        """Remember who planned it."""
        self.planned_by = actor

    def derive(self) -> None:
        """It ends when its minutes are over."""
        self.ends_at = self.starts_at + datetime.timedelta(minutes=self.minutes_long)

    def clean(self) -> None:
        """Refuse a meeting of somebody else's committee."""
        is_new, may_plan = self.pk is None, is_chair | is_secretary | is_lead
        if is_new and self.committee_id and not may_plan.test(self.planned_by, self):
            raise ValidationError({"committee": "You neither chair this committee nor keep its minutes."})

    def history_for(self, reader: AnonymousUser | Any) -> EventQuerySet:
        """What was planned and moved is for people with an account."""
        events = super().history_for(reader)
        return events if reader.is_authenticated else events.filter(name="publish_minutes")

    def is_told_of(self, event: Event, reader: Any) -> bool:
        """Whether a reader who sees the meeting may know of one event of it: `history_for`, without a query."""
        return bool(reader.is_authenticated) or event.name == "publish_minutes"

    @property
    def awaited(self) -> str:
        """A meeting to come waits for its day."""
        if self.state == self.State.PLANNED and not self.has_begun:
            return f"its day, {self.starts_at:%-d %B %Y}"
        return ""

    @property
    def has_begun(self) -> bool:
        """Whether its time has come."""
        return self.starts_at <= timezone.now()

    @property
    def is_ahead(self) -> bool:
        """Whether people can still come to it."""
        return self.state == self.State.PLANNED and self.ends_at >= timezone.now()

    def minutes_of(self, part: str) -> MinutesVersion:
        """Return the newest version of the minutes of a part; an empty one where nothing is written yet."""
        newest = self.minutes_versions.filter(part=part).order_by("-number").first()
        return newest or MinutesVersion(meeting=self, part=part, number=0, text="")


class Part(models.TextChoices):
    """The two parts of a meeting."""

    OPEN = "open", "Open part"
    EXECUTIVE = "executive", "Executive part"


class OfMeetingQuerySet(models.QuerySet[Any]):
    """Rows that belong to one part of a meeting, seen through somebody's eyes."""

    def visible_to(self, user: Any) -> Self:
        """Of a meeting that this person sees, the open part; the executive part for those who sit there today.

        Nobody else: no lead, no Director, no administrator.
        """
        return self.filter(
            models.Q(part=Part.OPEN) | sits_there(user), meeting__in=Meeting.objects.visible_to(user)
        )


def sits_there(user: Any) -> models.Q:
    """Return the condition that picks what belongs to meetings of committees in which somebody sits today."""
    return models.Q(meeting__committee__slug__in=committees_sat_on(user))


class AgendaPoint(models.Model):
    """One point of the agenda; its place in the order is its number."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="points")
    part = models.CharField(max_length=9, choices=Part, default=Part.OPEN)
    number = models.PositiveSmallIntegerField(editable=False)
    title = models.CharField(max_length=200)
    notes = models.TextField(max_length=5_000, blank=True, help_text="Markdown.")
    minutes_long = models.PositiveSmallIntegerField("minutes", null=True, blank=True)
    presenter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["part", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "part", "number"],
                name="one_point_per_number_of_the_agenda",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Presence(models.TextChoices):
    """Whether somebody came."""

    PRESENT = "present", "In the room"
    REMOTE = "remote", "Remotely"
    EXCUSED = "excused", "Excused"
    ABSENT = "absent", "Absent"


class Attendance(models.Model):
    """Whether one person came to one meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=7, choices=Presence)

    class Meta:
        ordering = ["person__display_name"]
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="a_person_attends_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_presence_display().lower()}"


class MinutesVersion(models.Model):
    """One version of the minutes of one part. Versions are never changed; whoever saves makes the next."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="minutes_versions")
    part = models.CharField(max_length=9, choices=Part)
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=100_000, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    based_on = models.PositiveIntegerField(help_text="The version that the author had read.")
    has_conflict = models.BooleanField(
        default=False, help_text="Two people wrote the same passage; both wordings stand side by side."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "part", "number"], name="minutes_have_one_of_each_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} of the minutes, version {self.number}"


class Action(models.Model):
    """What somebody took on: a line of the minutes, and the ticket that came of it.

    A line of the executive part makes no ticket, since leads read tickets; the members tick it off themselves.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="actions")
    part = models.CharField(max_length=9, choices=Part)
    text = models.CharField(max_length=200)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    due_on = models.DateField(null=True)
    ticket = models.OneToOneField(
        "tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="action_of_a_meeting"
    )
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = OfMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "part", "text"], name="an_action_is_taken_once")
        ]

    def __str__(self) -> str:
        return self.text
