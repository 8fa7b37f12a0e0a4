"""What is recommended, what is decided, when it is told, and what a proposer can do about it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.allocations.conflicts import declare_conflict
from ops.allocations.decisions import (
    current,
    decide,
    follow_recommendation,
    recommend_as_drawn,
    recommend_outcome,
)
from ops.allocations.models import Award, Call, LedgerEntry, Outcome, Request, Review
from ops.allocations.models.decisions import Stage
from ops.allocations.results import letter_of
from ops.notify.models import Message
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, NotFound
from ops.workflow.models import Event
from ops.workflow.services import perform
from tests.allocations.awards import request_in
from tests.allocations.factories import moved, outcome, periodic_call
from tests.cast import Cast

AMOUNT = Decimal(200)


def place(request: Request) -> tuple[int, int]:
    """The one offer and quarter that a request of the factory asks for."""
    row = request.amounts.get()
    return row.offer_id, row.quarter


def sent(request: Request, state: str) -> Request:
    """A request that was sent and has come to a state."""
    Request.objects.filter(pk=request.pk).update(submitted_at=timezone.now())
    made: Request = moved(request, state)
    return made


def before_director(cast: Cast, **data: object) -> Request:
    """A request whose recommendation, half of what is asked, is before the Director."""
    request = request_in("discussed", cast, **data)
    recommend_outcome(
        request,
        actor=cast.rac_chair,
        grade="reduced",
        amounts={place(request): Decimal(100)},
        comment="Half.",
    )
    return perform(request, "recommend", actor=cast.rac_chair)


def test_recommendation_is_the_chairs_after_the_discussion(cast: Cast) -> None:
    request = request_in("in_review", cast)
    with pytest.raises(GuardUnmet, match="follows the discussion"):
        recommend_outcome(request, actor=cast.rac_chair, grade="full")
    request = moved(request, "discussed")
    with pytest.raises(NotAllowed):
        recommend_outcome(request, actor=cast.operations_director, grade="full")
    with pytest.raises(NotFound):
        recommend_outcome(request, actor=cast.rac_member, grade="full")
    assert recommend_outcome(request, actor=cast.rac_chair, grade="full").table == {place(request): AMOUNT}


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("201", "200 core-hours were asked for, not more"),
        ("49", "below 50 core-hours it is of no use"),
        ("-1", "write an amount from 0 up"),
        ("60.0001", "at most three digits"),
        ("0", "below 50"),
    ],
)
def test_reduced_amounts_fit_what_was_asked(amount: str, sentence: str, cast: Cast) -> None:
    request = request_in("discussed", cast)
    with pytest.raises(InvalidInput) as refused:
        recommend_outcome(
            request, actor=cast.rac_chair, grade="reduced", amounts={place(request): Decimal(amount)}
        )
    assert any(sentence in words for words in refused.value.fields["amounts"])
    assert not Outcome.objects.exists()


def test_words_on_a_request_are_no_event_of_it_and_stay(cast: Cast) -> None:
    request = before_director(cast)
    names = set(Event.objects.of(request).values_list("name", flat=True))
    assert not any("outcome" in str(event.changes) for event in Event.objects.of(request))
    assert names <= {"create", "submit", "assess", "send_to_review", "discuss", "recommend"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.update(grade="full")


def test_deviation_needs_a_reason(cast: Cast) -> None:
    request = before_director(cast)
    with pytest.raises(InvalidInput) as refused:
        decide(request, actor=cast.operations_director, grade="full")
    assert "not what the committee recommends" in refused.value.fields["reason"][0]
    assert current(request, Stage.DECIDED) is None
    decide(request, actor=cast.operations_director, grade="full", reason="The survey needs it.")
    assert Request.objects.get(pk=request.pk).state == "awarded"


def test_only_the_director_decides_and_only_what_is_before_them(cast: Cast) -> None:
    request = before_director(cast)
    with pytest.raises(NotAllowed):
        decide(request, actor=cast.rac_chair, grade="full", reason="I say so.")
    early = request_in("discussed", cast)
    with pytest.raises(GuardUnmet, match="follows the recommendation"):
        decide(early, actor=cast.operations_director, grade="none", reason="No.")


def test_urgent_decision_is_told_at_once_and_taken_up(cast: Cast) -> None:
    request = before_director(cast)
    follow_recommendation(request, actor=cast.operations_director)
    told = Request.objects.get(pk=request.pk)
    assert told.state == "awarded"
    assert told.accept_by - told.decided_at == datetime.timedelta(days=14)
    assert Message.objects.filter(person=cast.reporter).exists()
    perform(told, "accept", actor=cast.reporter)
    award = Award.objects.get(request=request)
    assert award.way == Award.Way.URGENT
    assert list(LedgerEntry.objects.values_list("award", "kind", "amount")) == [(award.pk, "grant", 100)]


def test_standing_call_does_not_give_more_than_it_has(cast: Cast) -> None:
    first, second = request_in("recommended", cast), request_in("recommended", cast)
    offer = first.amounts.get().offer
    type(offer).objects.filter(pk=offer.pk).update(capacity=[Decimal(300)] * len(offer.capacity))
    decide(first, actor=cast.operations_director, grade="full")
    with pytest.raises(GuardUnmet, match="100 core-hours more are given than there are"):
        decide(second, actor=cast.operations_director, grade="full")
    assert Request.objects.get(pk=second.pk).state == "recommended"


class TestPeriodicCall:
    """Results of a call are published together."""

    @pytest.fixture
    def call(self, cast: Cast) -> Call:
        return periodic_call()

    def ranked(self, cast: Cast, call: Call, number: int) -> list[Request]:
        """Requests with a recommendation, in a call that is ranked."""
        requests = [
            sent(request_in("draft", cast, call=call.slug, purpose="new"), "recommended")
            for _ in range(number)
        ]
        for request in requests:
            outcome(request, cast.rac_chair, Stage.RECOMMENDED)
        Call.objects.filter(pk=call.pk).update(state="ranked")
        return requests

    def test_nobody_hears_before_everybody(self, cast: Cast, call: Call) -> None:
        first, second = self.ranked(cast, call, 2)
        follow_recommendation(first, actor=cast.operations_director)
        Message.objects.all().delete()
        assert Request.objects.get(pk=first.pk).state == "recommended"
        with pytest.raises(NotFound):
            letter_of(first, cast.reporter)
        with pytest.raises(NotAllowed, match="once the results are published"):
            perform(first, "award", actor=cast.operations_director)
        with pytest.raises(GuardUnmet, match="Every request needs a decision"):
            perform(call, "decide", actor=cast.operations_director)
        decide(second, actor=cast.operations_director, grade="none", reason="Too early.")
        decided = perform(call, "decide", actor=cast.operations_director)
        assert not Message.objects.filter(person=cast.reporter).exists()
        perform(decided, "publish", actor=cast.operations_director)
        states = dict(Request.objects.values_list("pk", "state"))
        assert states == {first.pk: "awarded", second.pk: "declined"}
        assert Message.objects.filter(person=cast.reporter).exists()

    def test_call_is_not_decided_beyond_its_capacity(self, cast: Cast, call: Call) -> None:
        requests = self.ranked(cast, call, 2)
        call.offers.update(capacity=[Decimal(300)] * 2)
        for request in requests:
            follow_recommendation(request, actor=cast.operations_director)
        with pytest.raises(GuardUnmet, match="give more than there is"):
            perform(call, "decide", actor=cast.operations_director)

    def test_decision_on_another_recommendation_is_taken_again(self, cast: Cast, call: Call) -> None:
        (request,) = self.ranked(cast, call, 1)
        follow_recommendation(request, actor=cast.operations_director)
        again = perform(
            request, "discuss_again", actor=cast.operations_director, reason="The camera is older now."
        )
        recommend_outcome(again, actor=cast.rac_chair, grade="none")
        perform(again, "recommend", actor=cast.rac_chair)
        with pytest.raises(GuardUnmet, match="Every request needs a decision"):
            perform(call, "decide", actor=cast.operations_director)
        assert not Outcome.objects.holding().filter(stage=Stage.DECIDED).exists()
        follow_recommendation(request, actor=cast.operations_director)
        decided = perform(call, "decide", actor=cast.operations_director)
        with pytest.raises(GuardUnmet, match="wait to be published"):
            perform(request, "discuss_again", actor=cast.rac_chair, reason="Too late.")
        with pytest.raises(GuardUnmet, match="publish them as they are"):
            decide(request, actor=cast.operations_director, grade="full", reason="Too late.")
        perform(decided, "publish", actor=cast.operations_director)
        assert Request.objects.get(pk=request.pk).state == "declined"

    def test_call_whose_awards_have_run_out_comes_to_its_end(self, cast: Cast) -> None:
        call = moved(request_in("expired", cast).call, "closed")
        steps = {"begin_review": cast.rac_chair, "rank": cast.rac_chair}
        steps |= dict.fromkeys(("decide", "publish"), cast.operations_director)
        for step, actor in steps.items():
            call = perform(call, step, actor=actor)
        assert call.state == "published"

    def test_line_becomes_recommendations_and_these_go_to_the_director(self, cast: Cast, call: Call) -> None:
        requests = [
            sent(request_in("draft", cast, call=call.slug, purpose="new"), "discussed") for _ in range(3)
        ]
        call = moved(call, "under_review")
        with pytest.raises(GuardUnmet, match="Write down on every request"):
            perform(call, "rank", actor=cast.rac_chair)
        shares = {requests[0].pk: 100, requests[1].pk: 60, requests[2].pk: 0}
        assert recommend_as_drawn(call, shares, actor=cast.rac_chair) == 3
        assert recommend_as_drawn(call, shares, actor=cast.rac_chair) == 0
        grades = [current(request, Stage.RECOMMENDED).grade for request in requests]
        assert grades == ["full", "reduced", "none"]
        assert list(current(requests[1], Stage.RECOMMENDED).table.values()) == [Decimal(120)]
        perform(call, "rank", actor=cast.rac_chair)
        assert set(Request.objects.values_list("state", flat=True)) == {"recommended"}


def test_letter_stays_as_it_was_told_whoever_is_recused_later(cast: Cast) -> None:
    request = request_in("recommended", cast)
    review = Review.objects.get(request=request, reviewer=cast.rac_member)
    Review.objects.filter(pk=review.pk).update(comment_to_proposer="A fine plan.")
    outcome(request, cast.rac_chair, Stage.RECOMMENDED)
    follow_recommendation(request, actor=cast.operations_director)
    before = letter_of(request, cast.reporter).comments
    assert "A fine plan." in dict(before).values()
    declare_conflict(Request.objects.get(pk=request.pk), actor=cast.rac_member, evidence="We write a book.")
    with pytest.raises(GuardUnmet, match="has been told"):
        perform(Review.objects.get(pk=review.pk), "release", actor=cast.rac_chair, reason="Recused.")
    assert letter_of(request, cast.reporter).comments == before


class TestAppeal:
    """Once, within a set time."""

    def declined(self, cast: Cast) -> Request:
        return request_in("declined", cast)

    def test_appeal_is_made_once(self, cast: Cast) -> None:
        request = perform(self.declined(cast), "appeal", actor=cast.reporter, reason="Hours, not days.")
        request = perform(request, "dismiss_appeal", actor=cast.operations_director, reason="It was read so.")
        assert request.state == "declined"
        with pytest.raises(GuardUnmet, match="appealed before"):
            perform(request, "appeal", actor=cast.reporter, reason="Again.")

    def test_appeal_comes_too_late_after_two_weeks(self, cast: Cast) -> None:
        request = self.declined(cast)
        late = request.decided_at - datetime.timedelta(days=15)
        Request.objects.filter(pk=request.pk).update(decided_at=late)
        with pytest.raises(GuardUnmet, match="time for an appeal is over"):
            perform(request, "appeal", actor=cast.reporter, reason="Hours, not days.")

    def test_granted_appeal_is_decided_anew_and_told_at_once(self, cast: Cast) -> None:
        request = perform(self.declined(cast), "appeal", actor=cast.reporter, reason="Hours, not days.")
        request = perform(request, "grant_appeal", actor=cast.operations_director, reason="So it is.")
        with pytest.raises(NotFound):
            letter_of(request, cast.reporter)
        with pytest.raises(GuardUnmet):
            perform(request, "decline", actor=cast.operations_director)
        assert not Outcome.objects.holding().filter(stage=Stage.DECIDED).exists()
        decide(request, actor=cast.operations_director, grade="full", reason="As the committee says.")
        assert Request.objects.get(pk=request.pk).state == "awarded"
        letter = letter_of(request, cast.reporter)
        assert letter.gives_something
        assert not letter.may_be_appealed


def test_unaccepted_award_waits_for_a_person(cast: Cast) -> None:
    """No decision by silence: the clock may tell, never lapse."""
    request = request_in("awarded", cast)
    with pytest.raises(NotAllowed):
        perform(request, "lapse", actor=cast.system, reason="Time has passed.")
    assert (
        perform(request, "lapse", actor=cast.operations_director, reason="They have left.").state == "lapsed"
    )


def test_transfer_needs_what_it_takes(cast: Cast) -> None:
    first = request_in("active", cast)
    source = Award.objects.get(request=first)
    made = request_in("draft", cast)
    Request.objects.filter(pk=made.pk).update(purpose="transfer", earlier=first, state="awarded")
    outcome(made, cast.operations_director)
    made = Request.objects.get(pk=made.pk)
    taken = perform(made, "accept", actor=cast.reporter)
    lines = LedgerEntry.objects.values_list("award__request__key", "kind", "amount")
    assert sorted(lines) == sorted(
        [
            (first.key, "grant", AMOUNT),
            (first.key, "transfer_out", -AMOUNT),
            (taken.key, "transfer_in", AMOUNT),
        ]
    )
    another = request_in("draft", cast)
    Request.objects.filter(pk=another.pk).update(purpose="transfer", earlier=first, state="awarded")
    outcome(another, cast.operations_director)
    with pytest.raises(GuardUnmet, match="has not so much left"):
        perform(Request.objects.get(pk=another.pk), "accept", actor=cast.reporter)
    assert source.entries.count() == 2
