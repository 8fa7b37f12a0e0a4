"""What a search costs: it looks once, and asks who may read a comment of what it found alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.people.models import User
from ops.tickets import queue, search, services
from ops.tickets.models import Ticket
from tests.cast import Cast
from tests.factories import issue_in


def _found(text: str, reader: User) -> queue.Page:
    return queue.page_of(queue.parsed({"search": text}, reader), Ticket.objects.all(), reader)


@pytest.mark.django_db
def test_a_list_that_shows_and_counts_searches_once(cast: Cast) -> None:
    for _ in range(2):
        issue_in("reported", cast)
    with CaptureQueriesContext(connection) as queries:
        page = queue.page_of(
            queue.parsed({"search": "plot", "page_size": "1"}, cast.staff), Ticket.objects.all(), cast.staff
        )
    assert page.total == 2
    assert sum("websearch_to_tsquery" in query["sql"] for query in queries.captured_queries) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        ("public", ["reporter", "staff", "outsider"]),
        ("participants", ["reporter", "staff"]),
        ("staff", ["staff"]),
    ],
)
def test_a_comment_is_found_by_those_who_may_read_it(cast: Cast, visibility: str, readers: list[str]) -> None:
    issue = issue_in("reported", cast)
    services.comment(issue, actor=cast.staff, body="The zirconium filter sticks.", visibility=visibility)
    found = [
        name for name in ("reporter", "staff", "outsider") if _found("zirconium", getattr(cast, name)).rows
    ]
    assert found == readers


@pytest.mark.django_db
def test_of_very_many_matches_the_newest_count(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_CANDIDATES", 2)
    issues = [issue_in("reported", cast) for _ in range(3)]
    assert {row.pk for row in _found("plot", cast.staff).rows} == {issue.pk for issue in issues[1:]}
