"""What a deadline does and when: warn, run out or act, escalate. Pure: read off its course."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ops.clocks.course import NOTHING, Course, Status

DUE = "due"


class Deed(StrEnum):
    """What a step does."""

    WARN = "warn"
    BREACH = "breach"
    ACT = "act"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a deadline does at one moment. `name` identifies it within the deadline's round."""

    name: str
    deed: Deed
    at: datetime
    audience: str = ""


def steps(course: Course) -> list[Step]:
    """Everything a running deadline does, in order; nothing for one that is paused or over."""
    due = course.due_at
    if course.status is not Status.RUNNING or due is None:
        return []
    found = [*_warnings(course, due), Step(DUE, Deed.ACT if course.rule.action else Deed.BREACH, due)]
    total = course.total
    for escalation in course.rule.escalations:
        at = course.reach(total + course.rule.hours.length(escalation.after, due)) or due
        name = f"escalate {escalation.after} {escalation.to}"
        found.append(Step(name, Deed.ESCALATE, max(at, due), escalation.to))
    return sorted(found, key=lambda step: (step.at, _ORDER[step.deed]))


_ORDER = {Deed.WARN: 0, Deed.BREACH: 1, Deed.ACT: 1, Deed.ESCALATE: 2}


def _warnings(course: Course, due: datetime) -> list[Step]:
    found = []
    total = course.total
    for warning in course.rule.warnings:
        if warning.before is not None:
            position = total - course.rule.hours.length_before(warning.before, due)
        else:
            position = total * warning.percent / 100
        at = course.reach(position) if position > NOTHING else None
        if at is not None and at < due:
            found.append(Step(f"warn {warning}", Deed.WARN, at))
    return found


def next_step(plan: Sequence[Step], done: Collection[str]) -> Step | None:
    """The first step of a plan that is not behind the deadline yet."""
    return next((step for step in plan if step.name not in done), None)


def due_steps(
    plan: Sequence[Step], done: Collection[str], moment: datetime
) -> tuple[Sequence[Step], Sequence[Step]]:
    """(steps to do now, steps to pass over): of several warnings at once only the last is worth a message, and
    none when the time has already run out."""
    pending = [step for step in plan if step.at <= moment and step.name not in done]
    warnings = [step for step in pending if step.deed is Deed.WARN]
    over = warnings[:-1] if len(warnings) == len(pending) else warnings
    return [step for step in pending if step not in over], over


def carried_over(course: Course, done: Collection[str], moment: datetime) -> list[str]:
    """The steps that a deadline set anew at `moment` has behind it: warnings whose time has passed, and
    what was done under the earlier due time and would come before this moment again."""
    return [
        step.name
        for step in steps(course)
        if step.at <= moment and (step.deed is Deed.WARN or step.name in done)
    ]
