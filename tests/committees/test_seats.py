"""A seat is a membership for as long as it lasts, and not a day longer."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from ops.clocks.sweep import sweep
from ops.committees.models import Charge, Committee, Seat
from ops.committees.slates import slate_of
from ops.people.authority import authority_of, holders_of
from ops.people.models import Membership, Role, User
from ops.workflow import errors
from ops.workflow.services import create, edit, perform
from tests.cast import LONG_AGO, Cast
from tests.committees.seats import SeatFactory, committee_without_rules, in_days, today

DAY = datetime.timedelta(days=1)
seats = SeatFactory()


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def sits(seat: Seat, person: User, role: str = Role.MEMBER) -> bool:
    return authority_of(fresh(person)).holds(seat.committee.slug, role)


def seated(cast: Cast, committee: Committee, first: str, last: str = "", person: str = "reporter") -> Seat:
    """Somebody takes a seat from one day to another."""
    data = {"committee": committee.slug, "person": person, "country": "Peru"}
    seat = create(Seat, actor=cast.lead, data=data)
    seat = perform(seat, "vet", actor=cast.lead)
    given = {"begins_on": first} | ({"ends_on": last} if last else {})
    seat = perform(seat, "put_on_slate", actor=cast.lead, data=given)
    seat = perform(seat, "approve", actor=cast.director)
    return perform(seat, "accept", actor=seat.person)


def test_authority_begins_and_ends_with_the_seat(cast: Cast) -> None:
    seat = seats.in_state("accepted", cast)
    assert not sits(seat, cast.reporter)
    seat = perform(seat, "begin_term", actor=cast.lead)
    assert sits(seat, cast.reporter)
    seat = perform(seat, "resign", actor=cast.reporter, reason="Too much to do.")
    assert not sits(seat, cast.reporter)
    assert (seat.state, seat.end_reason, seat.ends_on) == ("ended", "resigned", today() - DAY)
    assert (
        Membership.objects.filter(person=cast.reporter, starts_on=seat.begins_on).get().ends_on
        == today() - DAY
    )


def test_a_seat_given_back_on_its_first_day_leaves_no_authority(cast: Cast) -> None:
    seat = perform(seated(cast, committee_without_rules(), in_days(0)), "begin_term", actor=cast.lead)
    assert sits(seat, cast.reporter)
    seat = perform(seat, "remove", actor=cast.director, reason="A mistake.")
    assert not sits(seat, cast.reporter)
    assert not Membership.objects.filter(person=cast.reporter).exists()


@pytest.mark.django_db(transaction=True)
def test_terms_begin_and_end_by_the_calendar_once(cast: Cast) -> None:
    seat = seated(cast, committee_without_rules(), in_days(0))
    sweep()
    sweep()
    seat = Seat.objects.get(pk=seat.pk)
    assert (seat.state, Membership.objects.filter(person=cast.reporter).count()) == ("active", 1)
    Seat.objects.filter(pk=seat.pk).update(begins_on=in_days(-9), ends_on=in_days(-1))
    Membership.objects.filter(person=cast.reporter).update(starts_on=in_days(-9), ends_on=in_days(-1))
    assert not sits(seat, cast.reporter)  # even before the clock has moved the seat
    sweep(moment=seat.ends_at + DAY)
    seat = Seat.objects.get(pk=seat.pk)
    assert (seat.state, seat.end_reason) == ("ended", "term")


def test_a_term_lasts_as_long_as_the_committee_says(cast: Cast) -> None:
    seat = seated(cast, committee_without_rules(), "2026-03-01")
    assert seat.ends_on == datetime.date(2028, 2, 29)
    assert "1 March 2026" in seat.awaited


def test_a_term_does_not_begin_before_its_first_day(cast: Cast) -> None:
    seat = seated(cast, committee_without_rules(), in_days(3))
    with pytest.raises(errors.GuardUnmet, match="still to come"):
        perform(seat, "begin_term", actor=cast.lead)


@pytest.mark.parametrize(
    ("before", "last", "allowed"),
    [
        ((), "2029-12-31", True),
        ((), "2030-01-05", False),
        ((("2022-01-01", "2023-12-31"),), "2027-12-31", True),
        ((("2022-01-01", "2023-12-31"),), "2028-02-01", False),
        ((("2020-01-01", "2021-12-31"), ("2022-01-01", "2023-12-31")), "2026-02-01", False),
    ],
)
def test_four_years_in_all_and_no_longer(
    cast: Cast, before: tuple[tuple[str, str], ...], last: str, *, allowed: bool
) -> None:
    committee = committee_without_rules()
    for first_day, last_day in before:
        Membership.objects.create(person=cast.reporter, team=committee, starts_on=first_day, ends_on=last_day)
    if allowed:
        assert seated(cast, committee, "2026-01-01", last).state == "accepted"
    else:
        with pytest.raises(errors.InvalidInput, match="ends on") as refused:
            seated(cast, committee, "2026-01-01", last)
        assert "4 years" in refused.value.fields["ends_on"][0]


def test_an_extension_moves_the_membership_and_stays_within_the_limit(cast: Cast) -> None:
    seat = seats.in_state("active", cast)
    with pytest.raises(errors.InvalidInput, match="ends on"):
        perform(seat, "extend", actor=cast.director, data={"ends_on": in_days(1500)}, reason="Needed.")
    seat = perform(seat, "extend", actor=cast.director, data={"ends_on": in_days(900)}, reason="Needed.")
    assert Membership.objects.get(person=cast.reporter).ends_on == seat.ends_on == today() + 900 * DAY


def test_a_shortened_term_shortens_the_office(cast: Cast) -> None:
    seat = seats.in_state("active", cast)
    seat = perform(
        seat,
        "make_chair",
        actor=cast.director,
        data={"office_from": in_days(-5), "office_until": in_days(300)},
    )
    assert sits(seat, cast.reporter, Role.CHAIR)
    perform(seat, "extend", actor=cast.director, data={"ends_on": in_days(50)}, reason="Leaves early.")
    assert {term.ends_on for term in Membership.objects.filter(person=cast.reporter)} == {today() + 50 * DAY}


def test_a_committee_has_one_chair_at_a_time(cast: Cast) -> None:
    committee = committee_without_rules()
    first, second = (
        perform(seated(cast, committee, in_days(-20), person=name), "begin_term", actor=cast.lead)
        for name in ("reporter", "owner")
    )
    term = {"office_from": in_days(-20), "office_until": in_days(300)}
    perform(first, "make_chair", actor=cast.director, data=term)
    perform(second, "make_chair", actor=cast.director, data={**term, "office_from": in_days(0)})
    assert [person.username for person in holders_of(committee.slug, Role.CHAIR)] == ["owner"]
    yesterday = today() - DAY
    assert [person.username for person in holders_of(committee.slug, Role.CHAIR, on=yesterday)] == [
        "reporter"
    ]


def test_whoever_leaves_gives_the_chair_back_as_well(cast: Cast) -> None:
    seat = seats.in_state("active", cast)
    seat = perform(
        seat,
        "make_chair",
        actor=cast.director,
        data={"office_from": in_days(0), "office_until": in_days(300)},
    )
    perform(seat, "resign", actor=cast.reporter, reason="Moving on.")
    assert not authority_of(fresh(cast.reporter)).held


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"office_from": "2019-01-01", "office_until": "2019-06-01"}, "office_from"),
        ({"office_from": "2026-06-01", "office_until": "2026-05-01"}, "office_until"),
        ({"office_from": "soon", "office_until": "2026-05-01"}, "office_from"),
    ],
)
def test_an_office_outside_the_term_is_refused(cast: Cast, given: dict[str, Any], field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        perform(seats.in_state("active", cast), "make_chair", actor=cast.director, data=given)
    assert field in refused.value.fields


@pytest.mark.django_db(transaction=True)
def test_nominated_in_the_same_moment_they_stand_there_once(cast: Cast) -> None:
    data = {"committee": committee_without_rules().slug, "person": "reporter"}
    barrier = Barrier(2)

    def nominate(actor: User) -> str:
        try:
            barrier.wait()
            return create(Seat, actor=actor, data=data).state
        except errors.InvalidInput as refusal:
            return ", ".join(refusal.fields)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(nominate, (cast.outsider, cast.lead))) == ["nominated", "person"]


def test_nobody_is_nominated_twice_or_sits_twice(cast: Cast) -> None:
    committee = committee_without_rules()
    data = {"committee": committee.slug, "person": "reporter"}
    create(Seat, actor=cast.outsider, data=data)
    with pytest.raises(errors.InvalidInput, match="person"):
        create(Seat, actor=cast.lead, data=data)
    Membership.objects.create(person=cast.owner, team=committee, starts_on=LONG_AGO)
    with pytest.raises(errors.InvalidInput, match="begins on"):
        seated(cast, committee, in_days(10), person="owner")


def test_a_nomination_is_known_to_those_it_concerns(cast: Cast, advisor: User) -> None:
    committee = committee_without_rules()
    seat = create(Seat, actor=cast.owner, data={"committee": committee.slug, "person": "reporter"})

    def readers() -> set[str]:
        return {person.username for person in cast.people() if Seat.objects.visible_to(person).exists()}

    concerned = {"owner", "reporter", "lead", "director", "outsider", "system"}
    assert readers() == concerned
    seat = perform(
        seat, "vet", actor=cast.lead, data={"country": "Chile"}, reason="Asked by phone, two references."
    )
    seat = perform(seat, "put_on_slate", actor=advisor, data={"begins_on": in_days(-1)})
    for step, actor in (("approve", cast.director), ("accept", cast.reporter), ("begin_term", cast.lead)):
        assert readers() == concerned
        seat = perform(seat, step, actor=actor)
    assert readers() == {person.username for person in cast.people()}
    assert not Seat.objects.visible_to(cast.anonymous).exists()
    told = {event.name for event in seat.history_for(cast.staff)}
    assert told == {"begin_term"}
    assert seat.history_for(cast.reporter).count() == 6
    seat = perform(seat, "resign", actor=cast.reporter, reason="My health.")
    why = seat.history_for(cast.reporter).last()
    Membership.objects.create(person=cast.assignee, team=committee, starts_on=LONG_AGO)
    for person, knows in ((fresh(cast.assignee), True), (cast.director, True), (cast.staff, False)):
        assert (why in seat.history_for(person)) is seat.is_told_of(why, person) is knows


def test_members_know_who_joins_them_once_it_is_certain(cast: Cast, users_committee: Committee) -> None:
    users_committee.rules.all().delete()
    seat = create(Seat, actor=cast.lead, data={"committee": users_committee.slug, "person": "reporter"})
    seat = perform(seat, "vet", actor=cast.lead, data={"country": "Chile"})
    seat = perform(seat, "put_on_slate", actor=cast.lead, data={"begins_on": in_days(5)})
    seat = perform(seat, "approve", actor=cast.director)
    assert not Seat.objects.visible_to(cast.uc_member).exists()
    perform(seat, "accept", actor=cast.reporter)
    assert Seat.objects.visible_to(cast.uc_member).exists()
    assert not Seat.objects.visible_to(cast.staff).exists()


def test_an_edit_of_the_statement_is_not_refused_for_a_term_that_is_too_long_by_now(cast: Cast) -> None:
    seat = seats.in_state("on_slate", cast)
    Membership.objects.create(
        person=cast.reporter, team=seat.committee, starts_on="2015-01-01", ends_on="2019-01-01"
    )
    assert edit(seat, actor=cast.reporter, data={"statement": "I care."}).statement == "I care."


def test_versions_of_a_charge_cannot_be_changed(cast: Cast, users_committee: Committee) -> None:
    kept = Charge.objects.create(committee=users_committee, number=1, text="Advise.", author=cast.lead)
    for spoil in (lambda: Charge.objects.update(text="Obey."), kept.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            spoil()


def test_a_rule_with_the_wrong_parameters_is_refused(users_committee: Committee) -> None:
    rule = users_committee.rules.get(check_name="minimum_from_country")
    rule.parameters = {"country": "Chile"}
    with pytest.raises(ValidationError, match="at_least"):
        rule.full_clean()
    rule.parameters = {"country": "Chile", "at_least": "two"}
    with pytest.raises(ValidationError, match="something else"):
        rule.full_clean()
    assert str(users_committee.rules.get(check_name="minimum_from_country")) == "At least 1 from Chile"


def test_a_slate_counts_those_who_stay_and_those_who_come(cast: Cast, users_committee: Committee) -> None:
    seated_later = Membership.objects.filter(team=users_committee, role=Role.MEMBER)
    assert seated_later.count() == 1
    slate = slate_of(users_committee, today())
    assert [place.name for place in slate.staying] == ["Uc Member"]
    breaches = [finding.breach for finding in slate.findings if not finding.is_met]
    assert breaches[0] == "The slate has 1 person, 11 fewer than the 12 seats."


def test_an_appointment_that_nobody_answers_is_taken_back(cast: Cast) -> None:
    seat = seats.in_state("approved", cast)
    with pytest.raises(errors.NotAllowed):
        perform(seat, "take_back", actor=cast.lead, reason="No answer.")
    perform(seat, "take_back", actor=cast.director, reason="No answer for a month.")
    again = {"committee": seat.committee.slug, "person": seat.person.username}
    assert create(Seat, actor=cast.outsider, data=again).state == Seat.State.NOMINATED
