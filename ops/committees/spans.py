"""Arithmetic with days and months of terms; days are counted in UTC."""

from __future__ import annotations

import calendar
import datetime


def after_months(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later month; where that month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def at_midnight(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day."""
    return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)


def days_in(first: datetime.date, last: datetime.date) -> int:
    """Return how many days there are from a first day to a last one, both counted."""
    return (last - first).days + 1
