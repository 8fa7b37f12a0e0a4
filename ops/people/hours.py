"""Hours that members of committees give, credited by whichever process they worked for.

Processes never import one another: a process that has seen somebody work calls `credit_hours`, and the room that
keeps the ledger has registered itself here. Without such a room nothing is credited, and nothing fails.
"""

from __future__ import annotations

import datetime
from typing import Protocol

from django.db import models

from ops.people.models import User


class Work(models.TextChoices):
    """What the time went into; each has its own share of the hours of a semester."""

    MEETING = "meeting", "Meetings"
    REPORT = "report", "Reports"
    SERVICE = "service", "Tests and other service"


class Ledger(Protocol):
    """Keeps hours; called inside the transaction of whoever credits them."""

    def __call__(
        self,
        person: User,
        *,
        work: str,
        minutes: int,
        day: datetime.date,
        source: str,
        note: str,
        actor: User,
    ) -> int: ...


_ledgers: list[Ledger] = []


def keep_ledger(ledger: Ledger) -> None:
    """Let a room keep the hours that are credited from now on."""
    _ledgers.append(ledger)


def credit_hours(
    person: User, *, work: str, minutes: int, day: datetime.date, source: str, note: str, actor: User
) -> int:
    """Credit time to every committee in which the person sat on that day; return the entries that hold it now.

    `source` names what it was done for, such as `execution:42`: credited again under the same name, the entry is
    set to the new minutes (none, when there are none) instead of counted twice. Of somebody who sits nowhere,
    nothing is kept.
    """
    return sum(
        ledger(person, work=work, minutes=minutes, day=day, source=source, note=note, actor=actor)
        for ledger in _ledgers
    )
