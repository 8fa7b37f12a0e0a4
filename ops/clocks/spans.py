"""Lengths of time as people write them in a policy: `24 hours`, `2 working days` (stored as `2 days`), `3
months`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a length is counted in.

    Minutes, hours and days are amounts of working time: a day is what the calendar works on one of its
    days, so two days begun on Friday noon end on Tuesday noon. Weeks, months and years run on the wall
    calendar: two weeks begun on a Tuesday end on a Tuesday, holidays or not.
    """

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


_WRITTEN = re.compile(r"\s*(\d{1,5})\s*(minute|hour|day|week|month|year)s?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A whole number of one unit. Never negative."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read `24 hours`, `1 day`, `3 months`. Raises ValueError with a sentence for the person who typed
        it.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(
                f"“{text}” is not a length of time; write for example “24 hours”, “2 days” or “3 months”."
            )
        return cls(int(found[1]), Unit(found[2].lower()))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}" if self.amount == 1 else f"{self.amount} {self.unit}s"


@dataclass(frozen=True, slots=True)
class WarningPoint:
    """When to warn: after a share of the time (`80 %`) or a length before the end (`14 days before`)."""

    percent: int = 0
    before: Span | None = None

    @classmethod
    def parse(cls, text: str) -> WarningPoint:
        """Read `50 %` or `14 days before`. Raises ValueError with a sentence for the person who typed it."""
        share = re.fullmatch(r"\s*(\d{1,3})\s*%\s*", text)
        if share and 1 <= int(share[1]) <= 99:
            return cls(percent=int(share[1]))
        lead = re.fullmatch(r"(.+?)\s*before\s*", text, re.IGNORECASE)
        if lead:
            span = Span.parse(lead[1])
            if span.amount:
                return cls(before=span)
        raise ValueError(
            f"“{text}” is not a warning; write a share from 1 % to 99 %, or for example “14 days before”."
        )

    def __str__(self) -> str:
        return f"{self.percent} %" if self.before is None else f"{self.before} before"


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom to tell, and how long after the deadline has passed."""

    after: Span
    to: str

    @classmethod
    def read(cls, stored: object) -> Escalation:
        """Read `{"after": "1 day", "to": "lead"}`. Raises ValueError with a sentence."""
        if (
            not isinstance(stored, dict)
            or set(stored) != {"after", "to"}
            or not all(isinstance(part, str) for part in stored.values())
        ):
            raise ValueError("An escalation step says after how long and to whom, for example “1 day: lead”.")
        if not stored["to"].strip():
            raise ValueError("An escalation step needs somebody to tell.")
        return cls(Span.parse(stored["after"]), stored["to"].strip())

    def __str__(self) -> str:
        return f"{self.after}: {self.to}"
