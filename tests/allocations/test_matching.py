"""Reviewers matched, changed by the chair, asked, and replaced when they decline."""

from __future__ import annotations

import pytest

from ops.allocations import handing_out
from ops.allocations.handing_out import calls_with_gaps, fill_gaps, hand_out, pair_by_hand, unpair
from ops.allocations.matching import plan
from ops.allocations.models import Call, Expertise, Pairing, Review, Wish
from ops.allocations.wishes import say_expertise, say_wish
from ops.allocations.works import HAND_OUT, MATCH
from ops.jobs.services import do, queue_what_waits, start
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed
from ops.workflow.services import perform
from tests.allocations.committee import another_member, barred, call_under_review, requests_in
from tests.allocations.factories import reviewed
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def pairs(call: Call) -> set[tuple[int, int]]:
    planned = Pairing.objects.filter(call=call).exclude(origin=Pairing.Origin.BARRED)
    return set(planned.values_list("request_id", "reviewer_id"))


def test_conflicted_pairs_are_never_planned_and_reasons_are_shown(cast: Cast) -> None:
    call = call_under_review()
    first, second = requests_in(call, cast, 2, keywords=["lensing", "galaxies"])
    Expertise.objects.create(person=cast.rac_member, keywords=["Lensing"])
    say_wish(second, "eager", actor=cast.rac_second)
    barred(first, cast.rac_chair)
    found = plan(call)
    assert (found.pairs, found.limits) == (4, ())
    assert pairs(call) & {(first.pk, cast.rac_chair.pk)} == set()
    assert Pairing.objects.get(request=second, reviewer=cast.rac_second).why == "wishes to review it"
    assert Pairing.objects.get(request=first, reviewer=cast.rac_member).why == "knows about lensing"


def test_the_same_call_has_the_same_match(cast: Cast) -> None:
    call = call_under_review()
    requests_in(call, cast, 3)
    plan(call)
    first = pairs(call)
    plan(call)
    assert pairs(call) == first


def test_a_limit_that_cannot_be_met_is_named_and_nothing_changes(cast: Cast) -> None:
    call = call_under_review()
    (first,) = requests_in(call, cast, 1)
    plan(call)
    before = pairs(call)
    barred(first, cast.rac_chair)
    barred(first, cast.rac_second)
    found = plan(call)
    assert found.limits[0].words == (
        f"{first.key} needs 2 more reviews. Without a conflict and below their limit there is only "
        f"{cast.rac_member.name}, who can give 1: 1 short."
    )
    assert pairs(call) == before
    Call.objects.filter(pk=call.pk).update(most_reviews=1)
    call = Call.objects.get(pk=call.pk)
    requests_in(call, cast, 3)
    assert "All requests together need 8 more reviews" in plan(call).limits[0].words


def test_what_was_accepted_stays_and_what_was_declined_is_not_asked_again(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1)
    say_wish(request, "eager", actor=cast.rac_second)
    plan(call)
    assert hand_out(call).made == 1
    review = Review.objects.get(request=request)
    assert review.reviewer == cast.rac_second
    perform(review, "accept", actor=cast.rac_second)
    Wish.objects.update(kind="reluctant")
    plan(call)
    assert pairs(call) == {(request.pk, cast.rac_second.pk)}
    perform(review, "decline", actor=cast.rac_second, reason="Ill.")
    assert calls_with_gaps() == [call]
    assert fill_gaps(call) == 1
    assert calls_with_gaps() == []
    asked = Review.objects.get(request=request, state=Review.State.ASSIGNED)
    assert asked.reviewer != cast.rac_second


def test_handing_out_takes_back_what_is_planned_no_more_and_goes_on_where_it_stopped(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1)
    say_wish(request, "eager", actor=cast.rac_second)
    plan(call)
    hand_out(call)
    assert hand_out(call).made == 0
    unpair(Pairing.objects.get(request=request), actor=cast.rac_chair)
    pair_by_hand(request, cast.rac_member, actor=cast.rac_chair)
    done = hand_out(call)
    assert (done.made, done.taken_back, done.left) == (1, 1, 0)
    states = dict(Review.objects.values_list("reviewer__username", "state"))
    assert states == {cast.rac_second.username: "returned", cast.rac_member.username: "assigned"}


def test_what_the_chair_takes_out_stays_out_and_what_she_adds_stays_in(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1)
    added = pair_by_hand(request, cast.rac_member, actor=cast.rac_chair)
    say_wish(request, "eager", actor=cast.rac_second)
    plan(call)
    assert pairs(call) == {(request.pk, cast.rac_member.pk)}
    unpair(added, actor=cast.rac_chair)
    plan(call)
    assert pairs(call) == {(request.pk, cast.rac_second.pk)}
    meanwhile = lambda *_: pair_by_hand(request, cast.rac_chair, actor=cast.rac_chair)  # noqa: E731
    with pytest.raises(GuardUnmet, match="changed by hand while the match was made"):
        plan(call, said=meanwhile)
    assert (request.pk, cast.rac_chair.pk) in pairs(call)


def test_the_chair_cannot_break_a_limit_either(cast: Cast) -> None:
    call = call_under_review(most_reviews=1)
    first, second = requests_in(call, cast, 2)
    barred(first, cast.rac_second)
    with pytest.raises(InvalidInput) as refusal:
        pair_by_hand(first, cast.rac_second, actor=cast.rac_chair)
    assert refusal.value.fields == {"reviewer": [f"{cast.rac_second.name} has a conflict with {first.key}."]}
    pair_by_hand(first, cast.rac_member, actor=cast.rac_chair)
    with pytest.raises(InvalidInput) as refusal:
        pair_by_hand(second, cast.rac_member, actor=cast.rac_chair)
    assert "the most there may be" in refusal.value.fields["reviewer"][0]
    with pytest.raises(InvalidInput) as refusal:
        pair_by_hand(second, cast.outsider, actor=cast.rac_chair)
    assert "does not sit in the committee" in refusal.value.fields["reviewer"][0]
    for actor in (cast.rac_member, cast.outsider, cast.operations_director):
        with pytest.raises(NotAllowed):
            pair_by_hand(second, cast.rac_second, actor=actor)
    barred(second, cast.rac_chair)
    with pytest.raises(NotAllowed):
        pair_by_hand(call.requests.get(pk=second.pk), cast.rac_second, actor=cast.rac_chair)


def test_an_accepted_review_is_not_taken_out_silently(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    (request,) = requests_in(call, cast, 1)
    pairing = pair_by_hand(request, cast.rac_member, actor=cast.rac_chair)
    reviewed(request, cast.rac_member)
    with pytest.raises(GuardUnmet, match="has accepted this review"):
        unpair(pairing, actor=cast.rac_chair)


def test_a_review_of_a_former_member_counts_and_they_are_not_asked_for_more(cast: Cast) -> None:
    call = call_under_review(reviews_wanted=1)
    first, second = requests_in(call, cast, 2)
    gone = another_member("gone")
    reviewed(first, gone)
    gone.memberships.all().delete()
    assert plan(call).pairs == 2
    assert [request for request, _ in pairs(call)] == [second.pk]


def test_the_match_is_made_by_a_worker(cast: Cast) -> None:
    call = call_under_review()
    requests_in(call, cast, 2)
    job = start(MATCH, actor=cast.rac_chair, about=call)
    do(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result["pairs"]) == ("done", 4)


def test_wishes_and_knowledge_are_the_members_own(cast: Cast) -> None:
    call = call_under_review()
    (request,) = requests_in(call, cast, 1)
    say_wish(request, "eager", actor=cast.rac_member)
    say_wish(request, "reluctant", actor=cast.rac_member)
    assert Wish.objects.get().kind == "reluctant"
    say_wish(request, "", actor=cast.rac_member)
    assert not Wish.objects.exists()
    with pytest.raises(InvalidInput):
        say_wish(request, "very much", actor=cast.rac_member)
    barred(request, cast.rac_second)
    for actor in (cast.rac_second, cast.reporter, cast.operations_director):
        with pytest.raises(NotAllowed):
            say_wish(call.requests.get(), "eager", actor=actor)
    assert say_expertise(" stars , stars,weak  lensing,", actor=cast.rac_member).keywords == [
        "stars",
        "weak lensing",
    ]
    with pytest.raises(InvalidInput):
        say_expertise("x" * 41, actor=cast.rac_member)
    with pytest.raises(NotAllowed):
        say_expertise("stars", actor=cast.outsider)


def test_handing_out_goes_on_by_itself_until_all_are_made(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_out, "SECONDS_AT_ONCE", 0)
    call = call_under_review(reviews_wanted=1)
    requests_in(call, cast, 2)
    plan(call)
    job = start(HAND_OUT, actor=cast.rac_chair, about=call)
    do(job.pk)
    job.refresh_from_db()
    assert (job.is_open, job.attempts, Review.objects.count()) == (True, 0, 1)
    assert start(HAND_OUT, actor=cast.rac_chair, about=call) == job
    assert queue_what_waits() == 1
    do(job.pk)
    job.refresh_from_db()
    assert (job.is_open, job.result, Review.objects.count()) == (False, {"made": 2, "taken_back": 0}, 2)
