"""Lengths of time, moments and lists as people say them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from ops.clocks.arithmetic import WorkingTime
from ops.clocks.spans import Span, Unit

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def amount(length: timedelta, hours: WorkingTime) -> str:
    """An amount of working time: “5 working hours”, “2 days 3 hours” where no minute is free."""
    kind = "" if hours.never_rests else "working "
    return _in_units(length, hours.day_length, kind)


def lapse(length: timedelta) -> str:
    """An amount of time on the wall: “3 hours”, “2 days 4 hours”."""
    return _in_units(length, _DAY, "")


def _in_units(length: timedelta, day: timedelta, kind: str) -> str:
    length = abs(length)
    if length < _MINUTE:
        return "less than a minute"
    if length < _HOUR:
        return counted(length // _MINUTE, "minute")
    if length < day:
        whole, rest = divmod(length, _HOUR)
        minutes = rest // _MINUTE if whole < 3 else 0
        return _two_parts(counted(whole, f"{kind}hour"), counted(minutes, "minute") if minutes else "")
    whole, rest = divmod(length, day)
    left = rest // _HOUR if whole < 3 else 0
    return _two_parts(counted(whole, f"{kind}day"), counted(left, "hour") if left else "")


def _two_parts(large: str, small: str) -> str:
    return f"{large} {small}" if small else large


def counted(number: int, noun: str) -> str:
    """One day, two days: `1 day`, `2 days`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def span(length: Span, hours: WorkingTime) -> str:
    """A length as a policy gives it; hours and days of a calendar that rests are working ones."""
    if hours.never_rests or length.unit not in (Unit.HOUR, Unit.DAY):
        return str(length)
    return counted(length.amount, f"working {length.unit}")


def moment(at: datetime, hours: WorkingTime, calendar: str) -> str:
    """A moment as those who work by this calendar say it: “Tuesday 3 March 2026, 14:00 Pacific”."""
    here = at.astimezone(hours.zone)
    zone = f"{here:%Z}" if hours.never_rests else calendar
    return f"{here:%A} {here.day} {here:%B} {here.year}, {here:%H:%M} {zone}"


def counted_in(hours: WorkingTime, calendar: str) -> str:
    """Which time counts: “round the clock”, “in Pacific hours”."""
    return "round the clock" if hours.never_rests else f"in {calendar} hours"


def inside(label: str) -> str:
    """A label in the middle of a sentence: “in review”, but “RAC review”."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def listed(words: Collection[str], joint: str = "and") -> str:
    """A list as in a sentence: “a, b and c”."""
    items: Sequence[str] = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"
