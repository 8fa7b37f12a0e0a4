"""A conflicted member of the committee finds a request through no door: its title where they work, no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ops.allocations.conflicts import declare_conflict
from ops.allocations.models import Request, Review
from ops.people.models import User
from ops.tickets.services import attach, comment
from ops.workflow.services import perform
from tests.allocations.factories import RequestFactory, reviewed
from tests.cast import Cast
from tests.doors.addresses import doors
from tests.mail import Post
from tests.notify.conftest import mail_server, mailbox
from tests.notify.mailbox import Mailbox

__all__ = ["mail_server", "mailbox"]

WRITE = RequestFactory()
SECRETS = (
    "vexilloid",
    "borborygmus",
    "widdershins",
    "snollygoster",
    "quomodocunque",
    "tatterdemalion",
    "zenzizenzic",
)
ABSTRACT, METHODS, NOTE, FILE, REVIEW, COMMENT, WHY = SECRETS
ASKED = "quagmire"
# Whoever is conflicted, and whoever has nothing to do with it.
READERS = ["rac_member", "rac_chair", "rac_second", "outsider", "scientist", "lead", "director"]
ELSEWHERE = {"logout/", "metrics", "readyz", "api/schema/"}


@dataclass(frozen=True)
class Scene:
    """A request in review, with a member, a chair and a co-investigator of the committee who must not judge it."""

    request: Request
    review: Review
    values: dict[str, Any]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Everything that could give the request away."""
    draft = WRITE.new(
        cast,
        title=f"{ASKED} stars",
        abstract=f"{ASKED} {ABSTRACT}",
        methods=METHODS,
        keywords=ASKED,
        justifications={"compute": WHY},
        co_investigators=["rac-second"],
    )
    attach(draft, actor=cast.reporter, upload=SimpleUploadedFile(f"{FILE}.csv", b"x"))
    sent = perform(draft, "submit", actor=cast.reporter)
    assessed = perform(
        sent,
        "assess",
        actor=cast.assessor,
        data={"verdict": "feasible", "note_to_committee": NOTE, "note_to_proposer": ""},
    )
    request = perform(assessed, "send_to_review", actor=cast.rac_chair)
    said = comment(request, actor=cast.rac_chair, body=COMMENT)
    review = reviewed(request, cast.director)  # somebody who sat in the committee before
    Review.objects.filter(pk=review.pk).update(comment_to_committee=REVIEW)
    for person in (cast.rac_member, cast.rac_chair):
        declare_conflict(request, actor=person, evidence="We share an office.")
    values = {
        "key": request.key, "pk": request.call_id, "id": review.pk, "review": review.pk,
        "attachment_id": request.attachments.get().pk, "comment_id": said.pk, "comments": said.pk,
        "attachments": request.attachments.get().pk, "number": 1, "files": 1, "versions": 1,
        "transition": "discuss", "name": "discuss", "section": "science", "kind": "request",
        "slug": "rac", "what": "ticket", "year": 2026,
    }  # fmt: skip
    return Scene(request, review, values)


def enter(cast: Cast, who: str) -> Client:
    """A browser of somebody, as the database knows them."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=getattr(cast, who).pk))
    return client


def secrets_in(answer: Any) -> set[str]:
    """What an answer gives away, of whatever kind it is."""
    body = answer.getvalue() if answer.streaming else answer.content
    text = (body.decode(errors="replace") + str(dict(answer.headers))).lower()
    return {secret for secret in SECRETS if secret in text}


def addresses(scene: Scene) -> Iterator[tuple[str, bool]]:
    """Every address whose places can be filled for this request, and whether it names anything."""
    for door in doors():
        if door.route in ELSEWHERE:
            continue
        try:
            yield door.opened(scene.values), bool(door.arguments)
        except AssertionError:
            continue  # it names something that a request does not have


@pytest.mark.parametrize("who", READERS)
def test_no_door_gives_it_away(cast: Cast, scene: Scene, who: str) -> None:
    client = enter(cast, who)
    is_co_investigator = who == "rac_second"
    of_the_committee = {NOTE, REVIEW}
    tried = 0
    for address, names_one in addresses(scene):
        # Where one thing is shown nothing is searched for.
        for query in ({},) if names_one else ({}, {"q": ASKED, "search": ASKED}):
            answer = client.get(address, query)
            assert answer.status_code < 500, address
            found = secrets_in(answer)
            # A co-investigator reads what they ask for, and never what is said of it among the committee.
            assert not found & of_the_committee if is_co_investigator else not found, (
                f"{address} gives {found}"
            )
            tried += 1
    assert tried > 150


@pytest.mark.parametrize("who", ["rac_member", "rac_chair", "outsider", "lead"])
def test_programs_are_told_the_same(cast: Cast, scene: Scene, who: str) -> None:
    client = enter(cast, who)
    for address in (
        f"/api/v1/requests/{scene.request.key}/",
        f"/api/v1/tickets/{scene.request.key}/",
        f"/api/v1/requests/{scene.request.key}/events/",
        f"/api/v1/requests/{scene.request.key}/content/",
        f"/api/v1/reviews/{scene.review.pk}/",
    ):
        assert client.get(address).status_code == 404, address
    for listing in ("/api/v1/requests/", "/api/v1/reviews/", f"/api/v1/tickets/?search={ASKED}"):
        answer = client.get(listing)
        assert answer.status_code == 200, listing
        assert answer.json()["results"] == [], listing
    exported = client.get("/tickets/list.csv").getvalue().decode()
    assert scene.request.key not in exported


def test_no_browser_keeps_what_was_read_before_a_conflict(cast: Cast, scene: Scene) -> None:
    at = f"/tickets/{scene.request.key}/"
    addresses = [
        "/", "/requests/", "/tickets/?search=stars", "/search/?q=stars", "/notifications/", at, f"{at}do/discuss/",
        f"/calls/{scene.request.call_id}/requests/", f"/api/v1/requests/{scene.request.key}/",
    ]  # fmt: skip
    for who in ("rac_member", "rac_chair", "operations_director"):
        client = enter(cast, who)
        for address in addresses:
            assert "no-store" in client.get(address).headers["Cache-Control"], (who, address)
    assert "no-store" not in enter(cast, "reporter").get("/requests/mine/").headers["Cache-Control"]


def test_a_bell_that_rang_before_a_conflict_says_nothing_after_it(cast: Cast) -> None:
    request = WRITE.in_state("submitted", cast, title=f"{ASKED} stars")
    perform(request, "assess", actor=cast.assessor, data=WRITE.ASSESS[2])
    chair = enter(cast, "rac_chair")
    assert request.key in chair.get("/notifications/").content.decode()
    declare_conflict(Request.objects.get(pk=request.pk), actor=cast.rac_chair, evidence="We share an office.")
    assert ASKED not in chair.get("/notifications/").content.decode()
    assert request.key not in chair.get("/").content.decode()


def test_who_may_read_it_reads_it(cast: Cast, scene: Scene) -> None:
    """What the tests above knock at are doors indeed."""
    page = enter(cast, "assessor").get(scene.request.get_absolute_url())
    assert {ABSTRACT, METHODS, NOTE, FILE, COMMENT, WHY} <= secrets_in(page)
    answer = enter(cast, "operations_director").get(f"/api/v1/requests/?search={ASKED}")
    assert [row["key"] for row in answer.json()["results"]] == [scene.request.key]
    review = enter(cast, "operations_director").get(f"/api/v1/reviews/{scene.review.pk}/")
    assert REVIEW in secrets_in(review)


def test_no_letter_and_no_bell_tells_of_it(cast: Cast, scene: Scene, mailbox: Mailbox) -> None:
    comment(scene.request, actor=cast.assessor, body=f"{COMMENT} @rac-member @rac-chair @outsider")
    perform(scene.request, "discuss", actor=cast.operations_director)
    told = Post(mailbox).told()
    for name in ("rac-member", "rac-chair", "outsider", "lead"):
        letters = told.get(name, "").lower()
        assert COMMENT not in letters, name
        bell = enter(cast, name.replace("-", "_")).get("/notifications/")
        assert not secrets_in(bell)
        assert COMMENT not in bell.content.decode()
    assert COMMENT in told["reporter"].lower()
