"""What anybody may know of how the desk is doing: the public issues of a year, counted (RTN-006 §2.5.1)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from ops.issues.models import Issue
from ops.tickets.models import Priority, Ticket, Visibility

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Week:
    """One week, by its Monday."""

    monday: datetime.date
    reported: int
    resolved: int


@dataclass(frozen=True)
class Spread:
    """How long something took: of `count` cases, half within `median` and nine in ten within `most`."""

    count: int
    median: datetime.timedelta | None
    most: datetime.timedelta | None


@dataclass(frozen=True)
class Year:
    """The metrics of one year."""

    year: int
    weeks: tuple[Week, ...]
    open_now: int
    first_response: Spread
    resolution: Mapping[Priority, Spread]

    @property
    def reported(self) -> int:
        """How many were reported in the year."""
        return sum(week.reported for week in self.weeks)

    @property
    def resolved(self) -> int:
        """How many were resolved in the year."""
        return sum(week.resolved for week in self.weeks)


def metrics_of(year: int, *, today: datetime.date) -> Year:
    """Count the public issues of a year up to today, in a constant number of queries; others are in no number.

    Weeks begin on Monday, in UTC, and belong to the year of their Thursday (ISO 8601).
    """
    monday, end = _monday_of_week_one(year), _monday_of_week_one(year + 1)
    public = Issue.objects.filter(visibility=Visibility.PUBLIC)
    reported = _by_week(public, "created_at", monday, end)
    resolved = _by_week(public, "resolved_at", monday, end)
    weeks = []
    while monday < end and monday <= today:
        weeks.append(Week(monday, reported.get(monday, 0), resolved.get(monday, 0)))
        monday += 7 * DAY
    first = _monday_of_week_one(year)
    return Year(
        year=year,
        weeks=tuple(weeks),
        open_now=public.filter(state__in=Issue.workflow.live_states()).count(),
        first_response=_first_responses(first, end),
        resolution=_resolutions(first, end),
    )


def _monday_of_week_one(year: int) -> datetime.date:
    return datetime.date.fromisocalendar(year, 1, 1)


def _by_week(
    issues: QuerySet[Issue], field: str, start: datetime.date, end: datetime.date
) -> dict[datetime.date, int]:
    within = Q(**{f"{field}__gte": _midnight(start), f"{field}__lt": _midnight(end)})
    weeks = issues.filter(within).annotate(week=TruncWeek(field, tzinfo=datetime.UTC)).order_by()
    return {row["week"].date(): row["number"] for row in weeks.values("week").annotate(number=Count("pk"))}


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)


_SPREAD = """
    count(took),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
    percentile_cont(0.9) WITHIN GROUP (ORDER BY took)"""
_RESPONSES = f"""
    SELECT {_SPREAD} FROM (
        SELECT d.ended_at - d.started_at AS took
        FROM clocks_deadline d JOIN tickets_ticket t ON t.id = d.object_id
        WHERE d.content_type_id = %s AND d.clock = 'first-response' AND d.state = 'met'
          AND t.visibility = 'public' AND d.started_at >= %s AND d.started_at < %s) met"""  # noqa: S608  # constants
_RESOLUTIONS = f"""
    SELECT priority, {_SPREAD} FROM (
        SELECT t.priority, i.resolved_at - t.created_at AS took
        FROM issues_issue i JOIN tickets_ticket t ON t.id = i.ticket_ptr_id
        WHERE t.visibility = 'public' AND i.resolved_at >= %s AND i.resolved_at < %s) done
    GROUP BY priority"""  # noqa: S608  # constants


def _first_responses(start: datetime.date, end: datetime.date) -> Spread:
    tickets = ContentType.objects.get_for_model(Ticket).pk
    with connection.cursor() as cursor:
        cursor.execute(_RESPONSES, [tickets, _midnight(start), _midnight(end)])
        return Spread(*cursor.fetchone())


def _resolutions(start: datetime.date, end: datetime.date) -> dict[Priority, Spread]:
    with connection.cursor() as cursor:
        cursor.execute(_RESOLUTIONS, [_midnight(start), _midnight(end)])
        found = {priority: Spread(*spread) for priority, *spread in cursor.fetchall()}
    return {priority: found.get(priority, Spread(0, None, None)) for priority in Priority}
