"""Working time: what is added can be measured, later never comes earlier, and no minute counts twice."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops.clocks.arithmetic import LAST_YEAR, WorkingTime, working_time
from ops.clocks.spans import Span, Unit

HOUR = timedelta(hours=1)
NOTHING = timedelta(0)
TICK = timedelta(microseconds=1)

OFFICE = ((9 * 60, 17 * 60),)
SIESTA = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
NIGHT = ((0, 6 * 60), (22 * 60, 24 * 60))
WHOLE = ((0, 24 * 60),)

PACIFIC = WorkingTime("America/Los_Angeles", (OFFICE,) * 5 + ((), ()), "US", "CA")
CHILE = WorkingTime("America/Santiago", (OFFICE,) * 5 + ((), ()), "CL", "CO")
ALWAYS = WorkingTime("UTC", (WHOLE,) * 7)


def at(text: str, zone: str = "America/Los_Angeles") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# Zones that change by an hour and by half, at two in the morning and at midnight, that skipped a whole day, and none.
ZONES = (
    "America/Los_Angeles", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
    "Africa/Casablanca", "UTC",
)  # fmt: skip
COUNTRIES = (("", ""), ("US", "CA"), ("CL", "CO"))


@st.composite
def days(draw):
    """The periods of one day: up to three, in order, perhaps touching."""
    edges = sorted(draw(st.lists(st.integers(0, 24 * 60), unique=True, max_size=6)))
    periods = list(zip(edges[::2], edges[1::2], strict=False))
    if len(periods) > 1 and draw(st.booleans()):
        periods[1] = (periods[0][1], periods[1][1])
    return tuple(periods)


@st.composite
def calendars(draw):
    week = draw(st.tuples(*[days()] * 7).filter(any))
    country, subdivision = draw(st.sampled_from(COUNTRIES))
    closed = draw(st.frozensets(st.dates(date(2023, 1, 1), date(2027, 1, 1)), max_size=3))
    return working_time(draw(st.sampled_from(ZONES)), week, country, subdivision, closed, frozenset())


def between(start: str, end: str) -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime.fromisoformat(start), datetime.fromisoformat(end), timezones=st.just(UTC))


# Some years, and around changes of the clocks in them; and the Friday that Samoa skipped in 2011.
moments = st.one_of(
    between("2023-01-01", "2026-12-31"),
    between("2026-03-07", "2026-03-10"),
    between("2026-10-31", "2026-11-03"),
    between("2026-04-03", "2026-04-06"),
    between("2011-12-28", "2012-01-02"),
)
amounts = st.timedeltas(TICK, timedelta(days=40))


@given(calendars(), moments, amounts)
@example(PACIFIC, at("2026-03-08T01:30"), 40 * HOUR)
def test_adding_then_measuring_gives_back(calendar, start, amount):
    end = calendar.add(start, amount)
    assert calendar.measure(start, end) == amount
    assert calendar.measure(start, end - TICK) < amount, "an earlier instant would do"


@given(calendars(), moments, amounts)
def test_going_back_then_measuring_gives_back(calendar, end, amount):
    start = calendar.add(end, -amount)
    assert calendar.measure(start, end) == amount
    assert calendar.measure(start + TICK, end) < amount, "a later instant would do"


@given(calendars(), moments, moments, moments)
def test_no_minute_counts_twice_and_none_is_lost(calendar, one, two, three):
    first, second, third = sorted((one, two, three))
    assert calendar.measure(first, second) + calendar.measure(second, third) == calendar.measure(first, third)
    assert NOTHING <= calendar.measure(first, third) <= third - first
    assert calendar.measure(third, first) == -calendar.measure(first, third)


@given(calendars(), moments, moments, amounts, amounts)
def test_later_starts_and_longer_amounts_never_end_earlier(calendar, one, two, short, long):
    start, later = sorted((one, two))
    short, long = sorted((short, long))
    assert calendar.add(start, short) <= calendar.add(later, short)
    assert calendar.add(start, short) <= calendar.add(start, long)
    assert calendar.add(start, -long) <= calendar.add(start, -short)


@given(calendars(), moments, amounts, amounts)
def test_two_steps_are_one_long_step(calendar, start, one, other):
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@given(calendars(), moments)
def test_adding_nothing_stays(calendar, start):
    assert calendar.add(start, NOTHING) == start


@given(calendars(), st.integers(2010, 2027))
def test_the_periods_of_a_year_are_in_order_and_apart(calendar, year):
    table = calendar._year(year)
    assert all(start < end for start, end in zip(table.starts, table.ends, strict=True))
    assert all(end <= start for end, start in zip(table.ends, table.starts[1:], strict=False))
    last = calendar._year(year + 1).starts[:1]
    assert not table.ends or not last or table.ends[-1] <= last[0]


def minutes_by_hand(calendar: WorkingTime, start: datetime, end: datetime, off: set[date]) -> timedelta:
    """Walk minute by minute and look at the clock on the wall."""
    total = NOTHING
    while start < end:
        wall = start.astimezone(calendar.zone)
        minute = wall.hour * 60 + wall.minute
        periods = calendar.week[wall.weekday()] if wall.date() not in off else ()
        total += timedelta(minutes=any(a <= minute < b for a, b in periods))
        start += timedelta(minutes=1)
    return total


@pytest.mark.parametrize("hours", [OFFICE, SIESTA, NIGHT, WHOLE], ids=["office", "siesta", "night", "whole"])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("America/Los_Angeles", "2026-03-06"),
        ("America/Los_Angeles", "2026-10-30"),
        ("America/Santiago", "2026-04-03"),
        ("America/Santiago", "2026-09-04"),
        ("Australia/Lord_Howe", "2026-04-03"),
        ("Pacific/Apia", "2011-12-28"),
    ],
)
def test_it_counts_what_the_clock_on_the_wall_shows(zone, start, hours):
    calendar = WorkingTime(zone, (hours,) * 6 + ((),))
    first = at(start, zone).astimezone(UTC)
    for offset in range(0, 96, 5):
        end = first + offset * HOUR
        assert calendar.measure(first, end) == minutes_by_hand(calendar, first, end, set())


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-03-06T16:00", 2 * HOUR, "2026-03-09T10:00"),  # Friday to Monday over the change of the clocks
        ("2026-03-06T16:00", 1 * HOUR, "2026-03-06T17:00"),  # five o'clock, not nine on Monday
        ("2026-03-07T11:00", 1 * HOUR, "2026-03-09T10:00"),  # begun on a Saturday
        ("2026-07-02T16:00", 2 * HOUR, "2026-07-06T10:00"),  # Independence Day is observed on Friday the 3rd
        ("2026-10-30T16:00", 9 * HOUR, "2026-11-02T17:00"),
    ],
)
def test_pacific_examples(start, amount, due):
    assert PACIFIC.add(at(start), amount) == at(due)


def test_chile_rests_on_its_own_days():
    zone = "America/Santiago"
    assert CHILE.add(at("2026-09-17T16:00", zone), 2 * HOUR) == at("2026-09-21T10:00", zone)


def test_own_days_count_before_the_holidays_of_the_country():
    week = (OFFICE,) * 5 + ((), ())
    closed = frozenset({date(2026, 3, 9)})
    opened = frozenset({date(2026, 7, 3)})
    calendar = WorkingTime("America/Los_Angeles", week, "US", "CA", closed, opened)
    assert calendar.add(at("2026-03-06T16:00"), 2 * HOUR) == at("2026-03-10T10:00")
    assert calendar.add(at("2026-07-02T16:00"), 2 * HOUR) == at("2026-07-03T10:00")


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is():
    night = WorkingTime("America/Los_Angeles", (((0, 360),),) * 7)
    assert night.measure(at("2026-03-08T00:00"), at("2026-03-09T00:00")) == 5 * HOUR
    assert night.measure(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 7 * HOUR


def test_periods_inside_the_skipped_hour_vanish_and_do_not_overlap():
    calendar = WorkingTime("America/Los_Angeles", (((120, 150), (150, 180), (180, 240)),) * 7)
    assert calendar.measure(at("2026-03-08T00:00"), at("2026-03-09T00:00")) == 1 * HOUR


def test_a_time_that_comes_twice_counts_once():
    calendar = WorkingTime("America/Los_Angeles", (((60, 90),),) * 7)
    assert calendar.measure(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == HOUR / 2


@pytest.mark.parametrize(
    ("span", "length"),
    [
        ("90 minutes", HOUR * 1.5),
        ("3 hours", 3 * HOUR),
        ("2 days", 16 * HOUR),
        ("1 week", 40 * HOUR),
        ("1 month", 22 * 8 * HOUR),  # 23 weekdays without Cesar Chavez Day
        ("1 year", 249 * 8 * HOUR),  # 261 weekdays without 12 holidays
    ],
)
def test_the_length_of_a_span(span, length):
    assert PACIFIC.length(Span.parse(span), at("2026-03-02T09:00")) == length


def test_two_weeks_end_on_the_same_weekday_whatever_the_holidays():
    start = at("2026-06-25T14:00")
    length = PACIFIC.length(Span(2, Unit.WEEK), start)
    assert PACIFIC.add(start, length) == at("2026-07-09T14:00")
    assert PACIFIC.length_before(Span(2, Unit.WEEK), at("2026-07-09T14:00")) == length


def test_a_month_from_the_31st_ends_on_the_last():
    start = at("2026-01-31T12:00", "UTC")
    assert start + ALWAYS.length(Span(1, Unit.MONTH), start) == at("2026-02-28T12:00", "UTC")
    assert start - ALWAYS.length_before(Span(2, Unit.MONTH), start) == at("2025-11-30T12:00", "UTC")


@pytest.mark.parametrize("year", [1, 1969, 2101, 9999])
def test_absurd_dates_cost_no_more_than_others(year):
    strange = datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    sane = at("2026-03-02T09:00")
    assert abs(PACIFIC.measure(sane, strange)) < timedelta(days=75 * 366)
    assert PACIFIC.add(strange, HOUR).year <= LAST_YEAR + 1
    assert PACIFIC.length(Span(99999, Unit.YEAR), sane) > NOTHING
    assert len(PACIFIC._years) <= LAST_YEAR - 1969


def test_equal_calendars_share_their_tables():
    arguments = ("America/Los_Angeles", (OFFICE,) * 7, "", "", frozenset(), frozenset())
    assert working_time(*arguments) is working_time(*arguments)


def test_a_calendar_without_hours_is_refused():
    with pytest.raises(ValueError, match="at least one working period"):
        WorkingTime("UTC", ((),) * 7)


@pytest.mark.parametrize(
    "text", ["", "soon", "-1 day", "1.5 hours", "two days", "3 fortnights", "1000000 days"]
)
def test_what_is_no_length_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write for example"):
        Span.parse(text)


@pytest.mark.parametrize(
    ("text", "again"), [("24 hours", "24 hours"), (" 1  DAY ", "1 day"), ("1 weeks", "1 week")]
)
def test_a_length_reads_as_it_is_written(text, again):
    assert str(Span.parse(text)) == again


def test_no_two_working_days_are_merged():
    ends = [PACIFIC.add(at("2026-03-02T09:00"), n * 8 * HOUR) for n in range(1, 30)]
    assert all(b.astimezone(PACIFIC.zone).time() == time(17) for b in ends)
    assert all(one < other for one, other in pairwise(ends))
