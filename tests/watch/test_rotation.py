"""Whose week it is."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.clocks.sweep import sweep
from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Membership, Role, Team
from ops.watch.models import WEEK, Leave, WatchWeek
from ops.watch.rotation import plan_ahead, swap, whose_turn
from ops.workflow import errors
from ops.workflow.services import perform
from tests.cast import LONG_AGO, Cast


def this_monday() -> datetime.date:
    today = timezone.localdate(timezone=datetime.UTC)
    return today - datetime.timedelta(days=today.weekday())


@pytest.fixture
def team(cast: Cast) -> Cast:
    """Two community scientists and a lead; the standing watcher of the cast has gone."""
    Membership.objects.filter(person=cast.watcher).delete()
    members = Team.objects.get(slug=COMMUNITY_SCIENCE)
    Membership.objects.create(person=cast.staff, team=members, role=Role.MEMBER, starts_on=LONG_AGO)
    return cast


def on_watch(day: datetime.date) -> list[str]:
    return [person.username for person in holders_of(COMMUNITY_SCIENCE, Role.WATCHER, on=day)]


def test_longest_without_a_watch_comes_first(team: Cast) -> None:
    weeks = plan_ahead(actor=team.system, weeks=6)
    people = [week.person.username for week in weeks]
    assert sorted(people[:3]) == ["lead", "scientist", "staff"]
    assert people[3:] == people[:3]
    assert weeks[0].why.startswith("Never on watch")
    first = weeks[0].monday
    assert f"on {first.day} {first:%B %Y}" in weeks[3].why


def test_planned_twice_nothing_is_filled_twice(team: Cast) -> None:
    assert len(plan_ahead(actor=team.system, weeks=4)) == 4
    assert plan_ahead(actor=team.system, weeks=4) == []


def test_leave_is_gone_around_and_said(team: Cast) -> None:
    monday = this_monday() + 2 * WEEK
    Leave.objects.create(
        person=team.scientist, starts_on=monday + datetime.timedelta(days=6), ends_on=monday + WEEK
    )
    turn = whose_turn(monday)
    assert turn is not None
    assert turn.person != team.scientist
    assert "Scientist" in turn.why


def test_a_week_that_nobody_can_take_stays_open(team: Cast) -> None:
    Leave.objects.bulk_create(
        Leave(person=person, starts_on=LONG_AGO, ends_on=datetime.date(2099, 1, 1))
        for person in (team.scientist, team.lead, team.staff)
    )
    assert whose_turn(this_monday()) is None
    assert plan_ahead(actor=team.system) == []


def test_authority_of_the_watcher_comes_and_goes_with_the_week(team: Cast) -> None:
    first, second = plan_ahead(actor=team.system, weeks=2)
    assert on_watch(first.sunday) == [first.person.username]
    assert on_watch(second.monday) == [second.person.username]
    assert on_watch(second.sunday + datetime.timedelta(days=1)) == []


def test_a_week_to_come_moves_with_its_membership(team: Cast) -> None:
    week = plan_ahead(actor=team.system, weeks=2)[1]
    other = team.lead if week.person != team.lead else team.staff
    perform(week, "give", actor=week.person, data={"person": other.username})
    assert on_watch(week.monday) == [other.username]


def test_a_week_given_away_in_the_middle_keeps_what_was(team: Cast) -> None:
    week = plan_ahead(actor=team.system, weeks=1)[0]
    before, other = week.person, team.lead if week.person != team.lead else team.staff
    week = perform(week, "begin", actor=before)
    perform(week, "give", actor=before, data={"person": other.username})
    today = timezone.localdate(timezone=datetime.UTC)
    assert on_watch(today) == [other.username]
    if today > week.monday:
        assert on_watch(week.monday) == [before.username]


def test_giving_to_somebody_on_leave_is_refused(team: Cast) -> None:
    week = plan_ahead(actor=team.system, weeks=2)[1]
    other = team.lead if week.person != team.lead else team.staff
    Leave.objects.create(person=other, starts_on=week.monday, ends_on=week.monday)
    with pytest.raises(errors.InvalidInput) as refused:
        perform(week, "give", actor=week.person, data={"person": other.username})
    assert "leave" in refused.value.fields["person"][0]


def test_swap_exchanges_both_or_neither(team: Cast) -> None:
    first, second = plan_ahead(actor=team.system, weeks=3)[1:]
    swap(first, second, actor=team.lead)
    assert WatchWeek.objects.get(pk=first.pk).person == second.person
    assert WatchWeek.objects.get(pk=second.pk).person == first.person
    assert on_watch(first.monday) == [second.person.username]

    Leave.objects.create(person=first.person, starts_on=first.monday, ends_on=first.monday)
    with pytest.raises(errors.InvalidInput):
        swap(WatchWeek.objects.get(pk=first.pk), WatchWeek.objects.get(pk=second.pk), actor=team.lead)
    assert WatchWeek.objects.get(pk=first.pk).person == second.person


def test_either_of_the_two_may_swap_and_nobody_else(team: Cast) -> None:
    first, second = plan_ahead(actor=team.system, weeks=3)[1:]
    with pytest.raises(errors.NotAllowed):
        swap(first, second, actor=team.assignee)
    assert WatchWeek.objects.get(pk=first.pk).person == first.person
    swap(first, second, actor=second.person)
    exchanged = WatchWeek.objects.get(pk=first.pk)
    assert exchanged.person == second.person
    assert exchanged.why == f"Swapped by {second.person.name}"
    assert WatchWeek.objects.get(pk=second.pk).person == first.person


def test_a_week_that_changed_hands_meanwhile_is_not_swapped(team: Cast) -> None:
    first, second = plan_ahead(actor=team.system, weeks=3)[1:]
    third = next(
        one for one in (team.lead, team.scientist, team.staff) if one not in (first.person, second.person)
    )
    perform(WatchWeek.objects.get(pk=second.pk), "give", actor=second.person, data={"person": third})
    with pytest.raises(errors.Stale):
        swap(first, second, actor=first.person)
    assert WatchWeek.objects.get(pk=first.pk).person == first.person
    assert WatchWeek.objects.get(pk=second.pk).person == third


def test_only_whose_week_it_is_may_give_it_away(team: Cast) -> None:
    week = plan_ahead(actor=team.system, weeks=1)[0]
    other = team.scientist if week.person != team.scientist else team.staff
    with pytest.raises(errors.NotAllowed, match="the one on watch"):
        perform(week, "give", actor=other, data={"person": other.username})


@pytest.mark.django_db(transaction=True)
def test_a_week_begins_by_itself_on_its_monday_once(team: Cast) -> None:
    week = plan_ahead(actor=team.system, weeks=1)[0]
    sweep()
    sweep()
    assert WatchWeek.objects.get(pk=week.pk).state == "on_watch"
