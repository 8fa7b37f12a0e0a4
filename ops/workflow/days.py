"""A day that an address asks about."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ops.workflow.errors import BadQuery
from ops.workflow.forms import EARLIEST, LATEST


def day_asked(text: str) -> datetime.date:
    """Return the day that `?on=` names, today in UTC where it names none. Raises `BadQuery`."""
    return day_named("on", text) if text else timezone.localdate(timezone=datetime.UTC)


def day_named(parameter: str, text: str) -> datetime.date:
    """Return the day that a parameter of an address names. Raises `BadQuery`."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = datetime.date.max
    if not EARLIEST.date() <= day <= LATEST.date():
        raise BadQuery(f"“{parameter}” is a day like 2026-03-01, between {EARLIEST:%Y} and {LATEST:%Y}.")
    return day
