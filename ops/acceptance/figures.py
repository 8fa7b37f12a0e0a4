"""What the dashboard and the report count, as pure functions of attempts and verdicts."""

from __future__ import annotations

import datetime
import enum
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from ops.acceptance.verdicts import NOT_RUN, PASSED, worst

VERDICT_WORDS: Mapping[str, str] = {
    "passed": "Passed",
    "passed_with_deviation": "Passed with deviation",
    "initial_pass": "Initial pass",
    "failed": "Failed",
    "blocked": "Blocked",
    "waived": "Waived",
    NOT_RUN: "Not run",
}
"""The verdicts in the order in which tables show them."""


@dataclass(frozen=True)
class Line:
    """How much of something has which verdict."""

    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """How much of it has a verdict."""
        return self.total - self.counts.get(NOT_RUN, 0)

    @property
    def passed(self) -> int:
        """How much of it counts as passed."""
        return sum(self.counts.get(verdict, 0) for verdict in PASSED)

    @property
    def in_order(self) -> list[tuple[str, str, int]]:
        """Each verdict with its words and its number, in the order of tables."""
        return [(verdict, words, self.counts.get(verdict, 0)) for verdict, words in VERDICT_WORDS.items()]

    @property
    def seen(self) -> list[tuple[str, str, int]]:
        """Those of them that occur."""
        return [each for each in self.in_order if each[2]]


def line(name: str, verdicts: Iterable[str]) -> Line:
    """Count some verdicts."""
    return Line(name, Counter(verdicts))


def lines(verdicts: Iterable[tuple[str, str]]) -> list[Line]:
    """Count pairs of a name and a verdict, one line for each name, in the order of their first appearance."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, verdict in verdicts:
        found[name].append(verdict)
    return [line(name, of_it) for name, of_it in found.items()]


@dataclass(frozen=True)
class Day:
    """How far things were at the end of a day."""

    date: datetime.date
    ended: int
    passed: int


def burn_up(endings: Iterable[tuple[datetime.date, Hashable, str]]) -> list[Day]:
    """Return, day by day, how many cells had a verdict and how many counted as passed.

    `endings` are the day, the cell and the verdict that it had from then on, oldest first. Days on which
    nothing ended repeat the one before, so that the slope can be read; a cell that is tested again may fall back.
    """
    now: dict[Hashable, str] = {}
    passed = 0
    known: dict[datetime.date, Day] = {}
    for date, cell, verdict in endings:
        passed += (verdict in PASSED) - (now.get(cell) in PASSED)
        now[cell] = verdict
        known[date] = Day(date, len(now), passed)
    return _every_day(known)


def _every_day(known: Mapping[datetime.date, Day]) -> list[Day]:
    if not known:
        return []
    first, last = min(known), max(known)
    days: list[Day] = []
    for offset in range((last - first).days + 1):
        date = first + datetime.timedelta(days=offset)
        days.append(known.get(date) or Day(date, days[-1].ended, days[-1].passed))
    return days


class Change(enum.Enum):
    """How a case stands against the campaign before; the words are those of the page."""

    BROKEN = "Worse than last time"
    MENDED = "Better than last time"
    SAME = "As last time"
    NEW = "Not in the last campaign"
    GONE = "Only in the last campaign"


@dataclass(frozen=True)
class Compared:
    """One case in two campaigns."""

    case: str
    before: str | None
    now: str | None

    @property
    def before_words(self) -> str:
        """The verdict of the campaign before, in words."""
        return VERDICT_WORDS[self.before] if self.before else "none"

    @property
    def now_words(self) -> str:
        """The verdict of this one, in words."""
        return VERDICT_WORDS[self.now] if self.now else "none"

    @property
    def change(self) -> Change:
        """How it changed; a case that was not run yet is no better and no worse."""
        if self.before is None:
            return Change.NEW
        if self.now is None:
            return Change.GONE
        if NOT_RUN in (self.before, self.now) or self.before == self.now:
            return Change.SAME
        return Change.BROKEN if worst((self.before, self.now)) == self.now else Change.MENDED


def compared(before: Mapping[str, str], now: Mapping[str, str]) -> list[Compared]:
    """Compare the verdicts of cases by their identifiers: what became worse first, then in the order of the cases."""
    names = dict.fromkeys([*now, *before])
    found = [Compared(name, before.get(name), now.get(name)) for name in names]
    order = list(Change)
    return sorted(found, key=lambda each: order.index(each.change))
