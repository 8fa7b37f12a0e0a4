"""What a ticket derives, tidies and refuses by itself."""

from __future__ import annotations

import pytest

from ops.issues.models import Issue
from ops.tickets.models import Ticket
from ops.workflow import errors
from ops.workflow.services import create, edit
from tests.cast import Cast
from tests.factories import issue_in

# RTN-006 §2.5.1, as the committee would draw it: rows are importance, columns urgency high, medium, low.
MATRIX = {
    "high": ("critical", "high", "medium"),
    "medium": ("high", "medium", "low"),
    "low": ("medium", "low", "low"),
}


def test_only_whoever_takes_part_puts_something_below_an_issue(cast: Cast) -> None:
    top = issue_in("reported", cast)
    below = {"title": "In the way of closing", "parent": top.key}
    with pytest.raises(errors.InvalidInput) as refused:
        create(Issue, actor=cast.outsider, data=below)
    assert f"those who take part in {top.key}" in refused.value.fields["parent"][0]
    for person in (cast.reporter, cast.staff):
        assert create(Issue, actor=person, data=below).parent_id == top.pk


@pytest.mark.parametrize("importance", MATRIX)
@pytest.mark.parametrize(("column", "urgency"), [(0, "high"), (1, "medium"), (2, "low")])
def test_priority_follows_from_importance_and_urgency(
    cast: Cast, importance: str, column: int, urgency: str
) -> None:
    issue = create(
        Issue, actor=cast.reporter, data={"title": "T", "importance": importance, "urgency": urgency}
    )
    assert Issue.objects.get(pk=issue.pk).priority == MATRIX[importance][column]


def test_priority_changes_with_what_it_follows_from(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "T", "importance": "high"})
    assert issue.priority == "", "half of the matrix says nothing"
    issue = edit(issue, actor=cast.scientist, data={"urgency": "high"})
    assert issue.priority == "critical"
    issue = edit(issue, actor=cast.scientist, data={"importance": ""})
    assert issue.priority == ""


def test_the_most_pressing_come_first_and_those_without_a_priority_last(cast: Cast) -> None:
    wanted = [("high", "high"), ("high", "medium"), ("medium", "medium"), ("low", "low"), ("", "")]
    for importance, urgency in reversed(wanted):
        create(Issue, actor=cast.reporter, data={"title": "T", "importance": importance, "urgency": urgency})
    found = Ticket.objects.order_by("priority_rank").values_list("priority", flat=True)
    assert list(found) == ["critical", "high", "medium", "low", ""]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Portal, plots", ["portal", "plots"]),
        (["Portal ", "portal", "PORTAL"], ["portal"]),
        ("data  release 2,,", ["data-release-2"]),
        ("", []),
        ("é, 星", ["é", "星"]),
    ],
)
def test_labels_are_tidied(cast: Cast, given: str | list[str], kept: list[str]) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "T", "labels": given})
    assert Issue.objects.get(pk=issue.pk).labels == kept


def test_label_that_is_a_sentence_is_refused(cast: Cast) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        create(Issue, actor=cast.reporter, data={"title": "T", "labels": ["x" * 41]})
    assert list(refused.value.fields) == ["labels"]


def test_a_ticket_never_lies_below_itself(cast: Cast) -> None:
    top = issue_in("reported", cast)
    middle = issue_in("reported", cast, parent=top.key)
    bottom = issue_in("reported", cast, parent=middle.key)

    for parent in (top, middle, bottom):
        with pytest.raises(errors.InvalidInput) as refused:
            edit(top, actor=cast.scientist, data={"parent": parent.key})
        assert refused.value.fields == {
            "parent": [f"{top.key} cannot lie below itself; choose another parent."]
        }
    edit(bottom, actor=cast.scientist, data={"parent": top.key})
    assert set(top.children.values_list("key", flat=True)) == {middle.key, bottom.key}


def test_a_ticket_of_the_common_table_knows_its_workflow(cast: Cast) -> None:
    issue = issue_in("in_review", cast)
    ticket = Ticket.objects.get(pk=issue.pk)
    assert ticket.workflow is Issue.workflow
    assert (ticket.state_label, ticket.has_ended) == ("In review", False)
    assert Ticket.objects.get(pk=issue_in("declined", cast).pk).has_ended


def test_title_of_two_hundred_characters_is_the_longest(cast: Cast) -> None:
    assert create(Issue, actor=cast.reporter, data={"title": "é" * 200}).title == "é" * 200
    with pytest.raises(errors.InvalidInput):
        create(Issue, actor=cast.reporter, data={"title": "x" * 201})
