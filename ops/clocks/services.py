"""The writers of deadlines: the engine calls `follow` with every change, other rooms call `meet`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ops.clocks import week, words
from ops.clocks.course import Course, Ending, Status, advance
from ops.clocks.explanation import Clock, ordered
from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.policies import Rulebook, is_known_to_have_clocks, rulebook
from ops.clocks.rows import clear_failure, course_of, put_course, set_anew
from ops.people.models import User

HISTORY_AGE = datetime.timedelta(minutes=10)
"""A change said to have happened longer ago is history being loaded: nobody is told of what was due back
then.
"""


@transaction.atomic(savepoint=False)
def follow(
    target: models.Model,
    *,
    kind: str,
    state: str,
    facts: Mapping[str, Any],
    actor: User,
    moment: datetime.datetime,
    is_new: bool = False,
    has_moved: bool = False,
) -> list[Clock]:
    """Start, pause, resume, set anew, meet or cancel the deadlines of a target as its state and facts ask.

    Call it inside the transaction of every creation, edit and transition, with the target locked. A target
    that is new has no deadlines to look for; of one that has moved they most likely change, so that they are
    locked at the first look. In this order: the deadlines of the target with the edition of the policies
    (kept in the process), and only when something changes: the lock on the deadlines concerned, the same
    questions again, one write. Nothing changes: one query, two when there is no deadline, and no write.
    A kind without any policy costs the look at the edition only.
    Returns the open deadlines as they now are, the most pressing first.
    """
    if not is_known_to_have_clocks(kind) and kind not in rulebook().by_kind:
        return []
    current = {} if is_new else _current(target, locked=has_moved)
    book = rulebook(next((deadline.edition for deadline in current.values()), None))
    if kind not in book.by_kind:
        return []
    moves = _moves(book, kind, current, moment, state, facts)
    stale = [current[clock].pk for clock, (before, after, _) in moves.items() if after is not before]
    if stale and not has_moved:
        # The sweep may have had the row between the first look and the lock; what it did is seen here.
        current |= {deadline.clock: deadline for deadline in Deadline.objects.filter(pk__in=stale).locked()}
        moves = _moves(book, kind, current, moment, state, facts)
    changed = [
        _changed(current[clock], before, after, moment=moment, actor=actor)
        for clock, (before, after, _) in moves.items()
        if before is not None and after is not None and after is not before
    ]
    Deadline.objects.rewrite([deadline for deadline, _ in changed])
    DeadlineEntry.objects.bulk_create([entry for _, entries in changed for entry in entries])
    begun = [(_new(target, course, moment), course) for *_, course in moves.values() if course is not None]
    Deadline.objects.bulk_create([deadline for deadline, _ in begun])
    known = [deadline for deadline in current.values() if book.reads(deadline.policy_id)]
    courses = [(deadline, _course_after(deadline, moves, book)) for deadline in known] + begun
    now = timezone.now()
    return ordered([Clock(deadline, course, now) for deadline, course in courses if course.is_open])


def _current(target: models.Model, *, locked: bool) -> dict[str, Deadline]:
    rows = Deadline.objects.of(target).filter(Q(ended_at__isnull=True) | Q(spent=True)).with_edition()
    return {deadline.clock: deadline for deadline in (rows.locked() if locked else rows)}


def _course_after(deadline: Deadline, moves: Mapping[str, Move], book: Rulebook) -> Course:
    """What became of a deadline; one whose clock no policy knows any more stays as it is."""
    after = moves[deadline.clock][1] if deadline.clock in moves else None
    return after or course_of(deadline, book)


Move = tuple[Course | None, Course | None, Course | None]
"""The course as it was, what became of it, and the course that begins."""


def _moves(
    book: Rulebook,
    kind: str,
    current: Mapping[str, Deadline],
    moment: datetime.datetime,
    state: str,
    facts: Mapping[str, Any],
) -> dict[str, Move]:
    moves = {}
    for clock, rules in book.clocks_of(kind).items():
        deadline = current.get(clock)
        if deadline is None or book.reads(deadline.policy_id):
            course = course_of(deadline, book) if deadline else None
            moves[clock] = (course, *advance(course, rules, moment, state, facts))
    return moves


@transaction.atomic(savepoint=False)
def meet(target: models.Model, *, policy: str, moment: datetime.datetime) -> int:
    """Meet the open deadlines of a policy (or of a clock), because something other than a state did so.

    A public answer by staff meets `first-response`. Returns how many were met; none is no error: the first
    answer counts, and the lead may have switched the policy off.
    """
    named = Q(clock=policy) | Q(policy__slug=policy)
    deadlines = list(Deadline.objects.of(target).open().filter(named).locked())
    if deadlines:
        book = rulebook()
        deadlines = [deadline for deadline in deadlines if book.reads(deadline.policy_id)]
        for deadline in deadlines:
            put_course(deadline, course_of(deadline, book).end(Status.MET, moment, Ending.ANSWER))
        Deadline.objects.rewrite(deadlines)
    return len(deadlines)


def _new(target: models.Model, course: Course, moment: datetime.datetime) -> Deadline:
    deadline = Deadline(
        content_type=ContentType.objects.get_for_model(target),
        object_id=target.pk,
        clock=course.rule.clock,
        started_at=course.started_at,
        quiet_until=_quiet_until(moment),
    )
    put_course(deadline, course, done=())
    return deadline


def _changed(
    deadline: Deadline, before: Course, after: Course, *, moment: datetime.datetime, actor: User
) -> tuple[Deadline, list[DeadlineEntry]]:
    """The row as it becomes, and the entries that tell why its due time was set anew, if it was."""
    deadline.quiet_until = _quiet_until(moment) or deadline.quiet_until
    clear_failure(deadline)
    if after.rule is before.rule:
        put_course(deadline, after)
        return deadline, []
    because = f"{_allowed(after)} instead of {_allowed(before)}"
    return deadline, set_anew(deadline, after, was=before.rule, because=because, moment=moment, actor=actor)


def _allowed(course: Course) -> str:
    rule = course.rule
    return words.span(rule.allowance, rule.hours) if rule.allowance else "a date of its own"


def _quiet_until(moment: datetime.datetime) -> datetime.datetime | None:
    now = timezone.now()
    return now if now - moment > HISTORY_AGE else None


def seed_calendars(calendars: type[models.Model]) -> None:
    """Make the calendars `pacific`, `chile` and `always` where they are missing; edited ones stay as they
    are.

    Takes the model, so that a migration can pass its own.
    """
    for slug, values in CALENDARS.items():
        calendars._default_manager.get_or_create(slug=slug, defaults=values)


def seed_policies(
    rows: Sequence[Mapping[str, Any]], *, policies: type[models.Model], calendars: type[models.Model]
) -> None:
    """Make the policies of a process where they are missing; `calendar` is given by its slug. Edited ones
    stay.
    """
    for row in rows:
        values = {**row, "calendar": calendars._default_manager.get(slug=row["calendar"])}
        slug = values.pop("slug")
        values["clock"] = values.get("clock") or slug
        policies._default_manager.get_or_create(slug=slug, defaults=values)


_OFFICE_HOURS = {day: ["09:00-17:00"] for day in week.DAYS[:5]}
CALENDARS: Mapping[str, Mapping[str, Any]] = {
    "pacific": {
        "name": "Pacific",
        "time_zone": "America/Los_Angeles",
        "weekly_hours": _OFFICE_HOURS,
        "country": "US",
        "subdivision": "CA",
    },
    "chile": {
        "name": "Chile",
        "time_zone": "America/Santiago",
        "weekly_hours": _OFFICE_HOURS,
        "country": "CL",
        "subdivision": "CO",
    },
    "always": {
        "name": "Round the clock",
        "time_zone": "UTC",
        "weekly_hours": {day: ["00:00-24:00"] for day in week.DAYS},
    },
}
