"""What is asked about a committee, by pages and by programs."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ops.committees.models import Committee, Meeting
from ops.workflow.errors import NotFound

YEAR = datetime.timedelta(days=365)


def committee_named(slug: str) -> Committee:
    """Return a committee by the name in its address; raises `NotFound`."""
    found = Committee.objects.select_related("parent").filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def meetings_missing(committee: Committee, *, now: datetime.datetime | None = None) -> str:
    """Say that a committee has too few meetings ahead; nothing where there are enough (RDO-051: two a year).

    Dates are set long ahead: those of the coming twelve months are counted.
    """
    now = now or timezone.now()
    rows = Meeting.objects.filter(committee=committee, state=Meeting.State.PLANNED)
    planned = rows.filter(ends_at__gte=now, starts_at__lte=now + YEAR).count()
    wanted = committee.meetings_per_year
    if planned >= wanted:
        return ""
    if not planned:
        return f"No meeting is planned. The {committee} meets at least {_times(wanted)} a year."
    return f"Only {planned} of at least {wanted} meetings of the coming year {_is(planned)} planned."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
