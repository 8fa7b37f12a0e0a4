"""Quiet hours and digests, on every clock and across its changes."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from ops.notify.hours import is_quiet, next_time, out_of_quiet

MINUTE = datetime.timedelta(minutes=1)
ZONES = [
    "UTC",
    "America/Los_Angeles",
    "America/Santiago",  # changes at midnight
    "Africa/Casablanca",  # goes back for Ramadan
    "Antarctica/Troll",  # changes by two hours
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # changes by half an hour
    "Europe/Dublin",
    "Pacific/Apia",  # lost 30 December 2011
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(
    min_value=datetime.datetime(2005, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime.datetime(2037, 1, 1),  # noqa: DTZ001
    timezones=st.just(datetime.UTC),
).map(lambda moment: moment.replace(second=0, microsecond=0))
clock_times = st.times().map(lambda time: time.replace(second=0, microsecond=0))


def exists(day: datetime.date, at: datetime.time, zone: ZoneInfo) -> bool:
    """Whether the clocks of a zone show a time on a day."""
    local = datetime.datetime.combine(day, at, tzinfo=zone)
    return local.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)


@given(moment=moments, zone=zones, start=clock_times, end=clock_times)
def test_quiet_hours_end_at_the_first_minute_that_is_not_quiet(
    moment: datetime.datetime, zone: ZoneInfo, start: datetime.time, end: datetime.time
) -> None:
    assume(start != end)
    result = out_of_quiet(moment, zone, start, end)

    minute = moment
    while is_quiet(minute, zone, start, end):
        minute += MINUTE
    ends_in_a_gap = not exists(minute.astimezone(zone).date(), end, zone)
    assert result == minute or (ends_in_a_gap and minute <= result < minute + datetime.timedelta(hours=2))
    assert not is_quiet(result, zone, start, end)


@given(moment=moments, zone=zones, start=clock_times, end=clock_times)
def test_what_is_out_of_quiet_hours_stays_where_it_is(
    moment: datetime.datetime, zone: ZoneInfo, start: datetime.time, end: datetime.time
) -> None:
    assume(start != end)
    once = out_of_quiet(moment, zone, start, end)
    assert out_of_quiet(once, zone, start, end) == once


@given(moment=moments, zone=zones, at=clock_times)
def test_the_digest_comes_within_a_day_when_the_readers_clock_says_so(
    moment: datetime.datetime, zone: ZoneInfo, at: datetime.time
) -> None:
    result = next_time(moment, zone, at)

    assert moment < result <= moment + datetime.timedelta(hours=26)
    local = result.astimezone(zone)
    assert local.time() == at or not exists(local.date(), at, zone)


@given(moment=moments, zone=zones, at=clock_times)
def test_no_digest_is_left_out_and_none_comes_twice_a_day(
    moment: datetime.datetime, zone: ZoneInfo, at: datetime.time
) -> None:
    first = next_time(moment, zone, at)
    second = next_time(first, zone, at)
    days = (second.astimezone(zone).date() - first.astimezone(zone).date()).days
    assert days == 1 or (zone.key == "Pacific/Apia" and days in (1, 2))


def test_quiet_hours_may_span_midnight() -> None:
    chile = ZoneInfo("America/Santiago")
    evening = datetime.datetime(2026, 7, 1, 23, 30, tzinfo=chile)
    morning = datetime.datetime(2026, 7, 2, 7, 0, tzinfo=chile)
    assert out_of_quiet(evening, chile, datetime.time(22), datetime.time(7)) == morning
    assert out_of_quiet(morning, chile, datetime.time(22), datetime.time(7)) == morning
