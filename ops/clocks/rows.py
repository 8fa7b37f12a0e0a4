"""Between a course and the row that keeps it. Nothing here saves anything."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from ops.clocks import schedule
from ops.clocks.course import Course, Ending, Rule, Status
from ops.clocks.models import Deadline, DeadlineEntry, write_pauses
from ops.clocks.policies import Rulebook
from ops.people.models import User


def course_of(deadline: Deadline, book: Rulebook) -> Course:
    """The course of a deadline as its row tells it. Raises `LookupError` where its policy cannot be read."""
    if not book.reads(deadline.policy_id):
        raise LookupError(f"The policy of deadline {deadline.pk} cannot be read; see manage.py check.")
    return Course(
        rule=book.by_id[deadline.policy_id],
        started_at=deadline.started_at,
        promised_for=deadline.promised_for,
        status=Status(deadline.state),
        pauses=deadline.read_pauses(),
        ended_at=deadline.ended_at,
        ending=Ending(deadline.ending),
        spent=deadline.spent,
    )


def put_course(deadline: Deadline, course: Course, *, done: Iterable[str] | None = None) -> None:
    """Put a course into its row, with what follows from it: when it is due, and what it does next and when.

    `done` are the steps behind it; those of a row read with `locked()` unless given.
    """
    deadline.policy_id = course.rule.policy_id
    deadline.state = course.status.value
    deadline.promised_for = course.promised_for
    deadline.pauses = write_pauses(course.pauses)
    deadline.ended_at = course.ended_at
    deadline.ending = course.ending.value
    deadline.spent = course.spent
    deadline.due_at = course.due_at
    if course.was_late:
        deadline.breached_at = deadline.breached_at or deadline.due_at
    step = schedule.next_step(schedule.steps(course), set(deadline.done if done is None else done))
    deadline.next_step, deadline.next_at = (step.name, step.at) if step else ("", None)


def clear_failure(deadline: Deadline) -> None:
    """Forget what went wrong before: this time it went well."""
    deadline.failures, deadline.failure = 0, ""


def set_anew(
    deadline: Deadline, course: Course, *, was: Rule, because: str, moment: datetime.datetime, actor: User
) -> list[DeadlineEntry]:
    """Put a course with another due time into its row, and return the entries that say so, to be saved with
    it.

    A new round begins, in which steps that now lie ahead may be done again: a deadline that was warned of
    and then moved by a month is worth another warning. What would come before this moment is not repeated.
    """
    before = deadline.due_at
    deadline.round += 1
    behind = schedule.carried_over(course, deadline.done, moment)
    put_course(deadline, course, done=behind)
    if deadline.is_open and (course.due_at is None or course.due_at > moment):
        deadline.breached_at = None
    common = {"deadline": deadline, "round": deadline.round, "at": moment, "actor": actor}
    detail = {
        "because": because,
        "was_policy": was.slug,
        "policy": course.rule.slug,
        "was_due": before.isoformat() if before else None,
        "due": course.due_at.isoformat() if course.due_at else None,
    }
    retimed = DeadlineEntry(what=DeadlineEntry.What.RETIMED, detail=detail, **common)
    passed = [DeadlineEntry(what=DeadlineEntry.What.PASSED, step=step, **common) for step in behind]
    return [retimed, *passed]
