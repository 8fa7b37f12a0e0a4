"""The weekly hours of a calendar: as they are stored, as they are reckoned with, and as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from django.core.exceptions import ValidationError

from ops.clocks.arithmetic import MINUTES_A_DAY, Period, Week

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PERIOD = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})")


def validate(stored: object) -> None:
    """Refuse hours that cannot be read, overlap, or leave the whole week free."""
    if not isinstance(stored, Mapping):
        raise ValidationError('Write the hours day by day: {"mon": ["09:00-17:00"], …}.')
    if unknown := set(stored) - set(DAYS):
        raise ValidationError(f"“{min(unknown)}” is not a day; the days are {', '.join(DAYS)}.")
    hours = read(stored)
    for day, periods in zip(DAYS, hours, strict=True):
        if any(later[0] < earlier[1] for earlier, later in pairwise(periods)):
            raise ValidationError(f"The periods of {day} overlap.")
    if not any(hours):
        raise ValidationError("A calendar needs at least one working period a week.")


def read(stored: Mapping[str, object]) -> Week:
    """The periods of Monday to Sunday, each day's in order."""
    return tuple(_read_day(stored.get(day, [])) for day in DAYS)


def _read_day(periods: object) -> tuple[Period, ...]:
    if not isinstance(periods, list) or not all(isinstance(period, str) for period in periods):
        raise ValidationError('The periods of a day are a list: ["09:00-12:00", "13:00-17:00"].')
    return tuple(sorted(_read_period(period) for period in periods))


def _read_period(text: str) -> Period:
    found = _PERIOD.fullmatch(text.strip())
    if found:
        start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if int(found[2]) < 60 and int(found[4]) < 60 and start < end <= MINUTES_A_DAY:
            return start, end
    raise ValidationError(f"“{text}” is not a period of a day; write for example 09:00-17:00.")


def from_text(text: str) -> dict[str, list[str]]:
    """Read a week as it is typed: `mon 09:00-12:00, 13:00-17:00`, a line for each working day."""
    stored: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        day, _, periods = line.partition(" ")
        if day.lower() in stored:
            raise ValidationError(f"“{day}” stands there twice; separate its periods by commas.")
        stored[day.lower()] = [period.strip() for period in periods.split(",") if period.strip()]
    return stored


def to_text(stored: Mapping[str, list[str]]) -> str:
    """Write a week as it is typed."""
    return "\n".join(f"{day} {', '.join(stored[day])}" for day in DAYS if stored.get(day))
