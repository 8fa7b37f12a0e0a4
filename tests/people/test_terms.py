"""Authority comes from terms with a first and a last day, and ends without anybody remembering to take it away."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.people import authority
from ops.people.models import Membership, Role, Team, User
from ops.tickets.models import Ticket
from tests.cast import Cast
from tests.factories import issue_in

DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return timezone.localdate(timezone=datetime.UTC)


def fresh(person: User) -> User:
    """The same person as the next request knows them."""
    return User.objects.get(pk=person.pk)


def appoint(
    person: User, role: str, start: datetime.date, end: datetime.date | None, team: str = authority.STAFF
) -> Membership:
    body = Team.objects.get(slug=team)
    return Membership.objects.create(person=person, team=body, role=role, starts_on=start, ends_on=end)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-10, None, True), (-10, 0, True), (0, 0, True), (0, None, True), (-10, -1, False), (1, None, False)],
    ids=["open-ended", "last-day", "one-day", "first-day", "day-after", "day-before"],
)
def test_role_is_held_from_the_first_day_through_the_last(
    cast: Cast, starts: int, ends: int | None, holds: bool
) -> None:
    last = None if ends is None else today() + ends * DAY
    appoint(cast.outsider, Role.LEAD, today() + starts * DAY, last, authority.COMMUNITY_SCIENCE)

    person = fresh(cast.outsider)
    assert authority.is_lead_member(person) is holds
    assert authority.is_lead.test(person) is holds
    assert authority.is_community_scientist.test(person) is holds
    assert authority.is_staff_member(person) is holds
    leads = authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD)
    assert (person in leads) is holds


def test_what_a_lead_saw_is_gone_the_day_after_the_term(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    Membership.objects.filter(person=cast.lead).update(ends_on=today())
    assert hidden.ticket_ptr in Ticket.objects.visible_to(fresh(cast.lead))

    Membership.objects.filter(person=cast.lead).update(ends_on=today() - DAY)
    assert hidden.ticket_ptr not in Ticket.objects.visible_to(fresh(cast.lead))
    assert Membership.objects.filter(person=cast.lead).exists(), "the history stays"


def test_somebody_known_since_yesterday_is_asked_again_today(cast: Cast) -> None:
    """A process that serves one person past midnight does not go on with what it knew."""
    known = authority.authority_of(cast.lead)
    cast.lead.known_authority = authority.Authority(today() - DAY, known.held, known.is_staff)
    Membership.objects.filter(person=cast.lead).update(ends_on=today() - DAY)

    assert not authority.is_lead_member(cast.lead)


def test_a_closed_account_holds_nothing(cast: Cast) -> None:
    User.objects.filter(pk=cast.lead.pk).update(is_active=False)

    assert not authority.is_lead_member(fresh(cast.lead))
    assert cast.lead not in authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD)


def test_roster_is_as_it_was_on_any_day(cast: Cast) -> None:
    january, june = datetime.date(2024, 1, 1), datetime.date(2024, 6, 30)
    appoint(cast.reporter, Role.LIAISON, january, june, authority.LIAISONS)
    appoint(cast.outsider, Role.LIAISON, june + DAY, None, authority.LIAISONS)

    def liaisons(on: datetime.date) -> list[User]:
        return [term.person for term in authority.roster(authority.LIAISONS, on)]

    assert liaisons(january - DAY) == []
    assert liaisons(january) == liaisons(june) == [cast.reporter]
    assert liaisons(june + DAY) == liaisons(today()) == [cast.outsider]
    assert list(authority.holders_of(authority.LIAISONS, Role.LIAISON, on=june)) == [cast.reporter]


@pytest.mark.parametrize(
    ("start", "end"),
    [("2024-03-01", "2024-04-30"), ("2024-06-30", None), ("2023-01-01", "2024-01-01"), ("2020-01-01", None)],
    ids=["within", "from-the-last-day", "until-the-first-day", "around"],
)
def test_terms_of_one_role_never_overlap(cast: Cast, start: str, end: str | None) -> None:
    first = appoint(cast.outsider, Role.MEMBER, datetime.date(2024, 1, 1), datetime.date(2024, 6, 30))
    again = Membership(
        person=cast.outsider,
        team=first.team,
        role=Role.MEMBER,
        starts_on=datetime.date.fromisoformat(start),
        ends_on=end and datetime.date.fromisoformat(end),
    )

    with pytest.raises(ValidationError, match="already holds this role in these days"):
        again.full_clean()
    with pytest.raises(IntegrityError, match="membership_terms_do_not_overlap"), transaction.atomic():
        again.save()


def test_terms_may_follow_one_another_and_roles_may_be_held_together(cast: Cast) -> None:
    appoint(cast.outsider, Role.MEMBER, datetime.date(2024, 1, 1), datetime.date(2024, 6, 30))

    appoint(cast.outsider, Role.MEMBER, datetime.date(2024, 7, 1), None)
    appoint(cast.outsider, Role.SECRETARY, datetime.date(2024, 1, 1), None)
    appoint(cast.outsider, Role.MEMBER, datetime.date(2024, 1, 1), None, authority.USERS_COMMITTEE)

    assert authority.authority_of(fresh(cast.outsider)).held == {
        (authority.STAFF, Role.MEMBER),
        (authority.STAFF, Role.SECRETARY),
        (authority.USERS_COMMITTEE, Role.MEMBER),
    }


def test_a_term_does_not_end_before_it_starts(cast: Cast) -> None:
    backwards = Membership(
        person=cast.outsider,
        team=Team.objects.get(slug=authority.STAFF),
        starts_on=today(),
        ends_on=today() - DAY,
    )
    with pytest.raises(ValidationError, match="The last day lies before the first"):
        backwards.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        backwards.save()


def test_only_teams_of_the_observatory_make_staff(cast: Cast) -> None:
    appoint(cast.outsider, Role.CHAIR, today(), None, authority.USERS_COMMITTEE)
    assert not authority.is_staff_member(fresh(cast.outsider))

    appoint(cast.outsider, Role.LIAISON, today(), None, authority.LIAISONS)
    assert authority.is_staff_member(fresh(cast.outsider))


def test_authority_costs_one_query_however_often_it_is_asked(cast: Cast, django_assert_num_queries) -> None:
    person = fresh(cast.scientist)
    with django_assert_num_queries(1):
        assert authority.is_community_scientist.test(person)
        assert not authority.is_lead.test(person)
        assert authority.is_staff.test(person)
