"""Calendars, the policies that ask for deadlines, and the deadlines themselves with what they did."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import holidays
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from ops.clocks import phrasing, validation, week
from ops.clocks.arithmetic import WorkingTime, working_time
from ops.clocks.course import OPEN, Ending, Pause, Status
from ops.people.models import validate_time_zone


class Calendar(models.Model):
    """When a team works: its zone, its weekly hours, the holidays of its country and days of its own."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60, help_text="As it reads in “Tuesday 14:00 Pacific”.")
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    weekly_hours = models.JSONField(
        validators=[week.validate],
        help_text='{"mon": ["09:00-12:00", "13:00-17:00"], …}; a day left out is free.',
    )
    country = models.CharField(max_length=2, blank=True, help_text="Its public holidays are free: US, CL …")
    subdivision = models.CharField(
        max_length=3, blank=True, help_text="Adds the holidays of a state or region."
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.subdivision and not self.country:
            raise ValidationError({"subdivision": "A subdivision needs its country."})
        known = holidays.list_supported_countries()
        if self.country and self.country not in known:
            raise ValidationError({"country": f"No holidays are known for “{self.country}”."})
        if self.subdivision and self.subdivision not in known[self.country]:
            choices = ", ".join(known[self.country]) or "none"
            raise ValidationError(
                {"subdivision": f"{self.country} has no “{self.subdivision}”; it has {choices}."}
            )

    def working_time(self) -> WorkingTime:
        """The hours of this calendar, ready to reckon with; equal calendars share one object."""
        days = list(self.days.all())
        return working_time(
            self.time_zone,
            week.read(self.weekly_hours),
            self.country,
            self.subdivision,
            frozenset(day.date for day in days if not day.is_worked),
            frozenset(day.date for day in days if day.is_worked),
        )


class CalendarDay(models.Model):
    """A day on which a calendar differs from its country: a day off of its own, or a holiday that is
    worked.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    name = models.CharField(max_length=80)
    is_worked = models.BooleanField(default=False, help_text="Worked although it is a public holiday.")

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="one_entry_per_calendar_day")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


def _states() -> ArrayField:
    return ArrayField(models.CharField(max_length=50), default=list, blank=True)


class DeadlinePolicy(models.Model):
    """What has to be done by when: a row that the lead edits and that everybody can read."""

    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=50, help_text="What it is about: issue, announcement …")
    name = models.CharField(max_length=80, help_text="As it reads on a ticket: “First response”.")
    clock = models.SlugField(
        blank=True,
        help_text="Of the policies of one clock, the first that applies counts. Empty: its own clock.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Of several that apply, the lowest counts."
    )
    active = models.BooleanField(default=True)
    condition = models.JSONField(
        default=dict, blank=True, help_text='Field → values: {"priority": ["critical"]}.'
    )
    starts_in = _states()
    pauses_in = _states()
    met_in = _states()
    cancelled_in = _states()
    duration = models.CharField(
        max_length=20, blank=True, help_text="24 hours, 2 days, 2 weeks, 3 months, 1 year."
    )
    due_from_field = models.CharField(
        max_length=50, blank=True, help_text="A field that says when it is due."
    )
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="policies")
    warnings = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, help_text="80 %, or 14 days before."
    )
    escalations = models.JSONField(default=list, blank=True, help_text='[{"after": "1 day", "to": "lead"}]')
    action = models.CharField(
        max_length=50, blank=True, help_text="What the desk does by itself when it is due."
    )

    class Meta:
        verbose_name_plural = "deadline policies"
        ordering = ["kind", "clock", "position", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration="") ^ Q(due_from_field=""), name="policy_has_a_duration_or_a_field"
            ),
            models.CheckConstraint(condition=~Q(starts_in=[]), name="policy_starts_somewhere"),
        ]

    def __str__(self) -> str:
        return self.name

    def in_words(self) -> str:
        """What it does, for everybody to read; or why it never applies."""
        return phrasing.in_words(self)

    def clean(self) -> None:
        """Refuse what cannot be read or could never apply, with the sentences of `validation.problems`."""
        wrong: dict[str, list[str]] = {}
        for field, sentence in validation.problems(self):
            wrong.setdefault(field, []).append(sentence)
        if wrong:
            raise ValidationError(wrong)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a policy without a named clock is a clock of its own."""
        self.clock = self.clock or self.slug
        super().save(*args, **kwargs)


class Edition(models.Model):
    """One row whose token changes with every change of a policy or calendar (by trigger, see migration 0002).

    Every process keeps the policies it has read for as long as the token stays the same.
    """

    token = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.token)


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    """Deadlines, by target and by what they need."""

    def of(self, target: models.Model) -> DeadlineQuerySet:
        """Keep those of one target."""
        return self.filter(content_type=ContentType.objects.get_for_model(target), object_id=target.pk)

    def open(self) -> DeadlineQuerySet:
        """Keep those still running or paused."""
        return self.filter(state__in=OPEN)

    def with_edition(self) -> DeadlineQuerySet:
        """Read with each the edition of the policies at this moment (`.edition`)."""
        return self.annotate(edition=Subquery(Edition.objects.order_by("pk").values("token")[:1]))

    def locked(self, *, skip_locked: bool = False) -> DeadlineQuerySet:
        """Lock the rows against other writers, and read with each the steps it has behind it (`.done`)."""
        done = DeadlineEntry.objects.filter(deadline=OuterRef("pk"), round=OuterRef("round")).exclude(step="")
        rows = self.select_for_update(no_key=True, of=("self",), skip_locked=skip_locked)
        return rows.annotate(done=ArraySubquery(done.values("step")))

    def rewrite(self, deadlines: Sequence[Deadline]) -> None:
        """Write what can change of these rows, which the caller has locked: one statement for any number."""
        if not deadlines:
            return
        columns = ", ".join(f"{column} = new.{column}" for column in _CHANGING)
        arrays = ", ".join(f"%s::{kind}[]" for kind in _CHANGING.values())
        sql = (
            f"UPDATE clocks_deadline AS old SET {columns} "  # noqa: S608  # names of columns, no value
            f"FROM unnest(%s::bigint[], {arrays}) AS new(id, {', '.join(_CHANGING)}) WHERE old.id = new.id"
        )
        values = [[_written(deadline, column) for deadline in deadlines] for column in _CHANGING]
        with connection.cursor() as cursor:
            cursor.execute(sql, [[deadline.pk for deadline in deadlines], *values])


_CHANGING: Mapping[str, str] = {
    "policy_id": "bigint",
    "state": "text",
    "promised_for": "timestamptz",
    "due_at": "timestamptz",
    "pauses": "jsonb",
    "ended_at": "timestamptz",
    "ending": "text",
    "spent": "boolean",
    "breached_at": "timestamptz",
    "round": "smallint",
    "next_step": "text",
    "next_at": "timestamptz",
    "quiet_until": "timestamptz",
    "failures": "smallint",
    "failure": "text",
}
"""The columns of a deadline that change in its life, with their types."""


def _written(deadline: Deadline, column: str) -> object:
    value = getattr(deadline, column)
    return json.dumps(value) if column == "pauses" else value


class Deadline(models.Model):
    """One thing to be done by one moment for one target: a row, from its start to its end and ever after.

    What it is at any moment follows from `started_at`, `pauses` and the policy; `due_at` and `next_at` are
    kept because they are searched for. Past due and still open, it stays `running` with `breached_at` set.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = Status.RUNNING.value, "Running"
        PAUSED = Status.PAUSED.value, "Paused"
        MET = Status.MET.value, "Met"
        CANCELLED = Status.CANCELLED.value, "Cancelled"

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, db_index=False, related_name="+")
    object_id = models.BigIntegerField()
    target = GenericForeignKey()
    policy = models.ForeignKey(DeadlinePolicy, on_delete=models.PROTECT, related_name="deadlines")
    clock = models.SlugField(db_index=False)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    promised_for = models.DateTimeField(
        null=True, blank=True, help_text="The date named by the target itself."
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty while it is paused with time left.")
    pauses = models.JSONField(default=list, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=9, blank=True, choices=[(e.value, e.name.title()) for e in Ending])
    spent = models.BooleanField(default=False)
    breached_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(
        default=0, help_text="Counts how often its due time was set anew."
    )
    next_step = models.CharField(max_length=80, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, help_text="When the sweep looks at it next.")
    quiet_until = models.DateTimeField(
        null=True, blank=True, help_text="Steps before this are not told: history."
    )
    failures = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)

    edition: uuid.UUID | None
    """The edition of the policies when it was read; only on rows read with `with_edition()`."""
    done: list[str]
    """The steps of this round that are behind it; only on rows read with `locked()`."""

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "clock"],
                condition=Q(ended_at__isnull=True),
                name="one_open_deadline_per_clock",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at__isnull=True)
                | ~Q(state__in=OPEN) & Q(ended_at__isnull=False),
                name="deadline_ended_or_open",
            ),
            models.CheckConstraint(
                condition=~Q(state=Status.RUNNING) | Q(due_at__isnull=False), name="running_deadline_is_due"
            ),
        ]
        indexes = [
            models.Index(fields=["object_id", "content_type"], name="deadline_target"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="deadline_next"),
            models.Index(fields=["due_at"], condition=Q(state=Status.RUNNING), name="deadline_due"),
        ]

    def __str__(self) -> str:
        return f"{self.clock} of {self.content_type_id}:{self.object_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be met."""
        return self.state in OPEN

    @property
    def is_paused(self) -> bool:
        """Whether its clock stands still."""
        return self.state == Status.PAUSED

    def is_overdue(self, moment: datetime.datetime | None = None) -> bool:
        """Whether it is open and its time is used up, the sweep having seen it or not."""
        return self.is_open and self.due_at is not None and self.due_at <= (moment or timezone.now())

    def read_pauses(self) -> tuple[Pause, ...]:
        """The pauses, oldest first."""
        return tuple(
            Pause(
                datetime.datetime.fromisoformat(pause["since"]),
                datetime.datetime.fromisoformat(pause["until"]) if pause["until"] else None,
                pause["state"],
            )
            for pause in self.pauses
        )


def write_pauses(pauses: tuple[Pause, ...]) -> list[dict[str, str | None]]:
    """The pauses as a deadline keeps them."""
    return [
        {
            "since": pause.since.isoformat(),
            "until": pause.until.isoformat() if pause.until else None,
            "state": pause.state,
        }
        for pause in pauses
    ]


class DeadlineEntry(models.Model):
    """Something a deadline did. A step has a name, and each step is done once in a round: the row is the
    proof.
    """

    class What(models.TextChoices):
        """What it did."""

        WARNED = "warned", "Warned"
        BREACHED = "breached", "Ran out"
        ESCALATED = "escalated", "Escalated"
        ACTED = "acted", "Acted"
        PASSED = "passed", "Passed over"
        RETIMED = "retimed", "Set anew"

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="entries", db_index=False)
    round = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=9, choices=What)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "deadline entries"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "round", "step"], condition=~Q(step=""), name="one_entry_per_step"
            )
        ]
        indexes = [models.Index(fields=["deadline", "at"], name="deadline_entry")]

    def __str__(self) -> str:
        return f"{self.what} {self.step}".strip()
