"""A slate and its rules: a breach is said in words, and waived with a reason or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from django.db import IntegrityError, transaction

from ops.committees.appointing import approve_slate, slate_for, waive
from ops.committees.charges import write_charge
from ops.committees.composition import breach_of
from ops.committees.models import Committee, Seat, Waiver
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create, perform
from tests.cast import Cast
from tests.committees.seats import in_days, today

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Somebody:
    name: str = "Ana"
    country: str = "Peru"
    institution: str = ""
    is_from_small_institution: bool = False
    is_staff: bool = False


def twelve(count: int = 12, **first: object) -> Sequence[Somebody]:
    return [Somebody(**first), *(Somebody() for _ in range(count - 1))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "parameters", "people", "sentence"),
    [
        ("number_of_seats", {}, twelve(), ""),
        ("number_of_seats", {}, twelve(11), "The slate has 11 people, 1 fewer than the 12 seats."),
        ("number_of_seats", {}, twelve(13), "The slate has 13 people, 1 more than the 12 seats."),
        ("minimum_from_country", {"country": "Chile", "at_least": 1}, twelve(country=" chile"), ""),
        (
            "minimum_from_country",
            {"country": "Chile", "at_least": 2},
            twelve(country="Chile"),
            "The slate has 1 person from Chile; at least 2 must be.",
        ),
        (
            "minimum_from_small_institutions",
            {"at_least": 1},
            twelve(),
            "The slate has nobody from small institutions; at least 1 must be.",
        ),
        ("none_from_observatory", {}, twelve(is_staff=True, name="Bo"), "Bo works at the observatory."),
        (
            "maximum_from_one_institution",
            {"at_most": 1},
            [Somebody(institution="Lick"), Somebody(institution="Lick "), Somebody(institution="Yerkes")],
            "The slate has 2 people from Lick; at most 1 may be from one.",
        ),
    ],
)
def test_each_rule_says_what_is_wrong(
    check: str, parameters: dict[str, object], people: Sequence[Somebody], sentence: str
) -> None:
    assert breach_of(check, parameters, people, 12) == sentence


@pytest.fixture
def small(users_committee: Committee, cast: Cast) -> Committee:
    """The Users Committee, as if it had three seats: one member stays, and one seat goes to nobody."""
    users_committee.places = 3
    users_committee.save()
    users_committee.rules.exclude(check_name="number_of_seats").delete()
    return users_committee


def propose(committee: Committee, cast: Cast, person: str = "reporter") -> Seat:
    seat = create(Seat, actor=cast.lead, data={"committee": committee.slug, "person": person})
    seat = perform(seat, "vet", actor=cast.lead, data={"country": "Chile"})
    return perform(seat, "put_on_slate", actor=cast.lead, data={"begins_on": in_days(20)})


def test_the_director_approves_once_the_breach_is_waived(small: Committee, cast: Cast, advisor: User) -> None:
    seat, day = propose(small, cast), today() + 20 * DAY
    with pytest.raises(errors.GuardUnmet, match="waived"):
        approve_slate(small, day, actor=cast.director)
    (finding,) = slate_for(advisor, small, day).findings
    assert finding.breach == "The slate has 2 people, 1 fewer than the 3 seats."
    kept = waive(small, day, rule=finding.rule.pk, reason="A seat stays free for Chile.", actor=advisor)
    assert waive(small, day, rule=finding.rule.pk, reason="Again.", actor=cast.director).pk == kept.pk
    (approved,) = approve_slate(small, day, actor=cast.director)
    assert (approved.pk, approved.state) == (seat.pk, "approved")
    with pytest.raises(errors.NotFound):
        approve_slate(small, day, actor=cast.director)


def test_a_waiver_holds_for_the_breach_that_was_waived(small: Committee, cast: Cast, advisor: User) -> None:
    first, day = propose(small, cast), today() + 20 * DAY
    (finding,) = slate_for(advisor, small, day).findings
    waive(small, day, rule=finding.rule.pk, reason="One may be missing.", actor=advisor)
    assert slate_for(advisor, small, day).is_settled
    perform(first, "take_off_slate", actor=cast.director, reason="Not this one.")
    slate = slate_for(advisor, small, day)
    assert not slate.is_settled
    assert "2 fewer" in slate.findings[0].breach


def test_who_may_see_and_waive(small: Committee, cast: Cast, advisor: User) -> None:
    propose(small, cast)
    day = today() + 20 * DAY
    rule = small.rules.get().pk
    seers = []
    for person in cast.people():
        try:
            slate_for(person, small, day)
        except errors.NotAllowed:
            continue
        seers.append(person.username)
    assert seers == ["lead", "director", "outsider"]
    with pytest.raises(errors.NotAllowed):
        waive(small, day, rule=rule, reason="Me.", actor=cast.lead)
    with pytest.raises(errors.InvalidInput, match="reason"):
        waive(small, day, rule=rule, reason="  ", actor=advisor)
    with pytest.raises(errors.NotAllowed):
        approve_slate(small, day, actor=advisor)
    assert not Waiver.objects.exists()


def test_a_rule_that_is_met_needs_no_waiver(small: Committee, cast: Cast, advisor: User) -> None:
    propose(small, cast)
    propose(small, cast, "owner")
    with pytest.raises(errors.NotFound):
        waive(small, today() + 20 * DAY, rule=small.rules.get().pk, reason="For nothing.", actor=advisor)


def test_a_waiver_stays_as_it_was_recorded(small: Committee, cast: Cast, advisor: User) -> None:
    propose(small, cast)
    waive(small, today() + 20 * DAY, rule=small.rules.get().pk, reason="One may be missing.", actor=advisor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.update(reason="Another story.")


def test_a_charge_grows_by_versions(users_committee: Committee, cast: Cast) -> None:
    first = write_charge(users_committee, actor=cast.lead, data={"text": "Advise the Director."}, version=0)
    assert (
        write_charge(users_committee, actor=cast.lead, data={"text": "Advise the Director."}).pk == first.pk
    )
    with pytest.raises(errors.Stale):
        write_charge(users_committee, actor=cast.director, data={"text": "Advise."}, version=0)
    write_charge(users_committee, actor=cast.director, data={"text": "Advise, twice a year."}, version=1)
    assert [charge.number for charge in users_committee.charges.all()] == [2, 1]
    with pytest.raises(errors.NotAllowed):
        write_charge(users_committee, actor=cast.uc_chair, data={"text": "Rule."})
    with pytest.raises(errors.InvalidInput, match="text"):
        write_charge(users_committee, actor=cast.lead, data={"text": ""})
