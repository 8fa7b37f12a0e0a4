"""What stands beside a ticket: said, linked, followed, attached, let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.tickets import services
from ops.tickets.models import Attachment, CommentRevision
from ops.workflow.models import Event
from tests.cast import Cast
from tests.factories import issue_in


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.json()
    listed: list[dict[str, Any]] = response.json()["results"]
    return listed


def a_file(name: str = "plot.csv", content: bytes = b"ra,dec\n1,2\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_comments_are_read_by_those_they_are_for(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    address = f"issues/{issue.key}/comments/"
    for visibility in ("public", "participants", "staff"):
        said = call(cast.assignee).post(address, {"body": f"For {visibility}", "visibility": visibility})
        assert said.status_code == 201
        assert (said.json()["author"], said.json()["visibility"]) == ("assignee", visibility)
    read = {
        who: [one["visibility"] for one in results(call(getattr(cast, who)).get(address))]
        for who in ("staff", "reporter", "outsider", "anonymous")
    }
    assert read == {
        "staff": ["public", "participants", "staff"],
        "reporter": ["public", "participants"],
        "outsider": ["public"],
        "anonymous": ["public"],
    }
    number = said.json()["id"]
    for method in (call(cast.reporter).get, lambda at: call(cast.reporter).patch(at, {"body": "Mine"})):
        assert method(f"{address}{number}/").status_code == 404


def test_audience_that_one_does_not_belong_to_is_refused(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    refused = call(cast.outsider).post(f"issues/{issue.key}/comments/", {"body": "x", "visibility": "staff"})
    assert (refused.status_code, list(refused.json()["fields"])) == (403, ["visibility"])


def test_comment_gets_another_wording_by_its_author_alone(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    made = call(cast.reporter).post(f"issues/{issue.key}/comments/", {"body": "First"}).json()
    address = f"issues/{issue.key}/comments/{made['id']}/"
    assert call(cast.lead).patch(address, {"body": "Mine"}).status_code == 403
    edited = call(cast.reporter).patch(address, {"body": "Second"}).json()
    assert edited["body"] == "Second"
    assert edited["edited_at"] is not None
    assert CommentRevision.objects.get().body == "First"
    elsewhere = issue_in("reported", cast)
    assert call(cast.reporter).get(f"issues/{elsewhere.key}/comments/{made['id']}/").status_code == 404


def test_long_lists_go_on_where_they_stopped(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    for number in range(5):
        services.comment(issue, actor=cast.staff, body=f"Number {number}")
    address: str | None = f"issues/{issue.key}/comments/?page_size=2"
    read = []
    while address:
        page = call(cast.staff).get(address).json()
        assert len(page["results"]) <= 2
        read += [one["body"] for one in page["results"]]
        address = page["next"]
    assert read == [f"Number {number}" for number in range(5)]


def test_a_list_of_tickets_is_paged_both_ways(cast: Cast, call: Callable) -> None:
    keys = [issue_in("reported", cast).key for _ in range(5)][::-1]
    reader = call(cast.anonymous)
    first = reader.get("issues/?page_size=2&sort=-created").json()
    second = reader.get(first["next"]).json()
    third = reader.get(second["next"]).json()
    pages = [[one["key"] for one in page["results"]] for page in (first, second, third)]
    assert pages == [keys[:2], keys[2:4], keys[4:]]
    assert (first["previous"], third["next"]) == (None, None)
    assert (first["total"], first["total_is_exact"]) == (5, True)
    back = reader.get(second["previous"]).json()
    assert [one["key"] for one in back["results"]] == keys[:2]


def test_filters_narrow_and_search_finds(cast: Cast, call: Callable) -> None:
    plot = issue_in("triaged", cast, title="Empty plot", labels=["pole"])
    other = issue_in("reported", cast, title="Slow query", component="rsp")
    services.comment(other, actor=cast.staff, body="The hummingbird index is missing.")
    services.comment(plot, actor=cast.staff, body="A secret cormorant.", visibility="staff")

    def found(query: str, who: Any = cast.anonymous) -> set[str]:
        return {one["key"] for one in results(call(who).get(f"issues/?{query}"))}

    both = {plot.key, other.key}
    assert found("state=triaged") == {plot.key}
    assert found("state=triaged,reported") == found("state=triaged&state=reported") == both
    assert found("assignee=assignee") == found("assignee=me", cast.assignee) == {plot.key}
    assert found("assignee=none") == {other.key}
    assert found("component=rsp") == both, "a product stands for all below it"
    assert found("component=portal") == {plot.key}
    assert found("label=pole") == {plot.key}
    assert found("priority=critical") == set()
    assert found("search=hummingbird") == {other.key}
    assert found("search=cormorant") == set()
    assert found("search=cormorant", cast.staff) == {plot.key}
    assert found(f"search={plot.key}") == {plot.key}
    assert found("created_after=2099-01-01") == set()


def test_links_read_from_both_ends_and_can_be_taken_away(cast: Cast, call: Callable) -> None:
    one, other = issue_in("triaged", cast), issue_in("reported", cast)
    made = call(cast.staff).post(f"issues/{one.key}/links/", {"kind": "blocks", "target": other.key})
    assert made.status_code == 201
    assert made.json()["ticket"]["key"] == other.key
    assert (made.json()["words"], made.json()["inverse"]) == ("blocks", False)
    (seen,) = results(call(cast.anonymous).get(f"issues/{other.key}/links/"))
    assert (seen["words"], seen["inverse"], seen["ticket"]["key"]) == ("is blocked by", True, one.key)
    again = call(cast.staff).post(f"issues/{one.key}/links/", {"kind": "blocks", "target": other.key})
    assert again.json()["id"] == made.json()["id"]
    address = f"issues/{other.key}/links/{seen['id']}/"
    assert call(cast.outsider).delete(address).status_code == 403
    assert call(cast.staff).delete(address).status_code == 204
    assert results(call(cast.staff).get(f"issues/{one.key}/links/")) == []
    assert call(cast.staff).delete(address).status_code == 404


def test_watchers_come_and_go_by_name_or_address(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast)
    address = f"issues/{issue.key}/watchers/"
    assert call(cast.outsider).post(address, {}).json() == {"added": ["outsider"]}
    assert call(cast.reporter).post(address, {"who": "@staff"}).json() == {"added": ["staff"]}
    assert call(cast.reporter).post(address, {"who": "group@example.org"}).json() == {
        "added": ["group@example.org"]
    }
    assert call(cast.reporter).post(address, {"who": "staff"}).json() == {"added": []}
    assert call(cast.outsider).post(address, {"who": "staff"}).status_code == 403
    followers = [one["who"] for one in results(call(cast.scientist).get(address))]
    assert followers == ["outsider", "staff", "group@example.org"]
    assert call(cast.outsider).delete(address + "staff/").status_code == 403
    assert call(cast.outsider).delete(address + "outsider/").status_code == 204
    assert call(cast.staff).delete(address + "group@example.org/").status_code == 204
    assert [one["who"] for one in results(call(cast.scientist).get(address))] == ["staff"]


def test_plain_addresses_are_shown_to_those_who_may_add_some(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast)
    for who in (cast.staff, "private@example.org"):
        services.watch(issue, actor=cast.scientist, who=who)
    address = f"issues/{issue.key}/watchers/"
    shown = {
        who: [one["who"] for one in results(call(getattr(cast, who)).get(address))]
        for who in ("reporter", "staff", "outsider")
    }
    assert shown["reporter"] == shown["staff"] == ["staff", "private@example.org"]
    assert shown["outsider"] == ["staff"]
    assert call(cast.anonymous).get(address).status_code == 401


def test_a_file_comes_back_as_a_download_and_nothing_else(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast)
    content = b"<script>alert(1)</script>"
    kept = call(cast.reporter).upload(f"issues/{issue.key}/attachments/", file=a_file("plot.svg", content))
    assert kept.status_code == 201, kept.json()
    assert (kept.json()["name"], kept.json()["size"]) == ("plot.svg", len(content))
    (listed,) = results(call(cast.anonymous).get(f"issues/{issue.key}/attachments/"))
    assert listed == kept.json()
    got = call(cast.anonymous).get(listed["url"], headers={"accept": "image/svg+xml"})
    assert b"".join(got.streaming_content) == content
    assert got.headers["Content-Disposition"] == 'attachment; filename="plot.svg"'
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert [event["words"] for event in results(call(cast.anonymous).get(f"issues/{issue.key}/events/"))][
        -1
    ] == ("attached a file")


def test_a_file_of_a_comment_follows_the_comment(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    address = f"issues/{issue.key}/attachments/"
    said = (
        call(cast.staff).post(f"issues/{issue.key}/comments/", {"body": "Log", "visibility": "staff"}).json()
    )
    kept = call(cast.staff).upload(address, file=a_file("host.log"), comment=said["id"])
    assert kept.json()["comment"] == said["id"]
    assert results(call(cast.reporter).get(address)) == []
    assert call(cast.reporter).get(kept.json()["url"]).status_code == 404
    assert call(cast.assignee).get(kept.json()["url"]).status_code == 200
    for number in (said["id"] + 1, "x", "9" * 40):
        refused = call(cast.staff).upload(address, file=a_file(), comment=number)
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["comment"])
    foreign = call(cast.assignee).upload(address, file=a_file(), comment=said["id"])
    assert foreign.status_code == 403
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({}, "Send the file"),
        ({"file": "text"}, "Send the file"),
        ({"file": ("empty.csv", b"")}, "empty"),
        ({"file": ("page.html", b"<p>")}, "not accepted"),
        ({"file": ("program.exe", b"MZ")}, "not accepted"),
        ({"file": ("nothing", b"x")}, "not accepted"),
    ],
)
def test_a_file_that_is_not_taken_says_why(cast: Cast, call: Callable, parts: dict, sentence: str) -> None:
    issue = issue_in("reported", cast)
    sent = {name: a_file(*part) if isinstance(part, tuple) else part for name, part in parts.items()}
    refused = call(cast.reporter).upload(f"issues/{issue.key}/attachments/", **sent)
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]
    assert not Attachment.objects.exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    cast: Cast, call: Callable, settings: Any
) -> None:
    issue = issue_in("reported", cast)
    address = f"issues/{issue.key}/attachments/"
    settings.ATTACHMENT_MAX_BYTES = 1024
    little = call(cast.reporter).upload(address, file=a_file("big.csv", b"x" * 1025))
    assert little.status_code == 422
    much = call(cast.reporter).upload(address, file=a_file("big.csv", b"x" * (2 * 1024 * 1024)))
    assert (much.status_code, much.json()["code"]) == (413, "too_large")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\nnonsense", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n']
)
def test_a_broken_form_is_refused(cast: Cast, call: Callable, body: bytes) -> None:
    issue = issue_in("reported", cast)
    for content_type in (
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=",
    ):
        response = call(cast.reporter).raw("post", f"issues/{issue.key}/attachments/", body, content_type)
        assert response.status_code in {400, 422}
        assert set(response.json()) == {"code", "detail", "fields"}


def test_people_are_let_in_and_out(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast, visibility="confidential")
    address = f"issues/{issue.key}/invitations/"
    assert call(cast.outsider).get(f"issues/{issue.key}/").status_code == 404
    made = call(cast.reporter).post(address, {"person": "outsider"})
    assert (made.status_code, made.json()["invited_by"]) == (201, "reporter")
    assert call(cast.outsider).get(f"issues/{issue.key}/").status_code == 200
    assert [one["person"] for one in results(call(cast.outsider).get(address))] == ["outsider"]
    assert call(cast.outsider).post(address, {"person": "staff"}).status_code == 403
    assert call(cast.outsider).delete(address + "outsider/").status_code == 204, "everybody may go"
    assert call(cast.outsider).get(f"issues/{issue.key}/").status_code == 404


def test_who_was_let_in_is_known_to_those_who_take_part(cast: Cast, call: Callable) -> None:
    issue = issue_in("reported", cast)
    address = f"issues/{issue.key}/invitations/"
    assert call(cast.outsider).get(address).status_code == 403
    assert call(cast.anonymous).get(address).status_code == 401
    assert results(call(cast.staff).get(address)) == []


def test_writing_beside_a_ticket_makes_nobodys_form_stale(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast)
    call(cast.reporter).post(f"issues/{issue.key}/comments/", {"body": "More."})
    call(cast.reporter).upload(f"issues/{issue.key}/attachments/", file=a_file())
    call(cast.outsider).post(f"issues/{issue.key}/watchers/", {})
    edited = call(cast.scientist).patch(f"issues/{issue.key}/", {"version": issue.version, "urgency": "low"})
    assert edited.status_code == 200
    assert Event.objects.of(issue).filter(name="edit").count() == 1
