"""Dates that are fair: the worst off counts first, and whoever got up at night before counts more."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ops.committees.dates import burdens, cost_of, on_the_clocks, propose
from ops.committees.models import Attendance, Committee, Meeting
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, User
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast

NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
FIRST, LAST = datetime.date(2026, 4, 6), datetime.date(2026, 4, 10)  # Monday to Friday, no clock changes


def at(hour: int, minute: int = 0, day: int = 8) -> datetime.datetime:
    return datetime.datetime(2026, 4, day, hour, minute, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("begins", "minutes", "zone", "cost"),
    [
        (at(9), 120, "UTC", 0),
        (at(16), 120, "UTC", 1),
        (at(2), 60, "UTC", 10),
        (at(9), 60, "Asia/Tokyo", 2),
        (at(12, day=11), 60, "UTC", 6),
        (at(16, 45), 15, "UTC", 0),
    ],
)
def test_an_hour_costs_what_the_local_clock_says(
    begins: datetime.datetime, minutes: int, zone: str, cost: int
) -> None:
    assert cost_of(begins, minutes, ZoneInfo(zone)) == cost


@pytest.fixture
def far_apart(users_committee: Committee, cast: Cast) -> Committee:
    """The chair in Tokyo, the member in Santiago."""
    User.objects.filter(pk=cast.uc_chair.pk).update(time_zone="Asia/Tokyo")
    User.objects.filter(pk=cast.uc_member.pk).update(time_zone="America/Santiago")
    return users_committee


def test_two_in_one_office_meet_in_office_hours(users_committee: Committee, cast: Cast) -> None:
    best = propose(users_committee, FIRST, LAST, 60, now=NOW)[0]
    assert (best.total, best.worst.cost) == (0, 0)
    assert len(best.moments) == 5


def test_the_fairest_time_comes_first_with_everybodys_clock(far_apart: Committee) -> None:
    times = propose(far_apart, FIRST, LAST, 60, now=NOW)
    assert [time.rank for time in times] == sorted(time.rank for time in times)
    best = times[0]
    assert {local.begins.tzname() for local in best.locals} == {"JST", "-04"}
    assert best.worst.cost <= 3
    assert all(local.begins.weekday() < 5 for time in times for local in time.locals)


def test_whoever_bore_much_before_is_spared(far_apart: Committee, cast: Cast) -> None:
    best = propose(far_apart, FIRST, LAST, 60, now=NOW)[0]
    costs = {local.person.username: local.cost for local in best.locals}
    begins = datetime.datetime(2025, 10, 8, 17, tzinfo=datetime.UTC)  # 02:00 in Tokyo, 14:00 in Chile
    for week in range(4):
        data = {
            "committee": USERS_COMMITTEE,
            "starts_at": (begins + week * datetime.timedelta(days=7)).isoformat(),
        }
        perform(create(Meeting, actor=cast.lead, data=data), "hold", actor=cast.lead)
    chair, member = (User.objects.get(pk=person.pk) for person in (cast.uc_chair, cast.uc_member))
    assert burdens(far_apart, [chair, member], now=NOW) == {chair.pk: 40, member.pk: 0}
    spared = propose(far_apart, FIRST, LAST, 60, now=NOW)[0]
    after = {local.person.username: local.cost for local in spared.locals}
    assert after["uc-chair"] <= costs["uc-chair"]
    assert after["uc-chair"] < after["uc-member"]


def test_whoever_was_away_bore_nothing(far_apart: Committee, cast: Cast) -> None:
    data = {"committee": USERS_COMMITTEE, "starts_at": "2025-10-08T17:00:00Z"}
    meeting = perform(create(Meeting, actor=cast.lead, data=data), "hold", actor=cast.lead)
    chair, member = (User.objects.get(pk=person.pk) for person in (cast.uc_chair, cast.uc_member))
    Attendance.objects.create(meeting=meeting, person=member, presence="present")
    assert burdens(far_apart, [chair, member], now=NOW) == {chair.pk: 0, member.pk: 0}


def test_nothing_is_proposed_in_the_past_or_on_anybodys_weekend(far_apart: Committee) -> None:
    saturday = datetime.date(2026, 4, 11)
    assert propose(far_apart, saturday, saturday, 60, now=NOW) == []
    later = datetime.datetime(2026, 4, 12, tzinfo=datetime.UTC)
    assert propose(far_apart, FIRST, LAST, 60, now=later) == []


def test_a_clock_change_makes_another_time_of_day(users_committee: Committee, cast: Cast) -> None:
    """Chile leaves summer time on 5 April 2026: the same moment in UTC is another hour there."""
    User.objects.filter(pk=cast.uc_member.pk).update(time_zone="America/Santiago")
    times = propose(users_committee, datetime.date(2026, 4, 2), datetime.date(2026, 4, 7), 60, now=NOW)
    for time in times:
        hours = {moment.astimezone(ZoneInfo("America/Santiago")).hour for moment in time.moments}
        assert len(hours) == 1


def test_a_meeting_is_shown_on_every_clock_and_nobody_sits_there_twice(
    far_apart: Committee, planned: Meeting, cast: Cast
) -> None:
    Membership.objects.create(person=cast.uc_chair, team=far_apart, role="member", starts_on=LONG_AGO)
    faces = on_the_clocks(planned)
    assert sorted(local.person.username for local in faces) == ["uc-chair", "uc-member"]
    assert all(local.begins == planned.starts_at for local in faces)
    assert timezone.now() < planned.starts_at
