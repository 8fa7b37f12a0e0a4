"""What waits for one person, of every kind: the next step of each, and until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from ops.clocks.explanation import Clock, Look
from ops.clocks.models import Deadline
from ops.clocks.selectors import deadlines_among
from ops.people.models import User
from ops.tickets.holding import held_by as tickets_held_by
from ops.tickets.models import Ticket
from ops.web.addresses import step_url
from ops.web.finding import record_models
from ops.web.frame.clocks import in_full, short
from ops.web.records.mending import PLACES
from ops.workflow.declaration import Phase, Step, Workplace
from ops.workflow.models import StatefulQuerySet
from ops.workflow.selectors import held_by

MOST = 30
MOST_DEADLINES = 12
AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class NextMove:
    """What is done next about something, and where."""

    label: str
    url: str
    step: Step | None = None


@dataclass(frozen=True)
class Waiting:
    """One thing whose next move is the reader's."""

    record: Any
    clocks: Sequence[Clock]

    @property
    def clock(self) -> Clock | None:
        """The most pressing deadline."""
        return self.clocks[0] if self.clocks else None

    @property
    def clock_short(self) -> str:
        """How that stands, in as few letters as a column has room for."""
        return short(self.clock) if self.clock else ""

    @property
    def clock_in_full(self) -> str:
        """What it counts, and until when."""
        return in_full(self.clock) if self.clock else ""

    @property
    def key(self) -> str:
        """What it is called in short: the key of a ticket, the kind of anything else."""
        return self.record.key if isinstance(self.record, Ticket) else self.record.workflow.title

    @property
    def name(self) -> str:
        """What it is known by where there is room for one word or two: a ticket's key, anything else by its name."""
        return self.key if isinstance(self.record, Ticket) else str(self.record)

    @property
    def title(self) -> str:
        """What it is about."""
        return self.record.title if isinstance(self.record, Ticket) else self.record.subject

    @property
    def url(self) -> str:
        """Where its title leads: to where the work on this one is done, else to its own page."""
        place = self.record.workplace
        return str(self.record.get_absolute_url()) if place is None or place.settles_many else self._at(place)

    def _at(self, place: Workplace) -> str:
        return PLACES[self.record.workflow.kind, place.about](self.record)

    @property
    def holder(self) -> str:
        """As what the reader holds it: “assignee”, “community scientists”."""
        words = self.record.workflow.held_by[self.record.state].words
        return words.partition(",")[0].removeprefix("the ")

    @property
    def next_move(self) -> NextMove | None:
        """What the reader does next: a step, whose form opens here, or something at a place of its own."""
        if place := self.record.workplace:
            return NextMove(place.label, self._at(place))
        step = self.record.workflow.next_step(self.record.state)
        return NextMove(step.label, f"{step_url(self.record, step.name)}?view=home", step) if step else None

    @property
    def comes_by_itself(self) -> bool:
        """Whether the desk takes the next step at a date: nobody has to do anything before."""
        if self.clock is None:
            return self.record.phase is Phase.WAITING
        return bool(self.clock.course.rule.action) and self.clock.look is not Look.OVERDUE

    @property
    def urgency(self) -> tuple[bool, datetime, int]:
        """What it is ordered by: the deadline, then the priority."""
        due = self.clock.due_at if self.clock else None
        return due is None, due or timezone.now(), getattr(self.record, "priority_rank", 0)


@dataclass(frozen=True)
class Agenda:
    """The deadlines of one day."""

    label: str
    clocks: Sequence[tuple[Waiting, Clock]]


class WaitingFor:
    """Everything whose next move is one person's."""

    def __init__(self, person: User) -> None:
        self.person = person

    @cached_property
    def all(self) -> list[Waiting]:
        """All of it, the most pressing first, up to a bound per kind."""
        records: list[Any] = [*_most_pressing(self.person)]
        for model in record_models():
            rows = held_by(model, self.person).select_related(*model.lock_related)
            found = list(rows[: MOST + 1])
            records += found if len(found) <= MOST else _most_pressing_of(rows)
        clocks = deadlines_among([record.anchor for record in records])
        made = [Waiting(record, clocks.get((type(record.anchor), record.pk), ())) for record in records]
        return sorted(made, key=lambda waiting: waiting.urgency)

    @property
    def now(self) -> list[Waiting]:
        """What the person can move on today."""
        return [waiting for waiting in self.all if not waiting.comes_by_itself]

    @property
    def later(self) -> list[Waiting]:
        """What comes back by itself at a date."""
        return [waiting for waiting in self.all if waiting.comes_by_itself]

    @property
    def has_more(self) -> bool:
        """Whether there are more of some kind than are shown."""
        kinds = Counter(type(waiting.record.anchor) for waiting in self.all)
        return any(count > MOST for count in kinds.values())

    @property
    def has_more_tickets(self) -> bool:
        """Whether the list of tickets holds more than is shown."""
        return sum(isinstance(waiting.record, Ticket) for waiting in self.all) > MOST

    @property
    def overdue(self) -> int:
        """How much of it is late."""
        return sum(waiting.clock is not None and waiting.clock.look is Look.OVERDUE for waiting in self.now)

    @cached_property
    def agenda(self) -> list[Agenda]:
        """Every deadline of the coming days, in their order; what is overdue stands above already."""
        now = timezone.now()
        falling = [
            (clock.due_at, waiting, clock)
            for waiting in self.all
            for clock in waiting.clocks
            if clock.due_at is not None and now < clock.due_at <= now + AHEAD
        ]
        falling.sort(key=lambda each: each[0])
        days: dict[str, list[tuple[Waiting, Clock]]] = {}
        for due_at, waiting, clock in falling[:MOST_DEADLINES]:
            days.setdefault(_day(due_at), []).append((waiting, clock))
        return [Agenda(label, clocks) for label, clocks in days.items()]


def _most_pressing_of(rows: StatefulQuerySet) -> list[Any]:
    """Return one more of one kind than are shown: those whose deadlines come first, however many there are."""
    kind = ContentType.objects.get_for_model(rows.model)
    due = Deadline.objects.open().filter(content_type=kind, object_id=OuterRef("pk"), due_at__isnull=False)
    first = Subquery(due.order_by("due_at").values("due_at")[:1])
    return list(rows.order_by(first.asc(nulls_last=True), "pk")[: MOST + 1])


def _most_pressing(person: User) -> list[Ticket]:
    """Return what a person holds, by deadline and then by priority, up to one more than is shown.

    The deadlines are asked first: of thousands that wait for a whole team only the pressing ones are read.
    """
    held, kind = tickets_held_by(person), ContentType.objects.get_for_model(Ticket)
    due = Deadline.objects.open().filter(
        content_type=kind, due_at__isnull=False, object_id__in=held.values("pk")
    )
    order = list(dict.fromkeys(due.order_by("due_at").values_list("object_id", flat=True)[: 3 * MOST]))
    found = Ticket.objects.in_bulk(order[: MOST + 1])
    pressing = [found[pk] for pk in order if pk in found]
    if len(pressing) > MOST:
        return pressing
    rest = held.exclude(pk__in=found).defer("description").order_by("priority_rank", "-pk")
    return [*pressing, *rest[: MOST + 1 - len(pressing)]]


def _day(moment: datetime) -> str:
    here, today = timezone.localtime(moment), timezone.localdate()
    days = (here.date() - today).days
    return ("Today", "Tomorrow")[days] if days in (0, 1) else f"{here:%A} {here.day} {here:%B}"
