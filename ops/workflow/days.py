"""A day that an address asks about."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ops.workflow.errors import BadQuery

EARLIEST, LATEST = datetime.date(1990, 1, 1), datetime.date(2100, 1, 1)


def day_asked(text: str) -> datetime.date:
    """Return the day that `?on=` names, today in UTC where it names none. Raises `BadQuery`."""
    if not text:
        return timezone.localdate(timezone=datetime.UTC)
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = datetime.date.max
    if not EARLIEST <= day <= LATEST:
        raise BadQuery("“on” is a day like 2026-03-01, between 1990 and 2100.")
    return day
