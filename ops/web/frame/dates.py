"""Moments as a person says them, in the zone of the reader."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEEK = 7


def spoken(moment: datetime | date, now: datetime | None = None) -> str:
    """Say a moment, or a day, in a few words: “12 minutes ago”, “yesterday 16:20”, “3 March”.

    Words are relative to `now` (the present when none is given) in the active time zone.
    """
    now = timezone.localtime(now)
    if not isinstance(moment, datetime):
        return _day(moment, now.date())
    here = timezone.localtime(moment)
    distance = _apart(moment, now)
    if abs(distance) < MINUTE:
        return "just now"
    if abs(distance) < HOUR:
        return _minutes(distance)
    if abs((here.date() - now.date()).days) < WEEK:
        return f"{_day(here.date(), now.date())} {here:%H:%M}"
    return _day(here.date(), now.date())


def since(moment: datetime, now: datetime | None = None, *, fresh: str = "just now") -> str:
    """Say since when, as it follows on a state: “since yesterday 16:20”, “for 12 minutes”; at first `fresh`."""
    now = timezone.localtime(now)
    age = _apart(now, moment)
    if age < MINUTE:
        return fresh
    if age < HOUR:
        return f"for {_minutes(age).removeprefix('in ')}"
    return f"since {spoken(moment, now)}"


def _apart(later: datetime, earlier: datetime) -> timedelta:
    """Measure real time: in a common zone Python would subtract the faces of the clocks, an hour off in spring."""
    return later.astimezone(UTC) - earlier.astimezone(UTC)


def _minutes(distance: timedelta) -> str:
    count = abs(distance) // MINUTE
    words = f"{count} minute{'' if count == 1 else 's'}"
    return f"in {words}" if distance > timedelta() else f"{words} ago"


def _day(day: date, today: date) -> str:
    offset = (day - today).days
    if offset in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[offset]
    if abs(offset) < WEEK:
        return f"{day:%A}"
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B} {day.year}"


def short(moment: datetime | date, now: datetime | None = None) -> str:
    """Say the same for a narrow column: “16:20”, “3 Mar”, “Mar 2025”."""
    now = timezone.localtime(now)
    here = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    if isinstance(here, datetime):
        if here.date() == now.date():
            return f"{here:%H:%M}"
        here = here.date()
    return f"{here.day} {here:%b}" if here.year == now.year else f"{here:%b} {here.year}"


def lasted(length: timedelta) -> str:
    """Say how long something took or has been going on, in one unit: “5 hours”, “12 days”, “4 months”, “2 years”."""
    length = max(length, timedelta())
    days = length.days
    for size, unit in ((730, "year"), (61, "month"), (2, "day")):
        if days >= size:
            return _counted(days // _DAYS_OF[unit], unit)
    if length >= HOUR:
        return _counted(int(length / HOUR), "hour")
    return _counted(length // MINUTE, "minute") if length >= MINUTE else _counted(length.seconds, "second")


_DAYS_OF = {"year": 365, "month": 30, "day": 1}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def noted(moment: datetime, now: datetime | None = None) -> str:
    """Write a moment in a record: “10 November 21:24”, with the year where it is another one."""
    here, now = timezone.localtime(moment), timezone.localtime(now)
    return f"{here.day} {here:%B}{'' if here.year == now.year else f' {here.year}'} {here:%H:%M}"


def in_full(moment: datetime | date) -> str:
    """Write a moment so that nothing is left open: “Tuesday 3 March 2026, 16:20 PST”."""
    if not isinstance(moment, datetime):
        return f"{moment:%A} {moment.day} {moment:%B} {moment.year}"
    here = timezone.localtime(moment)
    return f"{here:%A} {here.day} {here:%B} {here.year}, {here:%H:%M %Z}"
