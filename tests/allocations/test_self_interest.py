"""Nobody decides on what is their own: not the Operations Director, not a chair, not who keeps the ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ops.allocations.awards import enter
from ops.allocations.conflicts import declare_conflict, take_back_declaration
from ops.allocations.decisions import decide
from ops.allocations.models import CoInvestigator, Request, Review
from ops.allocations.models.awards import Entry
from ops.allocations.models.decisions import Stage
from ops.people.models import User
from ops.workflow.errors import NotAllowed, NotFound
from ops.workflow.selectors import offers
from ops.workflow.services import perform
from tests.allocations.awards import request_in
from tests.allocations.factories import moved, outcome
from tests.cast import Cast
from tests.web.pages import browser, text_of


@pytest.fixture
def request_(cast: Cast) -> Request:
    """An urgent request before the Operations Director."""
    made = request_in("recommended", cast)
    outcome(made, cast.rac_chair, Stage.RECOMMENDED)
    return made


def asks_too(request: Request, person: User) -> Request:
    CoInvestigator.objects.create(request=request, person=person)
    return Request.objects.get(pk=request.pk)


def names_of(request: Request, person: User) -> set[str]:
    return {offer.step.name for offer in offers(Request.objects.get(pk=request.pk), person)}


def test_operations_director_who_asks_too_leaves_the_decision_to_the_director(
    cast: Cast, request_: Request
) -> None:
    mine = asks_too(request_, cast.operations_director)
    with pytest.raises(NotAllowed, match=f"Here it is {cast.director.name}"):
        decide(mine, actor=cast.operations_director, grade="full")
    assert not names_of(mine, cast.operations_director)
    assert [person.pk for person in mine.holders] == [cast.director.pk]
    decide(mine, actor=cast.director, grade="full")
    assert Request.objects.get(pk=mine.pk).state == "awarded"


def test_director_neither_sees_nor_decides_what_the_operations_director_can(
    cast: Cast, request_: Request
) -> None:
    assert not Request.objects.visible_to(cast.director).exists()
    with pytest.raises(NotFound):
        decide(request_, actor=cast.director, grade="full")
    assert browser(cast.director).get(f"/calls/{request_.call_id}/decisions/").status_code == 403


def test_operations_director_declares_a_conflict_and_takes_it_back(cast: Cast, request_: Request) -> None:
    conflict = declare_conflict(request_, actor=cast.operations_director, evidence="We share an office.")
    with pytest.raises(NotFound):
        decide(request_, actor=cast.operations_director, grade="full")
    page = browser(cast.director).get(f"/calls/{request_.call_id}/decisions/")
    assert request_.title in text_of(page)
    page = browser(cast.operations_director).get(f"/calls/{request_.call_id}/decisions/")
    assert "the Director decides on it instead" in text_of(page)
    assert Review.objects.visible_to(cast.director).count() == request_.reviews.count()
    take_back_declaration(conflict, actor=cast.operations_director)
    assert decide(request_, actor=cast.operations_director, grade="full").gives_something


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("under_appeal", {"grant_appeal", "dismiss_appeal"}),
        ("awarded", {"lapse"}),
        ("provisioning", {"activate", "revoke"}),
    ],
)
def test_no_step_of_their_own_request_is_the_operations_directors(
    cast: Cast, request_: Request, state: str, steps: set[str]
) -> None:
    mine = asks_too(moved(request_, state), cast.operations_director)
    assert not names_of(mine, cast.operations_director) & steps
    assert steps <= names_of(mine, cast.director)


def test_where_every_chair_and_the_operations_director_ask_the_director_chairs(
    cast: Cast, request_: Request
) -> None:
    mine = asks_too(moved(request_, "discussed"), cast.rac_chair)
    mine = asks_too(mine, cast.operations_director)
    with pytest.raises(NotAllowed):
        perform(mine, "recommend", actor=cast.rac_chair)
    assert perform(mine, "recommend", actor=cast.director).state == "recommended"


def test_keeper_of_the_ledger_gives_nothing_back_to_themselves(cast: Cast) -> None:
    mine = asks_too(request_in("active", cast), cast.assessor)
    resource = mine.amounts.first().offer.resource
    with pytest.raises(NotAllowed, match="You have a part in"):
        enter(
            mine, kind=Entry.REFUND, resource=resource, amount=Decimal(1), note="Mine.", actor=cast.assessor
        )
