"""Semesters, by which hours are counted and reports are named: 2026A is January to June, 2026B July to December."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from django.utils import timezone

from ops.workflow.errors import BadQuery

_NAME = re.compile(r"([0-9]{4})([AB])")
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, order=True)
class Semester:
    """Half a year."""

    year: int
    half: str

    def __str__(self) -> str:
        return f"{self.year}{self.half}"

    @property
    def first_day(self) -> datetime.date:
        """Its first day."""
        return datetime.date(self.year, 1 if self.half == "A" else 7, 1)

    @property
    def last_day(self) -> datetime.date:
        """Its last day."""
        return self.next.first_day - DAY

    @property
    def next(self) -> Semester:
        """The one after it."""
        return Semester(self.year, "B") if self.half == "A" else Semester(self.year + 1, "A")

    @property
    def previous(self) -> Semester:
        """The one before it."""
        return Semester(self.year, "A") if self.half == "B" else Semester(self.year - 1, "B")


def semester_of(day: datetime.date) -> Semester:
    """Return the semester in which a day lies."""
    return Semester(day.year, "A" if day.month <= 6 else "B")


def semester_named(name: str) -> Semester | None:
    """Return the semester of a name such as `2026A`; None for anything else, and outside 1990 to 2099."""
    found = _NAME.fullmatch(name)
    if found is None or not 1990 <= int(found[1]) < 2100:
        return None
    return Semester(int(found[1]), found[2])


def semester_asked(name: str) -> Semester:
    """Return the semester that an address asks for, the present one where it names none. Raises `BadQuery`."""
    if not name:
        return semester_of(timezone.localdate(timezone=datetime.UTC))
    found = semester_named(name)
    if found is None:
        raise BadQuery("“semester” is one like 2026A.")
    return found
