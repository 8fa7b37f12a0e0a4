"""What follows when a policy or a calendar changes, and the same answer once more from the history of a
target.

A deadline keeps its start: an edit of a policy never moves a start into the past. Ended deadlines are
history and stay as they are.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.course import Course, Ending, Happening, Status, advance, replay
from ops.clocks.models import Calendar, Deadline, DeadlineEntry, DeadlinePolicy
from ops.clocks.policies import Rulebook, rulebook
from ops.clocks.rows import course_of, put_course, set_anew
from ops.clocks.words import counted, listed
from ops.people.models import User

BATCH = 1000
TIMING = frozenset({"name", "duration", "calendar_id", "warnings", "escalations", "action"})
"""What can be changed in a policy without asking anew where its targets have been."""


@dataclass(frozen=True)
class Consequences:
    """What a change did to the open deadlines."""

    looked_at: int = 0
    moved: int = 0
    ended: int = 0
    started: int = 0

    def __add__(self, other: Consequences) -> Consequences:
        return Consequences(
            self.looked_at + other.looked_at,
            self.moved + other.moved,
            self.ended + other.ended,
            self.started + other.started,
        )

    def __str__(self) -> str:
        done = [
            f"{number} {verb}"
            for number, verb in ((self.moved, "moved"), (self.ended, "ended"), (self.started, "started"))
            if number
        ]
        return f"{counted(self.looked_at, 'open deadline')} looked at: {listed(done) or 'none moved'}."


@transaction.atomic
def save_policy(
    policy: DeadlinePolicy, *, actor: User, moment: datetime.datetime | None = None
) -> Consequences:
    """Save a policy and bring every open deadline of its clock into line with it.

    A change of the duration, the calendar or the steps is reckoned from the start and the pauses that a
    deadline has. A change of what the policy is about is answered from the history of the targets; targets
    that now fall under the clock, and have no deadline of it, get one that counts from now.
    """
    before = DeadlinePolicy.objects.filter(pk=policy.pk).first()
    was_readable = before is not None and rulebook().reads(before.pk)
    policy.save()
    moment = moment or timezone.now()
    changed = _changes(before, policy)
    if not changed:
        return Consequences()
    if changed <= TIMING and was_readable:
        return retime([policy], actor=actor, moment=moment, because=f"a change of “{policy.name}”")
    clock = Deadline.objects.filter(policy__kind=policy.kind, clock=policy.clock)
    because = f"a change of “{policy.name}”"
    return recompute(clock, actor=actor, moment=moment, because=because) + start_missing(
        policy.kind, policy.clock, moment=moment
    )


@transaction.atomic
def retime(
    policies: Iterable[DeadlinePolicy], *, actor: User, moment: datetime.datetime, because: str
) -> Consequences:
    """Reckon the due times of open deadlines anew from the start and the pauses they have."""
    book = rulebook()
    total = Consequences()
    for deadlines in _locked_batches(Deadline.objects.filter(policy__in=list(policies)), book):
        courses = {deadline.pk: course_of(deadline, book) for deadline in deadlines}
        total += _write(deadlines, courses, book, because=because, moment=moment, actor=actor)
    return total


def retime_calendar(
    calendar: Calendar, *, actor: User, moment: datetime.datetime | None = None
) -> Consequences:
    """Bring the open deadlines that count in a calendar into line with it, after it or its days were saved."""
    because = f"a change of the calendar “{calendar.name}”"
    return retime(calendar.policies.all(), actor=actor, moment=moment or timezone.now(), because=because)


@transaction.atomic
def recompute(
    deadlines: models.QuerySet[Deadline],
    *,
    actor: User,
    moment: datetime.datetime | None = None,
    because: str = "a look at what really happened",
) -> Consequences:
    """Bring open deadlines into line with the history of their targets under the policies as they are now.

    Nothing moves when the policies have not changed: the rows say what the history says.
    """
    book = rulebook()
    moment = moment or timezone.now()
    total = Consequences()
    for batch in _locked_batches(deadlines, book):
        courses = recomputed(batch, book)
        total += _write(batch, courses, book, because=because, moment=moment, actor=actor)
    return total


def recomputed(deadlines: Sequence[Deadline], book: Rulebook | None = None) -> Mapping[int, Course | None]:
    """The course that the history of its target gives for each deadline; None when there should be none."""
    book = book or rulebook()
    histories = _histories(deadlines, book)
    answers = _answers(deadlines)
    found: dict[int, Course | None] = {}
    for deadline in deadlines:
        kind = book.by_id[deadline.policy_id].kind
        rules = book.clocks_of(kind).get(deadline.clock, ())
        history = _with_answers(
            histories[kind].get(deadline.object_id, ()),
            answers[deadline.content_type_id, deadline.object_id, deadline.clock],
        )
        courses = replay(rules, history)
        same = [course for course in courses if course.started_at == deadline.started_at]
        if not same:  # it was started later than its policy asks: the policy is younger than that moment
            same = replay(rules, _from(history, deadline.started_at))[:1]
        exact = [course for course in same if course.promised_for == deadline.promised_for]
        found[deadline.pk] = next(reversed(exact or same), None)
    return found


def start_missing(kind: str, clock: str, *, moment: datetime.datetime | None = None) -> Consequences:
    """Start the deadlines of a clock for targets that should have one and have none; they count from now."""
    rules = rulebook().clocks_of(kind).get(clock, ())
    adapter = registry.adapter_for(kind)
    content_type = ContentType.objects.get_for_model(adapter.model)
    moment = moment or timezone.now()
    started = 0
    begins_in = {state for rule in rules if rule.active for state in rule.starts_in}
    for ids in _chunks(sorted(adapter.ids_in(begins_in))):
        known = Deadline.objects.filter(Q(ended_at__isnull=True) | Q(spent=True), clock=clock)
        missing = set(ids) - set(
            known.filter(content_type=content_type, object_id__in=ids).values_list("object_id", flat=True)
        )
        fresh = []
        for target_id, history in adapter.history(missing).items():
            last = next((h for h in reversed(list(history)) if h.state is not None), None)
            _, begun = (
                advance(None, rules, moment, last.state, last.facts) if last and last.state else (None, None)
            )
            if begun is not None:
                deadline = Deadline(content_type=content_type, object_id=target_id, clock=clock)
                deadline.started_at = begun.started_at
                put_course(deadline, begun, done=())
                fresh.append(deadline)
        # Somebody may have moved such a target in the meantime, and the engine started its deadline.
        started += len(Deadline.objects.bulk_create(fresh, ignore_conflicts=True))
    return Consequences(started=started)


def _changes(before: DeadlinePolicy | None, after: DeadlinePolicy) -> set[str]:
    names = [field.attname for field in DeadlinePolicy._meta.concrete_fields]
    if before is None:
        return set(names)
    return {name for name in names if getattr(before, name) != getattr(after, name)}


def _locked_batches(deadlines: models.QuerySet[Deadline], book: Rulebook) -> Iterator[list[Deadline]]:
    # In the order of their keys, so that two of these never wait for each other.
    readable = deadlines.filter(ended_at__isnull=True, policy__in=list(book.by_id))
    pks = list(readable.order_by("pk").values_list("pk", flat=True))
    for chunk in _chunks(pks):
        yield list(Deadline.objects.open().filter(pk__in=chunk).order_by("pk").locked())


def _chunks(items: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _histories(
    deadlines: Iterable[Deadline], book: Rulebook
) -> Mapping[str, Mapping[int, Iterable[Happening]]]:
    ids: dict[str, set[int]] = defaultdict(set)
    for deadline in deadlines:
        ids[book.by_id[deadline.policy_id].kind].add(deadline.object_id)
    return {kind: registry.adapter_for(kind).history(targets) for kind, targets in ids.items()}


def _answers(deadlines: Collection[Deadline]) -> Mapping[tuple[int, int, str], list[datetime.datetime]]:
    """When something other than a state met a clock: only our own rows know."""
    found: dict[tuple[int, int, str], list[datetime.datetime]] = defaultdict(list)
    ids = {deadline.object_id for deadline in deadlines}
    for row in Deadline.objects.filter(ending=Ending.ANSWER, object_id__in=ids):
        if row.ended_at is not None:
            found[row.content_type_id, row.object_id, row.clock].append(row.ended_at)
    return found


def _with_answers(history: Iterable[Happening], answers: Iterable[datetime.datetime]) -> list[Happening]:
    """History and answers in order; an answer in the same microsecond as a change counts after it."""
    met = [Happening(answer, None) for answer in answers]
    return sorted([*history, *met], key=lambda happening: happening.moment)


def _from(history: Sequence[Happening], moment: datetime.datetime) -> list[Happening]:
    """The history from a moment on, beginning with what was the case then."""
    before = [h for h in history if h.moment <= moment and h.state is not None][-1:]
    return [*(replace(h, moment=moment) for h in before), *(h for h in history if h.moment > moment)]


def _write(
    deadlines: Sequence[Deadline],
    courses: Mapping[int, Course | None],
    book: Rulebook,
    *,
    because: str,
    moment: datetime.datetime,
    actor: User,
) -> Consequences:
    moved, ended, changed = 0, 0, []
    entries: list[DeadlineEntry] = []
    for deadline in deadlines:
        before = (deadline.due_at, deadline.state, deadline.next_at, deadline.next_step, deadline.policy_id)
        course = courses[deadline.pk] or course_of(deadline, book).end(
            Status.CANCELLED, moment, Ending.POLICY
        )
        if course.is_open and (course.due_at, course.rule.policy_id) != (deadline.due_at, deadline.policy_id):
            was = book.by_id[deadline.policy_id]
            entries += set_anew(deadline, course, was=was, because=because, moment=moment, actor=actor)
            moved += 1
        else:
            put_course(deadline, course)
        ended += not course.is_open
        after = (deadline.due_at, deadline.state, deadline.next_at, deadline.next_step, deadline.policy_id)
        if before != after:
            changed.append(deadline)
    Deadline.objects.rewrite(changed)
    DeadlineEntry.objects.bulk_create(entries)
    return Consequences(looked_at=len(deadlines), moved=moved, ended=ended)
