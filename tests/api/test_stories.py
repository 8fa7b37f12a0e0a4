"""Work done by scripts, from the first report to the closed ticket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ops.api.records import kinds_of_tickets
from ops.issues.models import Issue
from ops.workflow.models import Event
from tests.cast import Cast
from tests.factories import issue_in


def test_an_issue_from_report_to_close(cast: Cast, call: Callable) -> None:
    reported = call(cast.reporter).post(
        "issues/",
        {
            "title": "Cut-outs near the pole are rotated",
            "description": "By 12 degrees.",
            "component": "portal",
            "labels": ["Cut out", "pole"],
            "watchers": ["outsider", "group@example.org"],
        },
    )
    assert reported.status_code == 201
    issue = reported.json()
    key = issue["key"]
    assert reported.headers["Location"] == issue["url"]
    assert issue["url"].endswith(f"/api/v1/issues/{key}/")
    assert issue["state"] == "reported"
    assert issue["labels"] == ["cut-out", "pole"]
    assert issue["holders"] == ["watcher"]
    assert [clock["name"] for clock in issue["clocks"]] == ["First response"]

    steps = [
        ("scientist", "triage", {"assignee": "assignee", "importance": "high", "urgency": "high"}, "triaged"),
        ("assignee", "investigate", {}, "investigating"),
        ("assignee", "plan", {"strategy": "Project per tract."}, "planned"),
        ("assignee", "start", {}, "in_progress"),
        (
            "assignee",
            "submit_for_review",
            {"resolution_code": "fixed", "resolution_text": "Done."},
            "in_review",
        ),
        ("owner", "rework", {"reason": "The poles are still wrong."}, "planned"),
        ("assignee", "start", {}, "in_progress"),
        ("assignee", "submit_for_review", {}, "in_review"),
        ("reporter", "accept", {}, "resolved"),
    ]
    for actor, name, body, state in steps:
        version = call(getattr(cast, actor)).get(f"issues/{key}/").json()["version"]
        taken = call(getattr(cast, actor)).post(
            f"issues/{key}/transitions/{name}/", {**body, "version": version}
        )
        assert taken.status_code == 200, taken.json()
        assert taken.json()["state"] == state
        assert taken.json()["version"] == version + 1
    assert taken.json()["priority"] == "critical"
    assert taken.json()["rework_count"] == 1

    held_back = call(cast.scientist).post(f"issues/{key}/transitions/close/")
    assert held_back.status_code == 409
    assert held_back.json()["code"] == "guard_unmet"
    assert "documentation" in held_back.json()["detail"]
    edited = call(cast.scientist).patch(f"issues/{key}/", {"documentation": "not_needed"})
    assert edited.json()["documentation"] == "not_needed"
    closed = call(cast.scientist).post(f"issues/{key}/transitions/close/")
    assert (closed.json()["state"], closed.json()["phase"], closed.json()["held_by"]) == (
        "closed",
        "good_end",
        None,
    )

    events = call(cast.anonymous).get(f"issues/{key}/events/").json()["results"]
    assert [event["name"] for event in events] == [
        "create", "triage", "investigate", "plan", "start", "submit_for_review", "rework", "start",
        "submit_for_review", "accept", "edit", "close",
    ]  # fmt: skip
    assert events[6]["reason"] == "The poles are still wrong."
    assert events[1]["changes"]["assignee"] == {"label": "Assignee", "old": None, "new": "assignee"}


def test_what_is_read_can_be_sent_back(cast: Cast, call: Callable) -> None:
    """The fields that may be edited read exactly as they are given."""
    issue = issue_in("triaged", cast)
    scientist = call(cast.scientist)
    read = scientist.get(f"issues/{issue.key}/").json()
    fields = scientist.get(f"issues/{issue.key}/transitions/").json()["edits"]
    body = {field["name"]: read[field["name"]] for field in fields}
    assert len(body) > 15
    sent = scientist.patch(f"issues/{issue.key}/", {**body, "version": read["version"]})
    assert sent.status_code == 200, sent.json()
    assert sent.json() == read


def test_transitions_tell_what_this_person_may_do_and_what_each_asks(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast)
    address = f"issues/{issue.key}/transitions/"
    for nothing in (cast.anonymous, cast.outsider):
        assert call(nothing).get(address).json() == {"results": [], "edits": []}
    told = {step["name"]: step for step in call(cast.scientist).get(address).json()["results"]}
    assert set(told) == {"triage", "redirect", "decline", "mark_duplicate"}
    triage = told["triage"]
    assert triage["open"] is True
    assert triage["to"] == ["triaged"]
    assert triage["url"].endswith(f"/issues/{issue.key}/transitions/triage/")
    fields = {field["name"]: field for field in triage["fields"]}
    assert fields["assignee"]["required"] is True
    assert fields["component"]["required"] is False, "the reporter has given it"
    assert fields["importance"]["schema"]["enum"] == ["high", "medium", "low"]
    assert fields["importance"]["choices"][0] == {"value": "high", "label": "High"}
    assert fields["due_at"]["schema"]["format"] == "date-time"
    assert told["decline"]["reason_required"] is True
    mine = [field["name"] for field in call(cast.reporter).get(address).json()["edits"]]
    assert "title" in mine
    assert "assignee" not in mine


def test_unmet_guards_are_told(cast: Cast, call: Callable) -> None:
    issue = issue_in("resolved", cast)
    steps = call(cast.scientist).get(f"issues/{issue.key}/transitions/").json()["results"]
    close = next(step for step in steps if step["name"] == "close")
    assert close["open"] is False
    assert ["documentation" in sentence for sentence in close["unmet"]] == [True]


def test_all_tickets_are_read_written_and_moved_at_one_address(cast: Cast, call: Callable) -> None:
    scientist = call(cast.scientist)
    made = scientist.post("tickets/", {"kind": "issue", "title": "Empty plot"})
    assert made.status_code == 201
    key = made.json()["key"]
    assert scientist.get(f"tickets/{key}/").json() == scientist.get(f"issues/{key}/").json()
    assert scientist.get(f"tickets/{key.lower()}/").json()["key"] == key
    assert scientist.patch(f"tickets/{key}/", {"title": "Empty plots"}).json()["title"] == "Empty plots"
    moved = scientist.post(f"tickets/{key}/transitions/decline/", {"reason": "Works."})
    assert moved.json()["state"] == "declined"
    assert [ticket["kind"] for ticket in scientist.get("tickets/").json()["results"]] == ["issue"]


@pytest.mark.parametrize("kind", [None, "", "nothing", 5, ["issue"]])
def test_a_ticket_of_no_kind_is_not_made(cast: Cast, call: Callable, kind: object) -> None:
    refused = call(cast.scientist).post("tickets/", {"kind": kind, "title": "Empty plot"})
    assert refused.status_code == 422
    kinds = ", ".join(model.workflow.kind for model in kinds_of_tickets())
    assert refused.json()["fields"] == {"kind": [f"Give one of {kinds}."]}
    assert not Issue.objects.exists()


def history_of(client: Any, address: str) -> list[str]:
    """The states that a reader is told a record went through."""
    return [event["target"] for event in client.get(address + "events/").json()["results"]]


def test_an_announcement_from_draft_to_everybody(cast: Cast, call: Callable) -> None:
    key = issue_in("resolved", cast).key
    made = call(cast.scientist).post(
        "announcements/", {"title": "Cut-outs change", "body": "From Monday on.", "tickets": [key]}
    )
    assert made.status_code == 201, made.json()
    number = made.json()["id"]
    assert made.json()["tickets"] == [key]
    address = f"announcements/{number}/"
    assert call(cast.outsider).get(address).status_code == 404
    assert call(cast.outsider).get("announcements/").json()["results"] == []
    assert call(cast.scientist).post(address + "transitions/approve/").status_code == 403
    assert call(cast.lead).post(address + "transitions/approve/").json()["state"] == "approved"
    assert call(cast.scientist).post(address + "transitions/publish/").json()["state"] == "published"
    assert call(cast.anonymous).get(address).json()["body"] == "From Monday on."
    listed = call(cast.anonymous).get("announcements/?state=published").json()["results"]
    assert [(one["id"], "body" in one) for one in listed] == [(number, False)]
    assert history_of(call(cast.scientist), address) == ["draft", "approved", "published"]
    # What was said before it was published stays with staff.
    assert history_of(call(cast.anonymous), address) == ["published"]


def test_second_of_two_people_is_told_and_changes_nothing(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    seen = call(cast.scientist).get(f"issues/{issue.key}/").json()["version"]
    call(cast.assignee).patch(f"issues/{issue.key}/", {"workaround": "Use the API.", "version": seen})
    events = Event.objects.count()
    for write, rest in (
        (call(cast.scientist).patch, ""),
        (call(cast.scientist).post, "transitions/investigate/"),
    ):
        late = write(f"issues/{issue.key}/{rest}", {"version": seen})
        assert late.status_code == 409
        assert late.json()["code"] == "stale"
        assert "changed by somebody else" in late.json()["detail"]
    assert Event.objects.count() == events


def test_an_edit_that_changes_nothing_is_no_event(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    before = Event.objects.count()
    same = call(cast.scientist).patch(f"issues/{issue.key}/", {"title": issue.title, "component": "portal"})
    assert same.status_code == 200
    assert same.json()["version"] == issue.version
    assert Event.objects.count() == before


def test_empty_is_null_for_references_and_empty_text_for_text(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    scientist = call(cast.scientist)
    cleared = scientist.patch(
        f"issues/{issue.key}/", {"component": None, "description": "", "importance": None}
    )
    assert cleared.status_code == 200, cleared.json()
    got = cleared.json()
    assert (got["component"], got["description"], got["importance"], got["priority"]) == (
        None,
        "",
        None,
        None,
    )


def test_transition_that_is_not_there_names_those_that_are(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    missing = call(cast.scientist).post(f"issues/{issue.key}/transitions/teleport/")
    assert missing.status_code == 404
    assert "triage" in missing.json()["detail"]


def test_refusals_say_who_may_and_from_where(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    refused = call(cast.outsider).post(f"issues/{issue.key}/transitions/investigate/")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "the assignee or a community scientist" in refused.json()["detail"]
    illegal = call(cast.assignee).post(f"issues/{issue.key}/transitions/start/")
    assert (illegal.status_code, illegal.json()["code"]) == (409, "illegal_transition")
    forbidden = call(cast.reporter).patch(f"issues/{issue.key}/", {"title": "Mine"})
    assert forbidden.status_code == 403
    assert list(forbidden.json()["fields"]) == ["title"]
