"""What the dashboard of a campaign is made of, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from ops.acceptance.figures import Line
from ops.tickets.models import Ticket


@dataclass(frozen=True)
class Segment:
    """A part of a bar: from where, how wide, in hundredths, and what it stands for."""

    verdict: str
    words: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """A line of figures as a bar of one length; `url` is where what it counts is listed."""

    line: Line
    url: str = ""

    @property
    def segments(self) -> list[Segment]:
        """Its parts from left to right."""
        found, start = [], 0.0
        for verdict, words, count in self.line.seen:
            width = 100 * count / self.line.total
            found.append(Segment(verdict, words, count, round(start, 2), round(width, 2)))
            start += width
        return found

    @property
    def words(self) -> str:
        """The same in words, for whoever does not see the bar."""
        return ", ".join(f"{count} {words.lower()}" for _, words, count in self.line.seen)


@dataclass(frozen=True)
class Mark:
    """The verdict of one cell."""

    environment: str
    verdict: str
    words: str
    attempts: int


@dataclass(frozen=True)
class CaseRow:
    """One case across the environments."""

    identifier: str
    title: str
    is_critical: bool
    verdict: str
    words: str
    marks: Sequence[Mark]
    is_disputed: bool
    url: str


@dataclass(frozen=True)
class DefectRow:
    """One issue that the tests have found, and where it stands now."""

    ticket: Ticket
    cases: Sequence[str]


@dataclass(frozen=True)
class Dispute:
    """Testers who do not agree about one case in one environment."""

    case: str
    environment: str
    outcomes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Severity:
    """How many issues of one severity are open."""

    value: str
    words: str
    open: int
    settled: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.settled


@dataclass(frozen=True)
class Ready:
    """A failed attempt of which every issue is settled: it can be tried again."""

    execution: int
    case: str
    environment: str
    tester: str
    keys: Sequence[str] = field(default_factory=tuple)

    @property
    def again_url(self) -> str:
        """Where it is given out again."""
        return reverse("try-again", args=[self.execution])
