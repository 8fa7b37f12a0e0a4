"""The figures of a year: counted by ISO week, over public issues only, in a constant number of queries."""

from __future__ import annotations

import datetime

import pytest

from ops.issues.metrics import metrics_of
from ops.issues.models import Issue
from ops.tickets.models import Priority
from ops.tickets.services import comment
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import RESOLUTION

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
LATER = datetime.date(2027, 6, 1)


def at(year: int, month: int, day: int, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC)


def report(cast: Cast, moment: datetime.datetime, visibility: str = "public") -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": "T", "visibility": visibility}, moment=moment)


def resolve(issue: Issue, cast: Cast, moment: datetime.datetime, importance: str = "high") -> Issue:
    levels = {"importance": importance, "urgency": "high"}
    triage = {"assignee": "assignee", "component": "portal", **levels}
    issue = perform(issue, "triage", actor=cast.lead, data=triage, moment=moment - HOUR)
    review = {**RESOLUTION, "skip_reason": "no_threat"}
    issue = perform(issue, "submit_for_review", actor=cast.assignee, data=review, moment=moment - HOUR)
    return perform(issue, "accept", actor=cast.reporter, moment=moment)


@pytest.mark.parametrize(
    ("moment", "year", "monday"),
    [
        (at(2026, 3, 9, 0), 2026, datetime.date(2026, 3, 9)),
        (at(2026, 3, 15, 23), 2026, datetime.date(2026, 3, 9)),
        (at(2025, 12, 29, 0), 2026, datetime.date(2025, 12, 29)),
        (at(2027, 1, 3, 23), 2026, datetime.date(2026, 12, 28)),
    ],
    ids=["monday", "sunday", "first-week-begins-in-december", "last-week-ends-in-january"],
)
def test_a_report_counts_in_the_week_of_its_monday(
    cast: Cast, moment: datetime.datetime, year: int, monday: datetime.date
) -> None:
    report(cast, moment)
    weeks = {week.monday: week.reported for week in metrics_of(year, today=LATER).weeks}
    assert weeks[monday] == 1
    assert sum(weeks.values()) == 1
    others = (metrics_of(other, today=LATER).reported for other in (year - 1, year + 1))
    assert sum(others) == 0, "a week belongs to one year"


def test_weeks_that_are_still_to_come_are_not_drawn(cast: Cast) -> None:
    weeks = metrics_of(2026, today=datetime.date(2026, 1, 14)).weeks
    assert [week.monday.isoformat() for week in weeks] == ["2025-12-29", "2026-01-05", "2026-01-12"]
    assert len(metrics_of(2026, today=LATER).weeks) == 53
    assert metrics_of(2030, today=LATER).weeks == ()


def test_resolved_counts_when_it_was_resolved_and_not_while_it_is_open_again(cast: Cast) -> None:
    issue = resolve(report(cast, at(2026, 1, 7)), cast, at(2026, 2, 4))
    year = metrics_of(2026, today=LATER)
    assert (year.reported, year.resolved, year.open_now) == (1, 1, 0)
    assert {week.monday for week in year.weeks if week.resolved} == {datetime.date(2026, 2, 2)}

    perform(issue, "reopen", actor=cast.reporter, reason="It is back.")
    year = metrics_of(2026, today=LATER)
    assert (year.reported, year.resolved, year.open_now) == (1, 0, 1)


@pytest.mark.parametrize("visibility", ["community", "staff", "confidential"])
def test_what_is_not_public_is_in_no_number(cast: Cast, visibility: str) -> None:
    issue = resolve(report(cast, at(2026, 1, 7), visibility), cast, at(2026, 1, 9))
    report(cast, at(2026, 1, 7), visibility)
    empty = metrics_of(2026, today=LATER)
    assert (empty.reported, empty.resolved, empty.open_now) == (0, 0, 0)
    assert empty.first_response.count == sum(spread.count for spread in empty.resolution.values()) == 0

    edit(issue, actor=cast.lead, data={"visibility": "public"})
    assert metrics_of(2026, today=LATER).resolved == 1


def test_half_and_nine_tenths_of_the_responses(cast: Cast) -> None:
    for hours in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11):
        issue = report(cast, at(2026, 1, 7))
        comment(issue, actor=cast.staff, body="Yes.", moment=at(2026, 1, 7) + hours * HOUR)
    report(cast, at(2026, 1, 7))
    spread = metrics_of(2026, today=LATER).first_response
    assert (spread.count, spread.median, spread.most) == (11, 6 * HOUR, 10 * HOUR)


def test_resolution_is_told_by_priority(cast: Cast) -> None:
    for days in (2, 4, 6):
        resolve(report(cast, at(2026, 1, 7)), cast, at(2026, 1, 7) + days * DAY)
    resolve(report(cast, at(2026, 1, 7)), cast, at(2026, 1, 27), importance="low")
    resolution = metrics_of(2026, today=LATER).resolution
    assert (resolution[Priority.CRITICAL].count, resolution[Priority.CRITICAL].median) == (3, 4 * DAY)
    assert (resolution[Priority.MEDIUM].count, resolution[Priority.MEDIUM].median) == (1, 20 * DAY)
    assert (resolution[Priority.HIGH].count, resolution[Priority.HIGH].median) == (0, None)


def test_figures_cost_the_same_for_any_number_of_issues(cast: Cast, django_assert_num_queries) -> None:
    for number in (1, 3):
        for _ in range(number):
            resolve(report(cast, at(2026, 1, 7)), cast, at(2026, 1, 9))
        with django_assert_num_queries(5):
            metrics_of(2026, today=LATER)
