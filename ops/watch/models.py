"""Weeks of the forum watch, and the leave that the rotation goes around."""

from __future__ import annotations

import datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from ops.people.authority import COMMUNITY_SCIENCE, is_staff_member, is_system
from ops.people.models import Membership, Role, Team, User
from ops.watch.workflow import WatchWorkflow
from ops.workflow.models import Stateful, StatefulQuerySet
from ops.workflow.registry import registered

WEEK = datetime.timedelta(days=7)
DAY = datetime.timedelta(days=1)
# The desk's own week: Pacific hours are the normal ones (RTN-097).
DESK_ZONE = ZoneInfo("America/Los_Angeles")
HANDOVER_HOUR = datetime.time(17, 0)


class Duty(models.TextChoices):
    """What a week on watch asks for."""

    ANSWER = "answer", "Give every new report a first answer within 24 hours"
    TRIAGE = "triage", "Triage what was reported, or say why not"
    REDIRECT = "redirect", "Send account and access problems to those who can help"
    FORUM = "forum", "Look through the forum for problems that nobody has reported"
    SWEEP = "sweep", "Go through the sweep: unsolved, unanswered, unpromised, unowned"


class WatchQuerySet(StatefulQuerySet):
    """Weeks on watch, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The rotation is for staff."""
        if user.is_authenticated and (is_staff_member(user) or is_system.test(user)):
            return self.all()
        return self.none()


@registered
class WatchWeek(WatchWorkflow, Stateful):
    """One week, from Monday to Sunday, in which one community scientist keeps the watch.

    It makes the membership from which the authority of the forum watcher comes, and moves it with the week.
    """

    monday = models.DateField(unique=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="watch_weeks")
    why = models.CharField(max_length=300, blank=True, help_text="Why it is this person's turn.")
    ticked = ArrayField(models.CharField(max_length=12, choices=Duty), default=list, blank=True)
    handover_note = models.TextField(
        max_length=20_000, blank=True, help_text="What is open, what to look out for. Markdown."
    )
    begins_at = models.DateTimeField("the beginning of the week", editable=False)
    hands_over_at = models.DateTimeField("the end of the week", editable=False)

    objects = WatchQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("person",)

    class Meta:
        ordering = ["-monday"]
        constraints = [
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="a_watch_begins_on_a_monday")
        ]

    def __str__(self) -> str:
        return f"Watch of {self.monday.day} {self.monday:%B %Y}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("watch-week", args=[self.pk])

    @property
    def sunday(self) -> datetime.date:
        """The last day."""
        return self.monday + 6 * DAY

    @property
    def days(self) -> str:
        """The week by its days: “16 to 22 November”, “30 November to 6 December”."""
        first, last = self.monday, self.sunday
        begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        return f"{begins} to {last.day} {last:%B}"

    @property
    def duties_done(self) -> list[str]:
        """What was ticked, in words."""
        return [str(duty.label) for duty in Duty if duty.value in self.ticked]

    def clean(self) -> None:
        """Refuse another day than Monday, somebody outside the team, and somebody on leave."""
        if self.monday is not None and self.monday.weekday() != 0:
            raise ValidationError({"monday": "A watch begins on a Monday."})
        if self.person_id and self.monday and not is_available(self.person, self.monday):
            raise ValidationError(
                {"person": f"{self.person} is not a community scientist through that week, or is on leave."}
            )

    def derive(self) -> None:
        """The moments that the clocks count to follow from the Monday."""
        self.begins_at = _at_the_desk(self.monday, datetime.time.min)
        self.hands_over_at = _at_the_desk(self.sunday + DAY, HANDOVER_HOUR)

    def put_on_watch(self) -> None:
        """Let the membership follow the week: what is over stays on record, what is to come moves."""
        today = timezone.localdate(timezone=datetime.UTC)
        team = Team.objects.get(slug=COMMUNITY_SCIENCE)
        terms = Membership.objects.filter(
            team=team, role=Role.WATCHER, starts_on__gte=self.monday, ends_on__lte=self.sunday
        ).exclude(person=self.person)
        terms.filter(starts_on__gte=today).delete()
        taken_over = terms.filter(ends_on__gte=today).update(ends_on=today - DAY)
        begins = max(self.monday, today) if taken_over else self.monday
        held = Membership.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=begins),
            team=team, role=Role.WATCHER, person=self.person, starts_on__lte=self.sunday,
        )  # fmt: skip
        if not held.exists():
            Membership.objects.create(
                person=self.person, team=team, role=Role.WATCHER, starts_on=begins, ends_on=self.sunday
            )


def _at_the_desk(day: datetime.date, hour: datetime.time) -> datetime.datetime:
    # In UTC, as the database keeps it: what is compared with the row must not differ by its zone alone.
    return datetime.datetime.combine(day, hour, DESK_ZONE).astimezone(datetime.UTC)


class Leave(models.Model):
    """Days on which a person is away; the rotation goes around them."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="leaves")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The last day.")

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="leave_ends_after_it_starts",
                violation_error_message="The last day lies before the first.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} is away from {self.starts_on} to {self.ends_on}"


def is_available(person: User, monday: datetime.date) -> bool:
    """Whether somebody is a community scientist through a week and not on leave in it."""
    sunday = monday + 6 * DAY
    member = Membership.objects.on(monday).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=sunday), person=person, team__slug=COMMUNITY_SCIENCE
    )
    away = Leave.objects.filter(person=person, starts_on__lte=sunday, ends_on__gte=monday)
    return member.exclude(role=Role.WATCHER).exists() and not away.exists()
