"""Supplements and extensions: in the ledger of the award that they go on from, whose period they move."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from ops.allocations.awards import plans_of
from ops.allocations.enforcement import set_up_by_hand
from ops.allocations.entitlements import entitlements_of
from ops.allocations.holdings import award_for, holdings_of
from ops.allocations.ledger import totals
from ops.allocations.models import Award, Request
from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import Use
from ops.clocks.models import Deadline
from ops.workflow.errors import GuardUnmet
from ops.workflow.services import perform
from tests.allocations.awards import request_in
from tests.allocations.committee import SENT_AT
from tests.allocations.factories import open_call, outcome
from tests.cast import Cast
from tests.web.pages import browser, text_of

LATER = {"award_starts_on": datetime.date(2027, 8, 1), "award_ends_on": datetime.date(2028, 1, 31)}
LAST = datetime.date(2028, 1, 31)


def going_on(cast: Cast, earlier: Request, purpose: str) -> Request:
    """A request that goes on from an award, awarded in the call of the next semester."""
    call = open_call("2027b", title="Semester 2027B", **LATER)
    made = request_in("draft", cast, call=call.slug)
    Request.objects.filter(pk=made.pk).update(
        purpose=purpose, earlier=earlier, state="awarded", submitted_at=SENT_AT
    )
    outcome(made, cast.operations_director)
    return perform(Request.objects.get(pk=made.pk), "accept", actor=cast.reporter)


def kinds(award: Award) -> list[tuple[str, Decimal]]:
    return list(award.entries.order_by("pk").values_list("kind", "amount"))


def test_extension_stands_in_the_ledger_of_the_award_and_moves_its_end(cast: Cast) -> None:
    first = request_in("active", cast)
    second = going_on(cast, first, "extension")
    award = Award.objects.get()
    assert kinds(award) == [("grant", Decimal(200)), ("extension", Decimal(200))]
    assert award.ends_on == LAST
    first = Request.objects.get(pk=first.pk)
    assert first.award_ends_at.date() == LAST
    assert Deadline.objects.of(first.anchor).open().get(clock="award-end").due_at.date() == LAST
    assert not award.is_enforced
    second = perform(second, "provision", actor=cast.assessor)
    assert set_up_by_hand(second, note="Group kept.", actor=cast.assessor).state == "active"
    assert award_for(second.key, cast.reporter) == award
    (plan,) = plans_of([award]).values()
    assert sorted((quarter.starts_on, amount) for quarter, amount in plan) == [
        (datetime.date(2027, 2, 1), Decimal(200)),
        (datetime.date(2027, 8, 1), Decimal(200)),
    ]
    page = text_of(browser(cast.reporter).get(f"/awards/{second.key}/"))
    assert f"Added to it: {second.key}" in page
    parts = entitlements_of(cast.reporter)[0].parts
    assert [(part.award, part.amount) for part in parts] == [(award, Decimal(400))]


def test_award_in_grace_runs_again_when_it_is_extended(cast: Cast) -> None:
    first = request_in("grace", cast)
    going_on(cast, first, "extension")
    assert Request.objects.get(pk=first.pk).state == "active"


def test_revoked_supplement_takes_back_what_is_left_of_it(cast: Cast) -> None:
    first = request_in("active", cast)
    second = going_on(cast, first, "supplement")
    award = Award.objects.get()
    assert award.ends_on == first.call.award_ends_on
    used = Use(1, "u-1", second.key, "compute", Decimal(250), "", award.starts_on)
    moment = datetime.datetime.combine(award.starts_on, datetime.time(12), datetime.UTC)
    assert take_usage([used], actor=cast.assessor, moment=moment).new == 1
    with pytest.raises(GuardUnmet, match=f"Revoke first what was added to it: {second.key}"):
        perform(first, "revoke", actor=cast.operations_director, reason="Not used.")
    perform(second, "revoke", actor=cast.operations_director, reason="Not used.")
    assert kinds(award)[-1] == ("claw_back", Decimal(-150))
    assert [given - used for given, used in totals(award).values()] == [Decimal(0)]
    assert holdings_of(award)[0].left == 0


def test_what_goes_on_from_an_award_that_has_ended_has_its_own(cast: Cast) -> None:
    first = request_in("expired", cast)
    second = going_on(cast, first, "extension")
    assert kinds(Award.objects.get(request=second)) == [("extension", Decimal(200))]
