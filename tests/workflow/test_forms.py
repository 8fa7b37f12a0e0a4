"""The one form behind every door: what it takes, what it refuses, and what it never gives away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.forms import RowsField
from ops.workflow.models import Event, Stateful
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import RESOLUTION, issue_in

NASTY = [
    "", " ", "\x00", "a\x00b", "\ud800", "x\udfff", "\u202e", "x" * 60_000, "é" * 300, "1; DROP TABLE x", "@\x00",
    "@", "nan", "-1", "99999999999999999999", "true", "null", "[", "{}", "9999-12-31T23:59:59Z", "10000-01-01",
    "0001-01-01T00:00", "2026-02-30", "CST-99999999999", "http://[", "https://\ud800", "javascript:alert(1)",
    ",,;, ,",
]  # fmt: skip
NASTY_LISTS = [[], [""], ["\x00"], ["\ud800"], ["a", "x" * 5_000], ["@", " "], [","] * 100]
EDITABLE = list(dict.fromkeys(name for _, names in Issue.workflow.edits for name in names))


def fields_refused(actor: User, model: type[Stateful] = Issue, **data: Any) -> dict[str, list[str]]:
    """Try to make something; return what is said beside each field."""
    with pytest.raises(errors.InvalidInput) as refused:
        create(model, actor=actor, data={"title": "Empty plot", **data})
    return refused.value.fields


# What a step asks for may be known already


def test_what_is_known_need_not_be_given_again(cast: Cast) -> None:
    issue = issue_in("reported", cast, component="portal", importance="high", urgency="low")
    triaged = perform(issue, "triage", actor=cast.scientist, data={"assignee": "assignee"})
    assert (triaged.component, triaged.priority) == (cast.portal, "medium")


def test_what_is_known_cannot_be_answered_with_nothing(cast: Cast) -> None:
    issue = issue_in("reported", cast, component="portal", importance="high", urgency="low")
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue, "triage", actor=cast.scientist, data={"assignee": "assignee", "component": ""})
    assert list(refused.value.fields) == ["component"]


def test_missing_answers_are_named_all_at_once(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"})
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue, "triage", actor=cast.scientist)
    assert set(refused.value.fields) == {"assignee", "component", "importance", "urgency"}
    assert refused.value.detail == "Please correct assignee, component, importance, urgency."


def test_what_is_only_offered_stays_unless_it_is_given(cast: Cast) -> None:
    issue = issue_in("in_progress", cast)
    edit(issue, actor=cast.scientist, data={"major_change": True, "documentation": "updated"})
    reviewed = perform(issue, "submit_for_review", actor=cast.assignee, data=RESOLUTION)
    assert (reviewed.major_change, reviewed.documentation) == (True, "updated")


def test_a_reason_of_nothing_but_space_is_none(cast: Cast) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue_in("reported", cast), "decline", actor=cast.scientist, reason=" \n\t")
    assert refused.value.fields == {"reason": ["Write the reason in a sentence."]}


# What it refuses


def test_unknown_fields_are_named_with_those_that_are_known(cast: Cast) -> None:
    (said,) = fields_refused(cast.reporter, colour="red", is_superuser=True)["colour"]
    assert "title, description, component" in said


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31T23:59:59Z", "10000-01-01", "0001-01-01 00:00", "1989-12-31", "2100-01-02", "soon", "2026-02-30",
     "2026-11-20T25:00", "-1", "99999999999999999999"],
)  # fmt: skip
def test_moments_out_of_all_range_are_refused_in_a_sentence(cast: Cast, moment: Any) -> None:
    issue = issue_in("triaged", cast)
    with pytest.raises(errors.InvalidInput) as refused:
        edit(issue, actor=cast.scientist, data={"due_at": moment})
    (said,) = refused.value.fields["due_at"]
    assert said.startswith("Write a date")


@pytest.mark.parametrize(
    "field", ["title", "description", "labels", "forum_topic", "watchers", "component", "parent"]
)
@pytest.mark.parametrize("text", ["a\x00b", "\ud800"], ids=["nul", "half-a-character"])
def test_what_no_database_can_keep_is_refused_beside_its_field(cast: Cast, field: str, text: str) -> None:
    assert set(fields_refused(cast.reporter, **{field: text})) == {field}
    assert not Issue.objects.exists()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"], ids=["nul", "half-a-character"])
def test_reason_that_no_database_can_keep_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        perform(issue_in("reported", cast), "decline", actor=cast.scientist, reason=f"Because {text}")
    assert list(refused.value.fields) == ["reason"]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 100 + "]" * 100, '["\\ud800"]', '["\\u0000"]', "{}", "["]
)
def test_json_typed_on_a_page_is_read_or_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        RowsField().clean(text)


def test_json_typed_on_a_page_knows_no_numbers_that_json_does_not_know() -> None:
    assert RowsField().clean('[{"amount": NaN}]') == [{"amount": "NaN"}]


def nasty(name: str) -> list[Any]:
    return NASTY + NASTY_LISTS if name in {"labels", "watchers", "tickets"} else NASTY


@pytest.mark.parametrize("name", [*EDITABLE, "watchers"])
def test_nothing_that_anybody_types_is_a_fault_of_ours(cast: Cast, name: str) -> None:
    """Every field with every nasty value: taken, or refused in words."""
    issue = issue_in("triaged", cast)
    for value in nasty(name):
        with suppress(errors.InvalidInput):
            edit(issue, actor=cast.scientist, data={name: value})
        with suppress(errors.InvalidInput):
            create(Issue, actor=cast.reporter, data={"title": "Empty plot", name: value})


@pytest.mark.parametrize("name", ["title", "body", "tickets"])
def test_nothing_typed_for_an_announcement_is_a_fault_of_ours(cast: Cast, name: str) -> None:
    for value in nasty(name):
        with suppress(errors.InvalidInput):
            create(Announcement, actor=cast.scientist, data={"title": "News", "body": "Much.", name: value})


def test_text_that_is_refused_changes_nothing(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    events = Event.objects.count()
    with pytest.raises(errors.InvalidInput) as refused:
        edit(issue, actor=cast.scientist, data={"title": "Good", "due_at": "soon", "importance": "very"})
    assert set(refused.value.fields) == {"due_at", "importance"}
    assert Issue.objects.get(pk=issue.pk).title == "The Portal shows an empty plot"
    assert Event.objects.count() == events


# How rows are named


def test_people_products_and_tickets_are_named_as_people_name_them(cast: Cast) -> None:
    parent = issue_in("reported", cast)
    issue = create(
        Issue,
        actor=cast.reporter,
        data={"title": "Empty", "component": " portal ", "parent": parent.key, "watchers": "@outsider"},
    )
    assert (issue.component, issue.parent) == (cast.portal, parent.ticket_ptr)
    assert issue.watchers.get().user == cast.outsider


@pytest.mark.parametrize("name", ["system", "nobody", "gone", "1", "Assignee"])
def test_only_people_who_can_work_are_assigned(cast: Cast, name: str) -> None:
    User.objects.create(username="gone", is_active=False)
    with pytest.raises(errors.InvalidInput) as refused:
        edit(issue_in("triaged", cast), actor=cast.scientist, data={"assignee": name})
    assert refused.value.fields == {"assignee": [f"There is no user called “{name}”."]}


def name_parent(issue: Issue, key: str, actor: User) -> None:
    edit(issue, actor=actor, data={"parent": key})


def name_duplicate(issue: Issue, key: str, actor: User) -> None:
    perform(issue, "mark_duplicate", actor=actor, data={"duplicate_of": key})


def name_in_announcement(issue: Issue, key: str, actor: User) -> None:
    create(Announcement, actor=actor, data={"title": "A", "body": "B", "tickets": [key]})


@pytest.mark.parametrize("name", [name_parent, name_duplicate, name_in_announcement])
def test_hidden_key_and_missing_key_cannot_be_told_apart(
    cast: Cast, name: Callable[[Issue, str, User], None]
) -> None:
    """A look-up is no oracle: what one may not see is called exactly as what does not exist."""
    hidden = issue_in("reported", cast, visibility="confidential")
    issue = issue_in("reported", cast)

    def said(key: str) -> str:
        with pytest.raises(errors.InvalidInput) as refused:
            name(issue, key, cast.scientist)
        return str(refused.value.as_dict()).replace(key, "KEY")

    assert said(hidden.key) == said("CST-987654")


def test_hidden_parent_that_is_already_there_survives_an_edit_of_something_else(cast: Cast) -> None:
    parent = issue_in("reported", cast, visibility="confidential")
    child = create(Issue, actor=cast.reporter, data={"title": "Empty plot", "parent": parent.key})
    edited = edit(child, actor=cast.scientist, data={"title": "Half a plot"})
    assert edited.parent_id == parent.pk
