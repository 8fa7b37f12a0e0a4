"""A confidential ticket does not exist for those who may not see it: through no door, in no list, count or letter."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.services import attach, comment, invite, link, watch
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.doors.addresses import Door, doors, operator_doors
from tests.mail import Post
from tests.notify.conftest import mail_server, mailbox
from tests.notify.mailbox import Mailbox

__all__ = ["mail_server", "mailbox"]

# Words that stand in the ticket and nowhere else. What is searched for stands beside them, so that a page may
# repeat the question without giving the answer.
SECRETS = ("vexilloid", "borborygmus", "widdershins", "snollygoster", "quomodocunque", "tatterdemalion")
TITLE, DESCRIPTION, COMMENT, FILE, LABEL, WORKAROUND = SECRETS
ASKED = "quagmire"
READERS = ["anonymous", "outsider", "scientist"]
NOWHERE = "CST-987654"
# Signing out, and what machines ask of the machine.
NOT_ABOUT_TICKETS = {"logout/", "metrics", "readyz", "api/schema/"}


@dataclass(frozen=True)
class Scene:
    """A confidential ticket that was public once, and public things that stand in a relation to it."""

    hidden: Issue
    neighbours: tuple[Issue, ...]
    values: Mapping[str, Any]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Everything that could give it away."""
    hidden = create(
        Issue,
        actor=cast.reporter,
        data={
            "title": f"{ASKED} {TITLE}",
            "description": f"{ASKED} {DESCRIPTION} @outsider @scientist",
            "labels": [LABEL, ASKED],
            "component": "portal",
            "watchers": ["outsider", "scientist", "whistle@institute.example"],
        },
    )
    said = comment(hidden, actor=cast.reporter, body=f"{ASKED} {COMMENT} @outsider @scientist")
    file = attach(hidden, actor=cast.reporter, upload=ContentFile(b"x", name=f"{FILE}.csv"))
    edit(hidden, actor=cast.scientist, data={"workaround": f"{ASKED} {WORKAROUND}"})
    invite(hidden, actor=cast.reporter, person=cast.owner)
    triage = {"assignee": "assignee", "importance": "high", "urgency": "high"}
    hidden = perform(hidden, "triage", actor=cast.scientist, data=triage)
    hidden = edit(hidden, actor=cast.lead, data={"visibility": "confidential"})

    child, linked, twin, above = (
        create(Issue, actor=cast.reporter, data={"title": f"A public {word}", "component": "portal"})
        for word in ("child", "neighbour", "twin", "parent")
    )
    child = edit(child, actor=cast.lead, data={"parent": hidden.key})
    edit(hidden, actor=cast.lead, data={"parent": above.key})
    made = link(linked, hidden, kind="caused_by", actor=cast.lead)
    twin = perform(twin, "mark_duplicate", actor=cast.lead, data={"duplicate_of": hidden.key})
    news = {"title": "Something is new", "body": "It is.", "tickets": [hidden.key, linked.key]}
    announcement = create(Announcement, actor=cast.lead, data=news)
    perform(perform(announcement, "approve", actor=cast.lead), "publish", actor=cast.lead)
    values = {
        "key": hidden.key,
        "comments": said.pk, "comment_id": said.pk,
        "links": made.pk, "link_id": made.pk,
        "attachments": file.pk, "attachment_id": file.pk,
        "who": "whistle@institute.example", "person": "owner",
        "transition": "investigate", "name": "investigate",
        "id": announcement.pk, "pk": announcement.pk,
        "kind": "issue", "what": "ticket", "year": 2026, "slug": "community-science",
        "part": "offer", "section": "science", "way": "base", "secret": "x", "day": "2026-01-01",
        "token": "x", "token_id": 1, "filter_id": 1, "leave_id": 1, "endpoint_id": 1, "correspondent_id": 1,
    }  # fmt: skip
    return Scene(hidden, (child, linked, twin, above), values)


def enter(cast: Cast, who: str) -> Client:
    """A browser of somebody."""
    client = Client(raise_request_exception=False)
    if who != "anonymous":
        client.force_login(User.objects.get(pk=getattr(cast, who).pk))
    return client


def given_away(answer: Any, *, but: tuple[str, ...] = ()) -> set[str]:
    """The secrets in an answer, of whatever kind it is."""
    body = answer.getvalue() if answer.streaming else answer.content
    text = body.decode(errors="replace") + str(dict(answer.headers))
    return {secret for secret in SECRETS if secret in text.lower() and secret not in but}


def said_of(client: Client, method: str, address: str) -> tuple[int, str]:
    """The status of an answer, and where it sends one or, for programs, what it says."""
    answer = getattr(client, method)(address, content_type="application/json")
    assert not given_away(answer), address
    body = answer.content.decode() if "json" in answer.headers.get("Content-Type", "") else ""
    return answer.status_code, body + answer.headers.get("Location", "")


# Doors that name it


@pytest.mark.parametrize("who", READERS)
def test_every_door_that_names_it_says_what_it_says_of_nothing(cast: Cast, scene: Scene, who: str) -> None:
    """Not only refused: told apart from a key that nobody has by nothing."""
    client = enter(cast, who)
    nothing = {**scene.values, "key": NOWHERE, "attachment_id": 987_654}
    tried = 0
    for door in doors():
        if not door.names_a_ticket:
            continue
        for method in methods(door):
            here, there = (door.opened(values) for values in (scene.values, nothing))
            status, words = said_of(client, method, here)
            same = (status, words.replace(scene.hidden.key, NOWHERE).replace(here, there))
            assert same == said_of(client, method, there), f"{method} {here}"
            # Where an office works, whoever does not hold it is told so, whatever they name.
            assert status in {302, 401, 403, 404, 405, 415}, f"{method} {here} answers {status}"
            assert status != 302 or "/login/" in words, f"{method} {here} leads to {words}"
            tried += 1
    assert tried > 150


def methods(door: Door) -> tuple[str, ...]:
    """How one knocks: in every way where issues are; elsewhere nobody of this name lives, and asking will do."""
    if not door.leads_to("issues"):
        return ("get",)
    return ("get", "post", "patch", "delete") if door.is_api else ("get", "post")


def test_the_doors_open_for_those_who_may_see_it(cast: Cast, scene: Scene) -> None:
    """What the test above knocks at are doors indeed."""
    client = enter(cast, "lead")
    opened = {
        door.route
        for door in doors()
        if door.names_a_ticket and client.get(door.opened(scene.values)).status_code in {200, 302, 405}
    }
    shut = {door.route for door in doors() if door.names_a_ticket and door.leads_to("issues")} - opened
    assert shut == {
        "tickets/<key:key>/comments/<int:comment_id>/edit/",  # only its author edits a comment
        "tickets/<key:key>/feed/",  # a feed has no account, and holds what is public
        "tickets/<key:key>/letter/",  # only what was decided on has a letter
        "tickets/<key:key>/letter.pdf",
    }


# Doors that do not name it


def questions(scene: Scene, *, of_a_list: bool) -> list[dict[str, str]]:
    """What one would ask to find it out: a list knows its filters, any other page takes what it finds."""
    key = scene.hidden.key
    if not of_a_list:
        return [dict.fromkeys(("q", "search", "title", "text"), asked) for asked in (ASKED, key)]
    return [
        {"search": ASKED},
        {"search": key.lower()},
        {"parent": key},
        {"label": ASKED},
        {"visibility": "confidential"},
        {"reporter": "reporter", "assignee": "assignee", "priority": "critical", "sort": "priority"},
    ]


@pytest.mark.parametrize("who", READERS)
def test_no_other_door_gives_it_away(cast: Cast, scene: Scene, who: str) -> None:
    client = enter(cast, who)
    for door in doors():
        if door.names_a_ticket or door.route in NOT_ABOUT_TICKETS:
            continue
        address = door.opened(scene.values)
        first = client.get(address)
        asked = []
        if first.status_code == 200:
            of_a_list = client.get(address, {"colour": "red"}).status_code == 400
            asked = questions(scene, of_a_list=of_a_list)
        for question in asked:
            answer = client.get(address, question)
            assert answer.status_code < 500, f"{address} {question}"
            assert not given_away(answer), f"{address} {question}"
            if scene.hidden.key not in "".join(question.values()).upper():
                assert scene.hidden.key not in _text(answer), f"{address} {question}"
        assert not given_away(first), address
        assert scene.hidden.key not in _text(first), address


@pytest.mark.parametrize("what", ["ticket", "issue", "label", "user", "product"])
@pytest.mark.parametrize("who", ["outsider", "scientist"])
def test_no_name_being_typed_is_completed_to_it(cast: Cast, scene: Scene, who: str, what: str) -> None:
    client = enter(cast, who)
    for typed in (ASKED, scene.hidden.key, scene.hidden.key[:-1], TITLE[:5], LABEL[:5], "CST-"):
        answer = client.get(f"/lookup/{what}/", {"q": typed})
        assert not given_away(answer)
        assert scene.hidden.key not in _text(answer)


@pytest.mark.parametrize("who", READERS)
def test_its_neighbours_do_not_mention_it(cast: Cast, scene: Scene, who: str) -> None:
    """A child, a parent, a linked ticket, a duplicate: each shows everything but this."""
    client = enter(cast, who)
    for door in doors():
        if "key" not in door.arguments or not door.leads_to("issues"):
            continue
        for neighbour in scene.neighbours:
            answer = client.get(door.opened({**scene.values, "key": neighbour.key}))
            assert answer.status_code < 500
            assert not given_away(answer), door.route
            assert scene.hidden.key not in _text(answer), f"{door.route} of {neighbour.title}"


@pytest.mark.parametrize("who", READERS)
def test_every_list_and_count_reads_as_if_it_did_not_exist(cast: Cast, who: str) -> None:
    """Every page before and after: the same, to the letter."""
    hours_ago = timezone.now() - datetime.timedelta(hours=2.5)  # so that no age on a page changes meanwhile
    create(Issue, actor=cast.outsider, data={"title": "A public one"}, moment=hours_ago)
    client = enter(cast, who)
    values = {"kind": "issue", "what": "ticket", "year": 2026, "slug": "community-science"}
    open_doors = [
        door for door in doors() if set(door.arguments) <= set(values) and door.route not in NOT_ABOUT_TICKETS
    ]

    def read() -> dict[str, str]:
        return {door.route: _comparable(client.get(door.opened(values))) for door in open_doors}

    before = read()
    data = {
        "title": f"{ASKED} {TITLE}",
        "visibility": "confidential",
        "labels": [LABEL],
        "component": "portal",
    }
    hidden = create(Issue, actor=cast.reporter, data={**data, "importance": "high", "urgency": "high"})
    resolve(hidden, cast)
    create(Issue, actor=cast.reporter, data=data)
    after = read()
    differing = {route: _difference(before[route], after[route]) for route in before}
    assert {route: lines for route, lines in differing.items() if lines} == {}


def resolve(issue: Issue, cast: Cast) -> None:
    """So that it would count among the answered and the resolved as well."""
    perform(issue, "triage", actor=cast.lead, data={"assignee": "assignee"})
    done = {"resolution_code": "fixed", "resolution_text": "Done.", "skip_reason": "no_threat"}
    perform(issue, "submit_for_review", actor=cast.assignee, data=done)
    perform(issue, "accept", actor=cast.reporter)


# What comes by itself


def test_no_letter_and_no_bell_tells_of_it_any_more(cast: Cast, scene: Scene, mailbox: Mailbox) -> None:
    """They were told while it was public; what was not sent by then is not sent."""
    watch(scene.hidden, actor=cast.lead, who=cast.director)
    comment(scene.hidden, actor=cast.lead, body=f"{COMMENT} @outsider @scientist @director")
    told = Post(mailbox).told()
    for name in ("outsider", "scientist", "director", "watcher", "whistle@institute.example"):
        letters = told.get(name, "")
        assert not {secret for secret in SECRETS if secret in letters}, name
        assert scene.hidden.key not in letters, name
    for secret in (TITLE, COMMENT):
        assert secret in told["reporter"], "who may read it does"
    for who in ("outsider", "scientist"):
        bell = enter(cast, who).get("/notifications/")
        assert bell.status_code == 200
        assert not given_away(bell)
        assert scene.hidden.key not in _text(bell)


# Those who run the machine


def test_operators_run_the_desk_without_reading_it(cast: Cast, scene: Scene) -> None:
    User.objects.create_superuser("operator")
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="operator"))
    opened = 0
    for door in [*operator_doors(), *(door for door in doors() if door.route.startswith("operators/"))]:
        answer = client.get(door.opened(scene.values))
        assert answer.status_code < 500, door.route
        assert not given_away(answer), door.route
        opened += answer.status_code == 200
    assert opened > 10


def _text(answer: Any) -> str:
    body = answer.getvalue() if answer.streaming else answer.content
    text: str = body.decode(errors="replace")
    return text


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line.startswith(("+ ", "- "))]


def _comparable(answer: Any) -> str:
    """An answer without what differs from one answer to the next, such as the minute at its foot."""
    text = re.sub(r'<p class="printed">.*?</p>', "", _text(answer), flags=re.DOTALL)
    text = re.sub(r"As of [^<]* UTC", "", text)
    text = re.sub(r'nonce="[^"]*"', "", text)
    text = re.sub(r'(csrf|draft)[^<>]{0,40}?"[^"]*"', "", text, flags=re.IGNORECASE)
    text = re.sub(r'name="\w{64}"', "", text)
    text = re.sub("<updated>[^<]*</updated>", "", text, count=1)  # of a feed: when it was asked for
    return f"{answer.status_code} {text}"
