"""What is asked about a committee, by pages and by programs."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ops.committees.models import Committee, Meeting, Report
from ops.committees.spans import after_months
from ops.people.authority import USERS_COMMITTEE
from ops.workflow.errors import NotFound

YEAR = datetime.timedelta(days=365)
WRITING = datetime.timedelta(days=60)
"""So long before a report is due somebody should have begun it."""


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


def report_missing(committee: Committee, *, now: datetime.datetime | None = None) -> str:
    """Say that the next report of a committee is due and nobody has begun it (RDO-051: two a year); else nothing.

    The Users Committee alone writes its reports here; with 0 months between two of them none is expected.
    """
    months, now = committee.report_every_months, now or timezone.now()
    own = Report.objects.filter(source=Report.Source.COMMITTEE)
    if committee.slug != USERS_COMMITTEE or not months or own.filter(delivered_at=None).exists():
        return ""
    last = own.order_by("-delivered_at").first()
    if last is None or last.delivered_at is None:
        return f"No report is begun. The {committee} reports every {_months(months)}."
    due = after_months(last.delivered_at.date(), months)
    if now.date() < due - WRITING:
        return ""
    tense = "is" if now.date() <= due else "was"
    return (
        f"The next report {tense} due by {due.day} {due:%B %Y}, {_months(months)} after that of {last.name}, "
        "and nobody has begun it."
    )


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
