"""What a request may cost: at most twelve queries, and as many for one row as for three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets import services as tickets
from ops.workflow.services import create
from tests.cast import Cast
from tests.factories import issue_in

BUDGET = 12


class Cost:
    """The queries of a block, without the savepoints that exist in tests only."""

    def __init__(self, context: CaptureQueriesContext) -> None:
        self.context = context

    @property
    def queries(self) -> list[str]:
        return [q["sql"] for q in self.context.captured_queries if "SAVEPOINT" not in q["sql"]]

    def __str__(self) -> str:
        return "\n".join(f"{n}. {sql[:400]}" for n, sql in enumerate(self.queries, 1))


@contextmanager
def measured() -> Iterator[Cost]:
    with CaptureQueriesContext(connection) as context:
        yield Cost(context)


@pytest.fixture
def warm(cast: Cast, call: Callable) -> Callable:
    """Everybody's first request has been made: the token's use is noted, content types are known."""

    def caller(person):
        who = call(person)
        assert who.get("issues/").status_code == 200
        return who

    issue_in("reported", cast)
    return caller


@pytest.mark.parametrize("address", ["issues/{key}/", "tickets/{key}/", "issues/{key}/transitions/"])
@pytest.mark.parametrize("state", ["reported", "in_review", "resolved"])
def test_reading_one_is_within_the_budget(cast: Cast, warm: Callable, address: str, state: str) -> None:
    issue = issue_in(state, cast, parent=issue_in("reported", cast).key)
    reader = warm(cast.scientist)
    with measured() as cost:
        assert reader.get(address.format(key=issue.key)).status_code == 200
    assert len(cost.queries) <= BUDGET, str(cost)


def test_creating_is_within_the_budget(cast: Cast, warm: Callable) -> None:
    parent = issue_in("reported", cast)
    reporter = warm(cast.reporter)
    plain = {"title": "Cut-outs are rotated", "component": "portal"}
    with measured() as cost:
        assert reporter.post("issues/", plain).status_code == 201
    assert len(cost.queries) <= BUDGET, str(cost)
    full = {**plain, "parent": parent.key, "labels": ["cutout"], "importance": "high", "urgency": "low"}
    with measured() as cost:
        assert reporter.post("issues/", full).status_code == 201
    assert len(cost.queries) <= BUDGET + 3, str(cost)


@pytest.mark.parametrize(
    ("state", "actor", "transition", "data"),
    [
        (
            "reported",
            "scientist",
            "triage",
            {"assignee": "assignee", "importance": "high", "urgency": "high"},
        ),
        ("triaged", "assignee", "investigate", {}),
        (
            "in_progress",
            "assignee",
            "submit_for_review",
            {"resolution_code": "fixed", "resolution_text": "Done."},
        ),
        ("in_review", "reporter", "accept", {}),
    ],
)
def test_a_transition_is_within_the_budget(
    cast: Cast, warm: Callable, state: str, actor: str, transition: str, data: dict
) -> None:
    issue = issue_in(state, cast)
    caller = warm(getattr(cast, actor))
    with measured() as cost:
        assert caller.post(f"issues/{issue.key}/transitions/{transition}/", data).status_code == 200
    assert len(cost.queries) <= BUDGET, str(cost)


def _filled(issue: Issue, cast: Cast, number: int) -> None:
    """Put one of everything beside a ticket."""
    other = issue_in("triaged", cast)
    said = tickets.comment(issue, actor=cast.staff, body=f"Number {number}")
    tickets.attach(issue, actor=cast.staff, upload=ContentFile(b"1,2", name=f"{number}.csv"), comment=said)
    tickets.link(issue, other, kind="relates", actor=cast.staff)
    tickets.watch(issue, actor=cast.staff, who=f"reader{number}@example.org")
    tickets.invite(issue, actor=cast.scientist, person=User.objects.create(username=f"guest{number}"))


@pytest.mark.parametrize("rest", ["events", "comments", "links", "watchers", "attachments", "invitations"])
def test_what_stands_beside_costs_the_same_for_one_and_three(cast: Cast, warm: Callable, rest: str) -> None:
    issue, reader, costs = issue_in("triaged", cast), warm(cast.scientist), []
    for numbers in ([1], [2, 3]):
        for number in numbers:
            _filled(issue, cast, number)
        with measured() as cost:
            listed = reader.get(f"issues/{issue.key}/{rest}/").json()["results"]
        assert len(listed) >= len(costs) * 2 + 1
        costs.append(cost)
    one, three = costs
    assert len(one.queries) == len(three.queries) <= BUDGET, f"{one}\n--\n{three}"


@pytest.mark.parametrize(
    "address", ["issues/", "tickets/", "issues/?search=plot&assignee=assignee&sort=priority"]
)
@pytest.mark.parametrize("who", ["scientist", "outsider", "anonymous"])
def test_a_list_costs_the_same_for_one_and_three(cast: Cast, call: Callable, address: str, who: str) -> None:
    parent, costs = issue_in("reported", cast, visibility="confidential"), []
    person = getattr(cast, who)
    call(person).get("issues/")
    for length in (1, 3):
        while len(call(person).get(address).json()["results"]) < length:
            issue_in("in_progress", cast, parent=parent.key, labels=["cutout"])
        with measured() as cost:
            listed = call(person).get(address).json()["results"]
        assert len(listed) == length
        costs.append(cost)
    one, three = costs
    assert len(one.queries) == len(three.queries) <= BUDGET, f"{one}\n--\n{three}"


def test_a_list_of_announcements_costs_the_same_for_one_and_three(cast: Cast, warm: Callable) -> None:
    reader, costs = warm(cast.scientist), []
    for length in (1, 3):
        while len(reader.get("announcements/").json()["results"]) < length:
            key = issue_in("triaged", cast).key
            create(
                Announcement, actor=cast.scientist, data={"title": "New", "body": "News.", "tickets": [key]}
            )
        with measured() as cost:
            assert [len(one["tickets"]) for one in reader.get("announcements/").json()["results"]] == [
                1
            ] * length
        costs.append(cost)
    one, three = costs
    assert len(one.queries) == len(three.queries) <= BUDGET, f"{one}\n--\n{three}"
