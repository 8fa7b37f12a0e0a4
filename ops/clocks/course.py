"""The course of a deadline: how it starts, pauses, resumes and ends as its target moves. Pure, no database.

`advance` is the only place that knows the rules. Following a target live and recomputing a deadline from
the history of its target both fold this function over what happened, and so cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from ops.clocks.arithmetic import WorkingTime
from ops.clocks.spans import Escalation, Span, WarningPoint

NOTHING = timedelta(0)


class Status(StrEnum):
    """Where a deadline stands. An open deadline past its due time is `running` and breached."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.RUNNING, Status.PAUSED})


class Ending(StrEnum):
    """Why a deadline ended."""

    NOT_YET = ""
    STATE = "state"
    """The target reached a state that meets or cancels it."""
    ANSWER = "answer"
    """Something other than a state met it."""
    REPLACED = "replaced"
    """The date it waited for was changed: a new deadline took its place."""
    CONDITION = "condition"
    """No policy of its clock applies any more."""
    POLICY = "policy"
    """Its policy was switched off, or no longer asks for it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A deadline policy, read and ready to reckon with.

    Policies of one `clock` are alternatives: the first that applies counts (resolution in two weeks, or in
    three months). Exactly one of `allowance` and `due_from` is set.
    """

    policy_id: int
    kind: str
    slug: str
    name: str
    clock: str
    condition: Mapping[str, Collection[Any]]
    starts_in: frozenset[str]
    pauses_in: frozenset[str]
    met_in: frozenset[str]
    cancelled_in: frozenset[str]
    allowance: Span | None
    due_from: str
    hours: WorkingTime = field(repr=False)
    calendar: str = ""
    warnings: tuple[WarningPoint, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    action: str = ""
    active: bool = True

    def applies(self, facts: Mapping[str, Any]) -> bool:
        """Whether the policy is in force for a target with these facts."""
        if not self.active or (self.due_from and facts.get(self.due_from) is None):
            return False
        return all(facts.get(name) in allowed for name, allowed in self.condition.items())

    def promise(self, facts: Mapping[str, Any]) -> datetime | None:
        """The instant that the target itself names as due, for a policy that takes it from a field."""
        return facts.get(self.due_from) if self.due_from else None


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch during which the clock stood still, and the state that stopped it."""

    since: datetime
    until: datetime | None
    state: str


@dataclass(frozen=True)
class Course:
    """One deadline from its start to now; what follows from its dates is reckoned once.

    `spent` marks a deadline that was met by something other than a state, while its target still is where the
    deadline would start: it does not start again before the target has left, or has named another date.
    """

    rule: Rule
    started_at: datetime
    promised_for: datetime | None = None
    status: Status = Status.RUNNING
    pauses: tuple[Pause, ...] = ()
    ended_at: datetime | None = None
    ending: Ending = Ending.NOT_YET
    spent: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def was_late(self) -> bool:
        """Whether it was met after its time was used up."""
        due = self.due_at
        return (
            self.status is Status.MET
            and due is not None
            and self.ended_at is not None
            and due < self.ended_at
        )

    @cached_property
    def total(self) -> timedelta:
        """The working time allowed."""
        if self.rule.allowance is not None:
            return self.rule.hours.length(self.rule.allowance, self.started_at)
        return max(self.rule.hours.measure(self.started_at, self.promised_for or self.started_at), NOTHING)

    @cached_property
    def due_at(self) -> datetime | None:
        """When the allowed time is used up; None while the clock stands still with time left."""
        if self.promised_for is not None and not self.pauses:
            return self.promised_for
        due = self.reach(self.total)
        if due is None or self.promised_for is None:
            return due
        return max(due, self.promised_for)

    def reach(self, amount: timedelta) -> datetime | None:
        """The instant by which that much working time was, or will be, used; None while the clock stands
        still.
        """
        for start, end in self._stretches():
            if end is None:
                return self.rule.hours.add(start, amount)
            used = self.rule.hours.measure(start, end)
            if amount <= used:
                return self.rule.hours.add(start, amount)
            amount -= used
        return None

    def used(self, moment: datetime) -> timedelta:
        """The working time used up by that moment, without the pauses."""
        stretches = ((start, moment if end is None else min(end, moment)) for start, end in self._stretches())
        return sum((self.rule.hours.measure(start, end) for start, end in stretches if start < end), NOTHING)

    def left(self, moment: datetime) -> timedelta:
        """The working time left at that moment; negative when overdue."""
        return self.total - self.used(moment)

    def paused_for(self, moment: datetime) -> timedelta:
        """How long the clock stood still, by the wall clock."""
        return sum(((pause.until or moment) - pause.since for pause in self.pauses), NOTHING)

    def _stretches(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The stretches in which the clock ran; the last one is open-ended unless it stands still now."""
        start = self.started_at
        for pause in self.pauses:
            yield start, pause.since
            if pause.until is None:
                return
            start = pause.until
        yield start, None

    def pause(self, moment: datetime, state: str) -> Course:
        since = max(moment, self._last_change)
        return replace(self, status=Status.PAUSED, pauses=(*self.pauses, Pause(since, None, state)))

    def resume(self, moment: datetime) -> Course:
        return replace(self, status=Status.RUNNING, pauses=self._pauses_closed(moment))

    def end(self, status: Status, moment: datetime, ending: Ending) -> Course:
        """The course ended. Only an answer leaves it spent: the target has not moved."""
        return replace(
            self,
            status=status,
            pauses=self._pauses_closed(moment),
            ended_at=max(moment, self.started_at),
            ending=ending,
            spent=ending is Ending.ANSWER,
        )

    def _pauses_closed(self, moment: datetime) -> tuple[Pause, ...]:
        if not self.pauses or self.pauses[-1].until is not None:
            return self.pauses
        last = self.pauses[-1]
        return (*self.pauses[:-1], replace(last, until=max(moment, last.since)))

    @property
    def _last_change(self) -> datetime:
        """Machines disagree about the time by milliseconds; what happens next is never earlier than what
        happened.
        """
        return (self.pauses[-1].until or self.pauses[-1].since) if self.pauses else self.started_at


def advance(
    course: Course | None, rules: Sequence[Rule], moment: datetime, state: str, facts: Mapping[str, Any]
) -> tuple[Course | None, Course | None]:
    """What becomes of a clock when its target is found in `state` with `facts`.

    `course` is the deadline of this clock that is open or spent, if any; `rules` are the policies of the
    clock in order of precedence. Returns (what became of the given course, the course that begins now);
    either may be None, and the first is the very same object when nothing changes.
    """
    rule = next((candidate for candidate in rules if candidate.applies(facts)), None)
    if course is None:
        return None, _begin(rule, moment, state, facts)
    if not course.is_open:
        if not course.spent or _holds(course, state, facts):
            return course, None
        return replace(course, spent=False), _begin(rule, moment, state, facts)
    judge = rule or course.rule
    if state in judge.met_in:
        return course.end(Status.MET, moment, Ending.STATE), None
    if state in judge.cancelled_in:
        return course.end(Status.CANCELLED, moment, Ending.STATE), None
    if rule is None:
        ending = Ending.CONDITION if course.rule.active else Ending.POLICY
        return course.end(Status.CANCELLED, moment, ending), None
    promise = rule.promise(facts)
    if promise != course.promised_for and course.rule.due_from:
        successor = _paused_or_running(Course(rule, moment, promise), moment, state)
        return course.end(Status.CANCELLED, moment, Ending.REPLACED), successor
    if rule != course.rule or promise != course.promised_for:
        course = replace(course, rule=rule, promised_for=promise)
    return _paused_or_running(course, moment, state), None


def _begin(rule: Rule | None, moment: datetime, state: str, facts: Mapping[str, Any]) -> Course | None:
    if rule is None or state not in rule.starts_in:
        return None
    return Course(rule, moment, rule.promise(facts))


def _holds(course: Course, state: str, facts: Mapping[str, Any]) -> bool:
    """Whether a spent deadline keeps its clock from starting again."""
    rule = course.rule
    if rule.due_from:
        return rule.promise(facts) == course.promised_for
    return state in rule.starts_in or state in rule.pauses_in


def _paused_or_running(course: Course, moment: datetime, state: str) -> Course:
    pauses = state in course.rule.pauses_in
    if pauses and course.status is Status.RUNNING:
        return course.pause(moment, state)
    if not pauses and course.status is Status.PAUSED:
        return course.resume(moment)
    return course


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a clock looks at: the target found in a state with facts, or an answer (no state)."""

    moment: datetime
    state: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)


def replay(rules: Sequence[Rule], history: Iterable[Happening]) -> list[Course]:
    """Every deadline that one clock had over a history, in order; only the last can be open."""
    courses: list[Course] = []
    for happening in history:
        current = courses[-1] if courses and (courses[-1].is_open or courses[-1].spent) else None
        if happening.state is None:
            if current is not None and current.is_open:
                courses[-1] = current.end(Status.MET, happening.moment, Ending.ANSWER)
            continue
        changed, begun = advance(current, rules, happening.moment, happening.state, happening.facts)
        if changed is not None:
            courses[-1] = changed
        if begun is not None:
            courses.append(begun)
    return courses
