"""An award period is counted in quarters of three months, each a share of what is on offer."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass

MONTHS = 3
MOST = 12
"""Three years: no call awards for longer."""


@dataclass(frozen=True)
class Quarter:
    """One quarter of an award period, counted from one."""

    number: int
    starts_on: datetime.date
    ends_on: datetime.date

    def __str__(self) -> str:
        if self.starts_on.day == 1 and (self.ends_on + datetime.timedelta(days=1)).day == 1:
            return f"{self.starts_on:%b} to {self.ends_on:%b %Y}"
        return f"{self.starts_on:%-d %b} to {self.ends_on:%-d %b %Y}"


def quarters_between(starts_on: datetime.date, ends_on: datetime.date) -> list[Quarter]:
    """Return the quarters of a period, the last one perhaps shorter; none for a period that ends before it starts."""
    found: list[Quarter] = []
    begins = starts_on
    while begins <= ends_on and len(found) < MOST:
        following = later(starts_on, MONTHS * (len(found) + 1))
        found.append(Quarter(len(found) + 1, begins, min(following - datetime.timedelta(days=1), ends_on)))
        begins = following
    return found


def later(day: datetime.date, months: int) -> datetime.date:
    """Return the same day some months later, or the last day of a month that has no such day."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
