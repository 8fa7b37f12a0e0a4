"""Dates as exports write them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

DATE_FORMATS = (
    "%d/%b/%y %I:%M %p", "%d/%b/%y", "%d/%b/%y %H:%M", "%d/%b/%Y %I:%M %p", "%d/%b/%Y", "%d/%b/%Y %H:%M",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M",
)  # fmt: skip
DAY_OR_MONTH_FIRST = (("%d/%m/%Y", "%m/%d/%Y"), ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"))
YEARS = range(1970, 2200)


def read_moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The moment a date or a time of the export means; None if it cannot be told for sure (3/4/2024)."""
    moment = _iso(text)
    for pattern in DATE_FORMATS if moment is None else ():
        moment = moment or _strptime(text, pattern)
    for pair in DAY_OR_MONTH_FIRST if moment is None else ():
        readings = {_strptime(text, pattern) for pattern in pair} - {None}
        moment = readings.pop() if len(readings) == 1 else moment
    if moment is None or moment.year not in YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _strptime(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007  the caller adds the zone of the export
    except ValueError:
        return None
