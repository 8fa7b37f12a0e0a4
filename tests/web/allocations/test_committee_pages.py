"""The committee's pages of a call: who may come in, what they show, what stays hidden, what they cost."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from ops.allocations.capacity import fillings
from ops.allocations.handing_out import pair_by_hand
from ops.allocations.lines import draw
from ops.allocations.matching import plan
from ops.allocations.models import (
    Adjustment,
    Attendance,
    Call,
    Discussion,
    Pairing,
    Place,
    Ranking,
    Request,
    Review,
    Wish,
)
from ops.allocations.models.decisions import Stage
from ops.allocations.ranking import rank_call
from ops.jobs.models import Job
from ops.people.models import User
from tests.allocations.committee import barred, call_under_review, limited, requests_in, scored
from tests.allocations.factories import moved, outcome
from tests.cast import Cast
from tests.web.pages import browser, cost, text_of

pytestmark = pytest.mark.django_db

COMMITTEE = ["call-reviewers", "call-wishes", "call-panel", "call-line"]
LINE = {"HX-Request": "true", "HX-Target": "line-table"}


def at(name: str, call: Call, *more: object) -> str:
    return reverse(name, args=[call.pk, *more])


def drawn(cast: Cast, *scores: tuple[int, ...], amount: int = 400) -> tuple[Call, list[Request]]:
    call, requests = scored(cast, *(scores or ((5, 5), (4, 4), (2, 1))))
    limited(call, amount)
    rank_call(call, actor=cast.rac_chair)
    draw(call, basis="ranked", actor=cast.rac_chair)
    return call, requests


@pytest.mark.parametrize("name", COMMITTEE)
def test_the_committees_pages_are_for_the_committee(cast: Cast, name: str) -> None:
    call, _ = drawn(cast)
    for outside in (cast.reporter, cast.staff, cast.lead, cast.outsider):
        assert browser(outside).get(at(name, call)).status_code == 403
    assert Client().get(at(name, call)).headers["Location"].startswith("/login/")
    expected = 200 if name != "call-reviewers" else 403
    assert browser(cast.rac_member).get(at(name, call)).status_code == expected
    assert "no-store" in browser(cast.rac_chair).get(at(name, call)).headers["Cache-Control"]
    expected = 200 if name in {"call-panel", "call-line"} else 403
    assert browser(cast.operations_director).get(at(name, call)).status_code == expected


@pytest.mark.parametrize(
    "name", ["match-reviewers", "hand-out-reviews", "compare-scores", "note-presence", "draw-line"]
)
def test_what_the_chair_does_nobody_else_does(cast: Cast, name: str) -> None:
    call, _ = scored(cast, (5, 4))
    for other in (cast.rac_member, cast.operations_director, cast.reporter):
        assert browser(other).post(at(name, call)).status_code == 403
    assert not Job.objects.exists()
    assert not Attendance.objects.exists()
    assert browser(cast.rac_chair).post(at(name, call)).status_code == 302


def hidden_from(reader: User, call: Call, request: Request) -> None:
    """No number of a request and nothing said of it reaches a reader; its title may."""
    client = browser(reader)
    for name in COMMITTEE:
        page = client.get(at(name, call))
        if page.status_code == 403:
            continue
        words = page.content.decode()
        assert "4.21" not in words
        assert "Their sample is doubtful" not in words
        assert reverse("call-discussion", args=[call.pk, request.key]) not in words
    discussion = client.get(at("call-discussion", call, request.key))
    assert "Their sample is doubtful" not in discussion.content.decode()
    assert "4.21" not in discussion.content.decode()
    place = call.lines.first().places.get(request=request)
    assert client.get(at("adjust-line", call, place.pk)).status_code in {403, 404}
    note = client.post(at("write-note", call, request.key), {"note": "Mine.", "version": 1})
    assert note.status_code == 403


def with_secrets(call: Call, request: Request, cast: Cast) -> None:
    """Numbers and words that can be looked for."""
    request.standings.update(raw=4.21, normalised=4.21, calibrated=4.21)
    Discussion.objects.create(request=request, note="Their sample is doubtful", changed_by=cast.rac_second)


@pytest.mark.parametrize("name", ["rac_member", "rac_chair"])
def test_a_conflicted_member_sees_the_title_and_no_more(cast: Cast, name: str) -> None:
    call, (first, *_) = drawn(cast)
    person = getattr(cast, name)
    barred(first, person)
    with_secrets(call, first, cast)
    hidden_from(person, call, first)
    client = browser(person)
    assert "Recused" in text_of(client.get(at("call-panel", call)), "main")
    assert first.title in text_of(client.get(at("call-panel", call)), "main")
    discussion = text_of(client.get(at("call-discussion", call, first.key)), "main")
    assert "You are recused" in discussion
    assert first.title in discussion
    assert "1 more request stands here for others" in text_of(client.get(at("call-line", call)), "main")
    seen = browser(cast.rac_second).get(at("call-panel", call)).content.decode()
    assert "4.21" in seen


def test_no_sum_tells_of_a_request_that_is_hidden(cast: Cast) -> None:
    call, (first, *_) = drawn(cast)
    Place.objects.filter(request=first).update(given=50)
    scores = {each.request_id: round(each.calibrated, 2) for each in Ranking.objects.get().standings.all()}
    worth = {
        place.request_id: scores[place.request_id] * place.ranked / 100
        for place in call.lines.first().places.all()
    }
    seen, hidden = cast.rac_second, cast.rac_member
    barred(first, hidden)
    outcome(moved(first, "discussed"), cast.rac_chair, Stage.RECOMMENDED)
    for reader, total, given, reviews in (
        (seen, sum(worth.values()), "300 of 400", 6),
        (hidden, sum(worth.values()) - worth[first.pk], "200 of 400", 4),
    ):
        line = browser(reader).get(at("call-line", call))
        assert f"The ranked list is worth {total:.1f}," in text_of(line, "main")
        assert given in text_of(line, "main")
        panel = text_of(browser(reader).get(at("call-panel", call)), "dl.figures")
        assert f"Reviews compared {reviews} " in panel
    assert {each.given for each in fillings(call, Stage.RECOMMENDED)} == {0, 200}
    assert {each.given for each in fillings(call, Stage.RECOMMENDED, without={first.pk})} == {0}


def test_places_are_numbered_without_what_is_hidden(cast: Cast) -> None:
    call, (first, second, third) = drawn(cast)
    barred(first, cast.rac_member)
    words = text_of(browser(cast.rac_member).get(at("call-line", call)), "table.rows-line tbody")
    assert words.startswith(f"1 {second.key}")
    assert third.key in words


def test_scores_are_seen_after_ones_own_review(cast: Cast) -> None:
    call, (first, *_) = drawn(cast)
    Review.objects.filter(request=first, reviewer=cast.rac_member).delete()
    own = Review.objects.create(request=first, reviewer=cast.rac_member, state=Review.State.ACCEPTED)
    with_secrets(call, first, cast)
    client = browser(cast.rac_member)
    panel = client.get(at("call-panel", call))
    assert "4.21" not in panel.content.decode()
    assert "Your review first" in text_of(panel, "main")
    assert "4.21" not in client.get(at("call-line", call)).content.decode()
    assert "4.21" not in client.get(at("call-discussion", call, first.key)).content.decode()
    moved(own, Review.State.SUBMITTED)
    assert "4.21" in client.get(at("call-panel", call)).content.decode()


def test_a_request_of_another_call_is_not_there(cast: Cast) -> None:
    call, _ = drawn(cast)
    other = call_under_review(slug="other", title="Other")
    (elsewhere,) = requests_in(other, cast, 1)
    assert browser(cast.rac_member).get(at("call-discussion", call, elsewhere.key)).status_code == 404


def test_the_chair_sees_pairs_reasons_and_load_and_changes_them(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1, keywords=["lensing"])
    client = browser(cast.rac_chair)
    assert "Match reviewers" in text_of(client.get(at("call-reviewers", call)), "main")
    client.post(at("match-reviewers", call))
    assert "Waiting for a worker" in text_of(client.get(at("call-reviewers", call)), "main")
    plan(call)
    pairing = Pairing.objects.get()
    page = client.get(at("call-reviewers", call))
    assert pairing.reviewer.name in text_of(page, "ul.pairs")
    assert "Hand out 1 review" in text_of(page, "main")
    client.post(at("take-out-reviewer", call, pairing.pk))
    assert "1 more needed" in text_of(client.get(at("call-reviewers", call) + "?short=yes"), "ul.pairs")
    refused = client.post(at("add-reviewer", call, request.key), {"reviewer": "outsider"})
    assert refused.status_code == 422
    assert "does not sit in the committee today" in text_of(refused, "main")
    added = client.post(at("add-reviewer", call, request.key), {"reviewer": cast.rac_second.username})
    assert added.status_code == 302
    assert "chosen by" in text_of(client.get(at("call-reviewers", call)), "ul.pairs")


def test_what_was_declined_is_neither_planned_nor_handed_out_again(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1)
    pair_by_hand(request, cast.rac_member, actor=cast.rac_chair)
    Review.objects.create(request=request, reviewer=cast.rac_member, state=Review.State.DECLINED)
    words = text_of(browser(cast.rac_chair).get(at("call-reviewers", call) + "?short=yes"), "main")
    assert "1 more needed" in words
    assert "Hand out" not in words


def test_a_match_that_cannot_be_made_says_why(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=3)
    (request,) = requests_in(call, cast, 1)
    words = f"{request.key} needs 3 more reviews."
    Job.objects.create(
        kind="allocations.match", asked_by=cast.rac_chair, status="done", object_id=call.pk,
        content_type=ContentType.objects.get_for_model(call),
        result={"limits": [{"words": words, "requests": [request.pk]}]},
    )  # fmt: skip
    requests_in(call, cast, 1)
    client = browser(cast.rac_chair)
    assert words in text_of(client.get(at("call-reviewers", call)), "main")
    barred(request, cast.rac_chair)
    assert words not in text_of(client.get(at("call-reviewers", call)), "main")


def test_members_say_what_they_wish_and_know(cast: Cast) -> None:
    call = call_under_review()
    first, second = requests_in(call, cast, 2, keywords=["lensing"])
    barred(second, cast.rac_member)
    client = browser(cast.rac_member)
    assert client.post(at("say-wish", call, first.key), {"kind": "eager"}).status_code == 302
    assert client.post(at("say-wish", call, first.key), {"kind": "x"}).status_code == 422
    assert client.post(at("say-wish", call, second.key), {"kind": "eager"}).status_code == 403
    assert Wish.objects.get().request == first
    client.post(at("say-expertise", call), {"keywords": "lensing, dust"})
    page = text_of(client.get(at("call-wishes", call)), "main")
    assert page.count("lensing") == 1  # of the conflicted one, the title alone
    assert "Recused" in page


def test_the_panel_stands_in_each_order(cast: Cast) -> None:
    call, (first, second, third) = drawn(cast, (5, 5), (4, 4), (2, 1))
    client = browser(cast.rac_chair)
    client.post(at("set-turn", call, third.key), {"position": "1"})
    for order, keys in (
        ("rank", (first, second, third)),
        ("raw", (first, second, third)),
        ("agenda", (third, first)),
    ):
        words = text_of(client.get(at("call-panel", call) + f"?order={order}"), "table.rows-panel tbody")
        places = [words.index(request.key) for request in keys]
        assert places == sorted(places), order
    assert "Compared" in text_of(client.get(at("call-panel", call)), "main")
    Review.objects.filter(request=first).update(overall=1)
    assert "Out of date." in text_of(client.get(at("call-panel", call)), "main")
    assert client.post(at("set-turn", call, third.key), {"position": "first"}).status_code == 422


def test_the_meeting_on_its_page(cast: Cast) -> None:
    call, (first, second, _) = drawn(cast)
    client = browser(cast.rac_chair)
    assert cast.rac_second.name in text_of(client.get(at("note-presence", call)), "main")
    present = {"present": [cast.rac_chair.pk, cast.rac_member.pk]}
    client.post(at("note-presence", call), present)
    page = client.get(at("call-discussion", call, first.key))
    assert "2 of 2 needed are there quorum" in text_of(page, "main")
    assert f"/panel/{second.key}/" in page.content.decode()  # the next one
    assert (
        client.post(at("write-note", call, first.key), {"note": "Strong.", "version": 0}).status_code == 302
    )
    late = browser(cast.rac_member).post(at("write-note", call, first.key), {"note": "Weak.", "version": 0})
    assert late.status_code == 409
    words = text_of(late, "main")
    assert "Somebody else has written" in words
    assert "Strong." in words
    assert "Weak." in words
    assert Discussion.objects.get().note == "Strong."


def test_the_line_is_drawn_between_two_requests(cast: Cast) -> None:
    call, (first, second, third) = drawn(cast, amount=200)
    words = text_of(browser(cast.rac_member).get(at("call-line", call)), "table.rows-line tbody")
    assert words.index(first.key) < words.index("The line 1 request above it") < words.index(second.key)
    assert words.index(second.key) < words.index(third.key)


def test_other_capacities_are_tried_in_place(cast: Cast) -> None:
    call, (first, second, _) = drawn(cast)
    offer = call.offers.get()
    client = browser(cast.rac_member)
    part = client.get(at("call-line", call) + f"?offer-{offer.pk}=50", headers=LINE)
    words = text_of(part)
    assert part.content.decode().lstrip().startswith('<div id="line-table"')
    assert "Tried, not kept." in words
    assert words.index(first.key) < words.index("The line") < words.index(second.key)
    assert "less than now" in words
    whole = client.get(at("call-line", call) + f"?offer-{offer.pk}=50")
    assert 'value="50"' in whole.content.decode()
    for nonsense in ("-5", "x", "9" * 30, "٣"):
        assert client.get(at("call-line", call), {f"offer-{offer.pk}": nonsense}).status_code == 200


def test_a_line_out_of_date_says_so(cast: Cast) -> None:
    call, _ = drawn(cast)
    limited(call, 100)
    words = text_of(browser(cast.rac_member).get(at("call-line", call)), "main")
    assert "Out of date. Capacities have changed" in words


def test_the_committee_adjusts_on_its_page(cast: Cast) -> None:
    call, (first, *_) = drawn(cast)
    place = call.lines.get().places.get(request=first)
    client = browser(cast.rac_chair)
    address = at("adjust-line", call, place.pk)
    refused = client.post(address, {"how": "share", "percent": "10", "reason": "", "version": "100"})
    assert refused.status_code == 422
    assert (
        client.post(
            address, {"how": "share", "percent": "50", "reason": "Enough for half.", "version": "100"}
        ).status_code
        == 302
    )
    words = text_of(client.get(at("call-line", call)), "table.rows-line tbody")
    assert "100 % → 50 %: Enough for half." in words
    stale = client.post(address, {"how": "share", "percent": "60", "reason": "More.", "version": "100"})
    assert stale.status_code == 409
    assert Adjustment.objects.count() == 1
    assert (
        browser(cast.rac_member)
        .post(address, {"how": "share", "percent": "60", "reason": "M.", "version": "50"})
        .status_code
        == 403
    )


def test_figures_are_for_everybody_in_time(cast: Cast) -> None:
    call, _ = drawn(cast)
    words = text_of(Client().get(at("call-figures", call)), "main")
    assert "Requests 3" in words
    assert "What is awarded is told when the results are published." in words
    answer = Client().get(at("call-figures-csv", call))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content.decode().startswith("resource,unit,quarter,kind,asked")
    moved(call, Call.State.OPEN)
    assert "told when the call has closed" in text_of(Client().get(at("call-figures", call)), "main")
    assert len(Client().get(at("call-figures-csv", call)).content.decode().splitlines()) == 1
    moved(call, Call.State.DRAFT)
    assert Client().get(at("call-figures", call)).status_code == 404


@pytest.mark.parametrize("name", [*COMMITTEE, "call-figures"])
def test_the_number_of_queries_is_the_same_for_one_request_and_for_three(cast: Cast, name: str) -> None:
    counts = []
    for scores in (((5, 4),), ((3, 4), (4, 4), (2, 1))):
        call, requests = drawn(cast, *scores)
        for request in requests:
            pair_by_hand(request, cast.rac_chair, actor=cast.rac_chair)
        counts.append(cost(cast.rac_chair, at(name, call)))
    assert counts[0] == counts[1] <= 25
