"""Arithmetic of quiet hours and digests, in the reader's own zone and across clock changes."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo


def is_quiet(moment: datetime.datetime, zone: ZoneInfo, start: datetime.time, end: datetime.time) -> bool:
    """Whether the reader's clock stands in the quiet hours, which may span midnight."""
    clock = moment.astimezone(zone).time()
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end


def out_of_quiet(
    moment: datetime.datetime, zone: ZoneInfo, start: datetime.time, end: datetime.time
) -> datetime.datetime:
    """Return the moment itself, or the end of the quiet hours that it falls into."""
    if not is_quiet(moment, zone, start, end):
        return moment
    return min(
        at for at in _occurrences(moment, zone, end) if at > moment and not is_quiet(at, zone, start, end)
    )


def next_time(moment: datetime.datetime, zone: ZoneInfo, at: datetime.time) -> datetime.datetime:
    """Return the first moment after this one at which the reader's clock shows a time.

    A time that the change to summer time skips is shown one hour later on that day.
    """
    return min(candidate for candidate in _occurrences(moment, zone, at, folds=(0,)) if candidate > moment)


def _occurrences(
    moment: datetime.datetime, zone: ZoneInfo, at: datetime.time, folds: tuple[int, ...] = (0, 1)
) -> list[datetime.datetime]:
    """Return when the clock shows a time, from the day before to three days after.

    Three, because a zone that moves over the date line loses a whole day.
    """
    today = moment.astimezone(zone).date()
    return [
        datetime.datetime.combine(today + datetime.timedelta(days), at, tzinfo=zone)
        .replace(fold=fold)
        .astimezone(datetime.UTC)
        for days in range(-1, 4)
        for fold in folds
    ]
