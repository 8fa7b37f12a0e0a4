"""What a deadline says about itself, in words that any page, mail or API can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from ops.clocks import registry, schedule, words
from ops.clocks.course import NOTHING, Course, Ending, Pause, Status
from ops.clocks.models import Deadline, DeadlineEntry
from ops.clocks.registry import Adapter

SOON = 0.8
"""The share of the time after which a deadline without warnings is soon."""


class Look(StrEnum):
    """How a deadline looks from afar."""

    COUNTING = "counting"
    SOON = "soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation; `moment` is what a page shows in its reader's zone."""

    moment: datetime
    words: str


@dataclass(frozen=True)
class Clock:
    """A deadline as people see it at one moment."""

    deadline: Deadline
    course: Course
    moment: datetime

    @property
    def name(self) -> str:
        """What has to be done: the name of its policy."""
        return self.course.rule.name

    @cached_property
    def due_at(self) -> datetime | None:
        """When it is due; None while it is paused with time left."""
        return self.course.due_at

    @cached_property
    def look(self) -> Look:
        """How it looks from afar."""
        if self.course.status is Status.PAUSED:
            return Look.PAUSED
        if self.course.status is not Status.RUNNING:
            return Look(self.course.status.value)
        due = self.course.due_at
        if due is None or due <= self.moment:
            return Look.OVERDUE
        warnings = [step for step in schedule.steps(self.course) if step.deed is schedule.Deed.WARN]
        if warnings:
            return Look.SOON if warnings[0].at <= self.moment else Look.COUNTING
        return Look.SOON if self.course.used(self.moment) >= self.course.total * SOON else Look.COUNTING

    @cached_property
    def words(self) -> str:
        """How it stands in a few words: “2 working days left”, “5 hours overdue”, “met 3 hours late”."""
        hours, course = self.course.rule.hours, self.course
        if course.ended_at is not None:
            late = course.left(course.ended_at)
            if course.status is Status.CANCELLED:
                return "cancelled"
            return f"met {words.amount(late, hours)} late" if late < NOTHING else "met"
        left = course.left(self.moment)
        time = words.amount(left, hours)
        if course.status is Status.PAUSED:
            return f"paused, {time} left" if left > NOTHING else f"paused, {time} overdue"
        if self.look is Look.OVERDUE and course.due_at is not None and left >= NOTHING:
            return f"{words.lapse(self.moment - course.due_at)} overdue"
        return f"{time} overdue" if self.look is Look.OVERDUE else f"{time} left"

    @property
    def due_words(self) -> str:
        """When it is due as those who count in its calendar say it: “Tuesday 3 March 2026, 14:00 Pacific”."""
        rule = self.course.rule
        return words.moment(self.course.due_at, rule.hours, rule.calendar) if self.course.due_at else ""

    @property
    def lines(self) -> list[Line]:
        """The whole of it, line by line, oldest first."""
        return explain(self.deadline, self.course, self.moment)


def explain(deadline: Deadline, course: Course, moment: datetime) -> list[Line]:
    """Why a deadline is what it is: started, paused, set anew, warned, due, met."""
    adapter = registry.kinds().get(course.rule.kind)
    lines = [Line(course.started_at, f"Started: {_promise(course)}.")]
    lines += [Line(pause.since, _pause(pause, course, adapter, moment)) for pause in course.pauses]
    lines += _entries(deadline.entries.all(), course, adapter)
    if course.due_at is not None and course.status is not Status.CANCELLED:
        lines.append(Line(course.due_at, f"{_due_verb(course, moment)} {_moment(course.due_at, course)}."))
    if course.ended_at is not None:
        lines.append(Line(course.ended_at, _ending(course)))
    return sorted(lines, key=lambda line: line.moment)


def _promise(course: Course) -> str:
    rule = course.rule
    if course.promised_for is not None:
        return f"promised for {_moment(course.promised_for, course)}"
    counted = words.counted_in(rule.hours, rule.calendar)
    return f"{words.span(rule.allowance, rule.hours)}, counted {counted}" if rule.allowance else counted


def _moment(at: datetime, course: Course) -> str:
    return words.moment(at, course.rule.hours, course.rule.calendar)


def _pause(pause: Pause, course: Course, adapter: Adapter | None, moment: datetime) -> str:
    state = words.inside(adapter.states.get(pause.state, pause.state) if adapter else pause.state)
    if pause.until is None:
        left = words.amount(course.left(moment), course.rule.hours)
        return f"Paused while {state}, with {left} left."
    length = words.lapse(pause.until - pause.since)
    counted = course.rule.hours.measure(pause.since, pause.until)
    if course.rule.hours.never_rests:
        return f"Paused {length} while {state}."
    given_back = words.amount(counted, course.rule.hours) if counted else "no working time"
    return f"Paused {length} while {state}: {given_back}."


def _due_verb(course: Course, moment: datetime) -> str:
    return "Due" if course.is_open and course.due_at is not None and course.due_at > moment else "Was due"


def _ending(course: Course) -> str:
    if course.status is Status.MET:
        left = course.left(course.ended_at or course.started_at)
        time = words.amount(left, course.rule.hours)
        return f"Met {time} late." if left < NOTHING else f"Met with {time} left." if left else "Met."
    return {
        Ending.REPLACED: "Replaced: another date was named.",
        Ending.CONDITION: "Cancelled: it no longer applies.",
        Ending.POLICY: "Cancelled: its policy was changed.",
    }.get(course.ending, "Cancelled.")


def _entries(entries: Iterable[DeadlineEntry], course: Course, adapter: Adapter | None) -> Iterator[Line]:
    What = DeadlineEntry.What  # noqa: N806
    for entry in entries:
        match entry.what:
            case What.WARNED:
                share = entry.step.removeprefix("warn ")
                yield Line(entry.at, f"Warned those who hold it ({share}).")
            case What.BREACHED:
                yield Line(entry.at, "Told those who hold it that it has run out.")
            case What.ESCALATED:
                name = str(entry.detail.get("audience", ""))
                audience = adapter.audiences.get(name, name) if adapter else name
                yield Line(entry.at, f"Told {audience}.")
            case What.ACTED:
                name = str(entry.detail.get("action", ""))
                action = adapter.actions.get(name, name) if adapter else name
                yield Line(entry.at, f"The desk acted by itself: {action}.")
            case What.RETIMED:
                yield Line(entry.at, _retimed(entry.detail, course))


def _retimed(detail: Mapping[str, object], course: Course) -> str:
    was, due = (
        _moment(datetime.fromisoformat(str(detail[name])), course) if detail.get(name) else "not yet due"
        for name in ("was_due", "due")
    )
    return f"Set anew ({detail['because']}): {was} became {due}."


def ordered(clocks: Sequence[Clock]) -> list[Clock]:
    """The clocks that press most first; what stands still last."""
    return sorted(clocks, key=lambda clock: (clock.due_at is None, clock.due_at or clock.course.started_at))
