"""A confidential ticket does not exist for those who may not see it: at no address, in no list, in no record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile

from ops.issues.models import Issue
from ops.tickets import services
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import issue_in

SECRET = "Photons are sold"
WITHOUT_RIGHT = ["outsider", "staff", "scientist", "owner", "director", "anonymous"]
SEES_IT = ["reporter", "lead"]
BESIDE = ["events", "comments", "links", "watchers", "attachments", "invitations", "transitions"]


@pytest.fixture
def hidden(cast: Cast) -> Issue:
    """A confidential report with something of everything beside it."""
    issue = issue_in("reported", cast, title=SECRET, visibility="confidential", labels=["sold"])
    said = services.comment(issue, actor=cast.reporter, body="The ledger is in the dome.")
    services.attach(issue, actor=cast.reporter, upload=ContentFile(b"x,y", name="ledger.csv"))
    services.attach(issue, actor=cast.reporter, upload=ContentFile(b"x,y", name="second.csv"), comment=said)
    services.watch(issue, actor=cast.reporter, who="whistle@example.org")
    return issue


@pytest.mark.parametrize("who", WITHOUT_RIGHT)
def test_no_address_leads_to_it(cast: Cast, call: Callable, hidden: Issue, who: str) -> None:
    caller, file = call(getattr(cast, who)), hidden.attachments.first()
    for kind in ("issues", "tickets"):
        one = f"{kind}/{hidden.key}/"
        addresses = [one, *(f"{one}{rest}/" for rest in BESIDE), f"{one}attachments/{file.pk}/"]
        answers = [caller.get(address) for address in addresses]
        absent = caller.get(f"{kind}/CST-987654/")
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.content for answer in answers} == {absent.content}, (
            "told apart from what does not exist"
        )


@pytest.mark.parametrize("who", [who for who in WITHOUT_RIGHT if who != "anonymous"])
def test_nothing_can_be_done_to_it(cast: Cast, call: Callable, hidden: Issue, who: str) -> None:
    caller, one = call(getattr(cast, who)), f"issues/{hidden.key}/"
    other, events = issue_in("triaged", cast), Event.objects.count()
    answers = [
        caller.patch(one, {"title": "Known"}),
        caller.post(f"{one}transitions/decline/", {"reason": "No."}),
        caller.post(f"{one}transitions/nonsense/", {}),
        caller.post(f"{one}comments/", {"body": "I know"}),
        caller.post(f"{one}links/", {"kind": "relates", "target": other.key}),
        caller.post(f"{one}watchers/", {}),
        caller.delete(f"{one}watchers/whistle@example.org/"),
        caller.post(f"{one}invitations/", {"person": who}),
        caller.upload(f"{one}attachments/", file=ContentFile(b"x", name="x.csv")),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert Event.objects.count() == events


@pytest.mark.parametrize("who", WITHOUT_RIGHT)
def test_no_list_search_or_count_knows_it(cast: Cast, call: Callable, hidden: Issue, who: str) -> None:
    caller = call(getattr(cast, who))
    for query in (
        "", "search=photons", f"search={hidden.key}", "search=ledger", "reporter=reporter", "label=sold",
        "visibility=confidential", "sort=priority", "state=reported",
    ):  # fmt: skip
        for address in ("issues/", "tickets/"):
            page = caller.get(f"{address}?{query}").json()
            assert (page["results"], page["total"], page["next"]) == ([], 0, None), query


@pytest.mark.parametrize("who", SEES_IT)
def test_those_with_a_right_find_it(cast: Cast, call: Callable, hidden: Issue, who: str) -> None:
    caller = call(getattr(cast, who))
    assert caller.get(f"issues/{hidden.key}/").json()["title"] == SECRET
    for query in ("", "search=photons", "search=ledger"):
        assert caller.get(f"issues/?{query}").json()["total"] == 1


@pytest.mark.parametrize("who", ["staff", "scientist", "anonymous"])
def test_no_other_record_mentions_it(cast: Cast, call: Callable, hidden: Issue, who: str) -> None:
    child = create(Issue, actor=cast.reporter, data={"title": "Child", "parent": hidden.key})
    services.link(child, hidden, kind="caused_by", actor=cast.lead)
    twin = create(Issue, actor=cast.reporter, data={"title": "Twin"})
    twin = perform(twin, "mark_duplicate", actor=cast.lead, data={"duplicate_of": hidden.key})
    moved = create(Issue, actor=cast.reporter, data={"title": "Moved"})
    moved = edit(moved, actor=cast.lead, data={"parent": hidden.key})
    announcement = (
        call(cast.lead)
        .post("announcements/", {"title": "New", "body": "News", "tickets": [hidden.key, child.key]})
        .json()
    )
    for name, actor in (("approve", cast.lead), ("publish", cast.lead)):
        call(actor).post(f"announcements/{announcement['id']}/transitions/{name}/")
    caller = call(getattr(cast, who))
    pages = [caller.get(f"issues/?parent={hidden.key}"), caller.get("issues/"), caller.get("tickets/")]
    pages += [
        caller.get(f"issues/{one.key}/{rest}") for one in (child, twin, moved) for rest in ("", "events/")
    ]
    pages += [caller.get(f"issues/{child.key}/links/"), caller.get("announcements/")]
    pages += [caller.get(f"announcements/{announcement['id']}/{rest}") for rest in ("", "events/")]
    assert {page.status_code for page in pages} == {200}
    for page in pages:
        assert hidden.key not in _words_of(page)
        assert SECRET not in _words_of(page)
    assert pages[0].json()["results"] == []
    assert pages[3].json()["parent"] is None
    assert pages[5].json()["duplicate_of"] is None
    assert caller.get(f"announcements/{announcement['id']}/").json()["tickets"] == [child.key]
    seen = call(cast.lead).get(f"issues/{child.key}/").json()
    assert seen["parent"] == hidden.key


def test_it_cannot_be_named_by_those_who_may_not_see_it(cast: Cast, call: Callable, hidden: Issue) -> None:
    for kind in (hidden.key, "CST-987654"):
        refused = call(cast.staff).post("issues/", {"title": "Child", "parent": kind})
        assert refused.json()["fields"] == {
            "parent": [f"There is no ticket called “{kind}” that you may see."]
        }
        other = issue_in("reported", cast)
        linked = call(cast.staff).post(f"issues/{other.key}/links/", {"kind": "relates", "target": kind})
        assert linked.json()["fields"] == {
            "target": [f"There is no ticket called “{kind}” that you may see."]
        }


def test_the_word_staff_keeps_others_out_alike(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast, visibility="staff")
    seen = {
        who: call(getattr(cast, who)).get(f"issues/{issue.key}/").status_code
        for who in ("anonymous", "outsider", "owner", "staff", "reporter", "assignee")
    }
    assert seen == {
        "anonymous": 404,
        "outsider": 404,
        "owner": 404,
        "staff": 200,
        "reporter": 200,
        "assignee": 200,
    }


def test_the_word_community_asks_for_an_account(cast: Cast, call: Callable) -> None:
    issue = issue_in("triaged", cast, visibility="community")
    assert call(cast.anonymous).get(f"issues/{issue.key}/").status_code == 404
    assert call(cast.anonymous).get("issues/").json()["total"] == 0
    assert call(cast.outsider).get(f"issues/{issue.key}/").status_code == 200


def _words_of(page: Any) -> str:
    return json.dumps(page.json(), ensure_ascii=False)
