"""Bad luck and bad input: a clear sentence, a status of 4xx, nothing saved."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ops.issues.models import Issue
from ops.tickets.models import Comment, Link, Ticket
from ops.workflow.models import Event
from tests.api.conftest import V1
from tests.cast import Cast
from tests.factories import issue_in

GOOD = {"title": "Empty plot"}


def refused(response: Any, status: int, code: str = "") -> dict[str, Any]:
    """Return the body of a refusal, which is in shape."""
    body = response.json()
    assert response.status_code == status, body
    assert response.headers["Content-Type"] == "application/json"
    assert set(body) == {"code", "detail", "fields"}
    assert body["detail"].endswith((".", "?")), body["detail"]
    assert all(isinstance(text, str) for texts in body["fields"].values() for text in texts)
    if code:
        assert body["code"] == code
    return body


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", {"a": 1}, "Give text."),
        ("title", ["a"], "Give text."),
        ("title", 5, "Give text."),
        ("title", None, "Give text."),
        ("title", True, "Give text."),
        ("title", "", "Fill this in."),
        ("title", "x" * 201, "at most 200 characters"),
        ("title", "a\x00b", "cannot be stored"),
        ("title", "half \ud800 a character", "cannot be stored"),
        ("description", {"text": "x"}, "Give text."),
        ("labels", "cutout", "Give a list of texts."),
        ("labels", [1], "Give a list of texts."),
        ("labels", {"a": 1}, "Give a list of texts."),
        ("labels", ["a\x00"], "cannot be stored"),
        ("labels", [f"label-{number}" for number in range(31)], "at most 30 labels"),
        ("labels", ["\udfff"], "cannot be stored"),
        ("watchers", "outsider", "Give a list of usernames"),
        ("watchers", [{"username": "outsider"}], "Give a list of usernames"),
        ("watchers", ["a\x00b"], "cannot be stored"),
        ("watchers", ["nobody-of-that-name"], "no person with the username"),
        ("component", 1, "Give the name of one, as text, or null for none."),
        ("component", "", "or null for none."),
        ("component", "no-such-product", "There is no product called"),
        ("component", "a\x00b", "cannot be stored"),
        ("parent", "CST-99999", "There is no ticket called"),
        ("importance", "High", "Select a valid choice."),
        ("importance", 1, "Give one of the known words"),
        ("visibility", None, "Give one of the known words."),
        ("threat_to_science", "yes", "Give true or false."),
        ("threat_to_science", 1, "Give true or false."),
        ("threat_to_science", None, "Give true or false."),
        ("forum_topic", "javascript:alert(1)", "Enter a valid URL."),
        ("reporter", "lead", "This field cannot be given here"),
        ("state", "closed", "This field cannot be given here"),
        ("key", "CST-1", "This field cannot be given here"),
        ("no_such_field", 1, "This field cannot be given here"),
        ("__all__", "x", "This field cannot be given here"),
    ],
)
def test_a_field_that_does_not_fit_is_named(
    cast: Cast, call: Callable, field: str, value: Any, sentence: str
) -> None:
    body = refused(call(cast.reporter).post("issues/", {**GOOD, field: value}), 422, "invalid_input")
    assert list(body["fields"]) == [field]
    assert sentence in " ".join(body["fields"][field])
    assert not Ticket.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("due_at", "10000-01-01T00:00:00Z"),
        ("due_at", "0001-01-01"),
        ("due_at", "tomorrow"),
        ("due_at", 1700000000),
        ("due_at", "2026-02-30T00:00:00Z"),
        ("due_at", "2026-11-20T17:00:00+99:00"),
        ("story_points", -1),
        ("story_points", 32768),
        ("story_points", 10**400),
        ("story_points", 1.5),
        ("story_points", "5"),
        ("story_points", True),
        ("version", "1"),
        ("version", [1]),
        ("version", 1.5),
        ("assignee", "nobody"),
        ("assignee", "system"),
        ("documentation_url", "x" * 501),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(
    cast: Cast, call: Callable, field: str, value: Any
) -> None:
    issue = issue_in("triaged", cast)
    before = Event.objects.count()
    body = refused(call(cast.scientist).patch(f"issues/{issue.key}/", {field: value}), 422)
    assert list(body["fields"]) == [field]
    assert Event.objects.count() == before
    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_every_wrong_field_is_named_at_once(cast: Cast, call: Callable) -> None:
    body = refused(call(cast.reporter).post("issues/", {"title": 1, "labels": 2, "importance": "huge"}), 422)
    assert set(body["fields"]) == {"title", "labels"}
    body = refused(call(cast.reporter).post("issues/", {"importance": "huge", "colour": "red"}), 422)
    assert set(body["fields"]) == {"title", "importance", "colour"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "not JSON"),
        (b"", "Please correct title."),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"title": "\xc3\x28"}', "not UTF-8"),
        (b'{"title": NaN}', "NaN is not a number of JSON"),
        (b'{"title": -Infinity}', "not a number of JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more deeply"),
        # The text is read where the stack is short, and written where it is longer.
        (b"[" * 900 + b"]" * 900, "nested more deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested more deeply"),
        (b"[]", "Send a JSON object"),
        (b'"title"', "Send a JSON object"),
        (b"null", "Send a JSON object"),
        (b"5", "Send a JSON object"),
        (b'{"\\ud800": 1}', "cannot be stored"),
        (b'{"title": ' + b"9" * 5000 + b"}", "not JSON"),
        ('{"title": "x"}'.encode("utf-16"), "not UTF-8"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_a_body_that_cannot_be_read_says_why(cast: Cast, call: Callable, body: bytes, sentence: str) -> None:
    response = call(cast.reporter).raw("post", "issues/", body)
    assert response.status_code in {400, 422}
    assert sentence in refused(response, response.status_code)["detail"]
    assert not Ticket.objects.exists()


def test_a_body_that_is_too_large_is_413(cast: Cast, call: Callable, settings: Any) -> None:
    body = json.dumps({**GOOD, "description": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}).encode()
    refused(call(cast.reporter).raw("post", "issues/", body), 413, "too_large")


def test_a_body_in_chunks_is_411_and_not_taken_for_none(cast: Cast, call: Callable) -> None:
    headers = {**call(cast.reporter).headers, "transfer-encoding": "chunked"}
    response = Client().generic("POST", V1 + "issues/", headers=headers)
    refused(response, 411, "length_required")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]
)
def test_what_is_not_json_is_415(cast: Cast, call: Callable, content_type: str) -> None:
    refused(
        call(cast.reporter).raw("post", "issues/", b"title=Empty", content_type),
        415,
        "unsupported_media_type",
    )


def test_a_format_that_is_not_spoken_is_406(cast: Cast, call: Callable) -> None:
    refused(call(cast.reporter).get("issues/", headers={"accept": "application/xml"}), 406, "not_acceptable")
    page = call(cast.reporter).get("issues/", headers={"accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("delete", "issues/{key}/"),
        ("put", "issues/{key}/"),
        ("post", "issues/{key}/"),
        ("delete", "issues/"),
        ("get", "issues/{key}/transitions/triage/"),
        ("patch", "issues/{key}/events/"),
        ("options", "issues/"),
        ("trace", "issues/"),
    ],
)
@pytest.mark.parametrize("who", ["lead", "anonymous"])
def test_a_method_that_is_not_there_is_405(
    cast: Cast, call: Callable, method: str, address: str, who: str
) -> None:
    issue = issue_in("reported", cast)
    response = call(getattr(cast, who)).raw(method, address.format(key=issue.key), b"")
    refused(response, 405, "method_not_allowed")
    assert method.upper() not in response.headers["Allow"]


@pytest.mark.parametrize(
    "address",
    [
        "issues/CST-999999/",
        "issues/CST-99999999999999999999/",
        "issues/RAC-1/",
        "issues/nonsense/",
        "issues/CST-1%00/",
        "issues/%F0%9F%92%A5/",
        "tickets/XYZ-1/",
        "tickets/../../admin/",
        "announcements/999999999999999999/",
        "announcements/99999999999999999999999/",
        "announcements/-1/",
        "issues/{key}/comments/999999999999999999/",
        "issues/{key}/comments/x/",
        "issues/{key}/attachments/1/",
        "issues/{key}/nothing/",
        "nothing/",
        "issues",
    ],
)
def test_an_address_that_leads_nowhere_is_404(cast: Cast, call: Callable, address: str) -> None:
    issue = issue_in("reported", cast)
    for who in (cast.lead, cast.anonymous):
        refused(call(who).get(address.format(key=issue.key)), 404, "not_found")


def test_an_unknown_address_is_404_for_every_method(cast: Cast, call: Callable) -> None:
    for method in ("get", "post", "put", "patch", "delete", "options"):
        body = refused(call(cast.lead).raw(method, "issues", b"{}"), 404, "not_found")
        assert "end with a slash" in body["detail"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("colour=red", "known are"),
        ("assignee__password=x", "known are"),
        ("sort=password", "known are"),
        ("cursor=!!!", "is not a cursor"),
        ("cursor=WyJhZnRlciIsMV0", "is not a cursor"),
        ("cursor=%00", "is not a cursor"),
        ("cursor=" + "A" * 5000, "is not a cursor"),
        ("page_size=0", "from 1 to"),
        ("page_size=-1", "from 1 to"),
        ("page_size=101", "from 1 to"),
        ("page_size=1e2", "from 1 to"),
        ("page_size=" + "9" * 5000, "from 1 to"),
        ("page=-1", "known are"),
        ("state=nowhere", "knows reported"),
        ("priority=urgent", "knows critical"),
        ("live=maybe", "knows yes, no"),
        ("assignee=nobody", "names nobody"),
        ("assignee=a%00b", "not text"),
        ("component=nothing", "names no product"),
        ("watcher=lead", "can only be"),
        ("created_after=10000-01-01", "must be a date"),
        ("created_after=2026-13-01", "must be a date"),
        ("due_before=0001-01-01T00:00:00Z", "must be a date"),
        ("search=%00", "not text"),
        ("search=" + "a" * 301, "at most 300"),
        ("format=xml", "known are"),
        ("state=reported&state=nowhere", "knows reported"),
    ],
)
def test_a_query_that_cannot_be_asked_names_what_can(
    cast: Cast, call: Callable, query: str, sentence: str
) -> None:
    for address in ("issues/", "tickets/"):
        body = refused(call(cast.lead).get(f"{address}?{query}"), 400, "bad_query")
        assert sentence in body["detail"]


@pytest.mark.parametrize(
    "values", [["after", 1e400, 1], ["after", "2026-01-01T00:00:00Z", 1e400], ["before"], {}, []]
)
def test_a_forged_cursor_is_refused(cast: Cast, call: Callable, values: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    refused(call(cast.lead).get(f"issues/?cursor={cursor}"), 400, "bad_query")


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=-1", "page_size=0", "page_size=1000", "cursor=" + "9" * 30, "a=1"]
)
@pytest.mark.parametrize("rest", ["events", "comments", "links", "watchers", "attachments", "invitations"])
def test_small_lists_refuse_the_same(cast: Cast, call: Callable, query: str, rest: str) -> None:
    issue = issue_in("reported", cast)
    refused(call(cast.lead).get(f"issues/{issue.key}/{rest}/?{query}"), 400, "bad_query")


@pytest.mark.parametrize(
    ("rest", "body", "field"),
    [
        ("comments", {}, "body"),
        ("comments", {"body": "   "}, "body"),
        ("comments", {"body": ["x"]}, "body"),
        ("comments", {"body": "x" * 50_001}, "body"),
        ("comments", {"body": "x", "visibility": "secret"}, "visibility"),
        ("comments", {"body": "x", "visibility": None}, "visibility"),
        ("comments", {"body": "x", "author": "lead"}, "author"),
        ("links", {}, "kind"),
        ("links", {"kind": "relates", "target": "CST-404"}, "target"),
        ("links", {"kind": "hates", "target": "CST-1"}, "kind"),
        ("links", {"kind": "relates", "target": {"key": "CST-1"}}, "target"),
        ("links", {"kind": "relates", "target": "{key}"}, "target"),
        ("watchers", {"who": "not an address"}, "who"),
        ("watchers", {"who": ["staff"]}, "who"),
        ("watchers", {"user": "staff"}, "user"),
        ("invitations", {"person": "nobody"}, "person"),
        ("invitations", {"person": None}, "person"),
        ("invitations", {}, "person"),
        ("transitions/decline", {"reason": 5}, "reason"),
        ("transitions/decline", {}, "reason"),
        ("transitions/decline", {"reason": "x", "colour": "red"}, "colour"),
        ("transitions/triage", {"assignee": None}, "assignee"),
    ],
)
def test_what_stands_beside_is_checked_alike(
    cast: Cast, call: Callable, rest: str, body: dict[str, Any], field: str
) -> None:
    issue = issue_in("reported", cast)
    given = {name: issue.key if value == "{key}" else value for name, value in body.items()}
    answer = refused(call(cast.scientist).post(f"issues/{issue.key}/{rest}/", given), 422, "invalid_input")
    assert field in answer["fields"]
    assert not Comment.objects.exists()
    assert not Link.objects.exists()
    assert Event.objects.count() == 1


@pytest.mark.parametrize("name", ["system", "nobody", "x@", "a%00b", "%20"])
def test_taking_off_who_is_not_there_is_404(cast: Cast, call: Callable, name: str) -> None:
    issue = issue_in("reported", cast)
    for rest in ("watchers", "invitations"):
        refused(call(cast.scientist).delete(f"issues/{issue.key}/{rest}/{name}/"), 404, "not_found")
