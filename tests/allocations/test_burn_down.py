"""Plan, use and forecast of an award."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.allocations.burn_down import DAY, MOST_POINTS, BurnDown, Stretch

FIRST, LAST = datetime.date(2027, 1, 1), datetime.date(2027, 6, 30)
QUARTERS = (
    Stretch(FIRST, datetime.date(2027, 3, 31), Decimal(900)),
    Stretch(datetime.date(2027, 4, 1), LAST, Decimal(910)),
)


def course(today: datetime.date, *uses: tuple[int, int]) -> BurnDown:
    """An award of 1,810 with uses given as (days after the first, amount)."""
    spent = [(FIRST + days * DAY, Decimal(amount)) for days, amount in uses]
    return BurnDown(QUARTERS, Decimal(1810), spent, today)


def test_plan_spends_each_quarter_evenly() -> None:
    plan = course(FIRST)
    assert plan.planned_by(FIRST) == 10
    assert plan.planned_by(datetime.date(2027, 3, 31)) == 900
    assert plan.planned_by(datetime.date(2027, 4, 1)) == 910
    assert plan.planned_by(LAST) == plan.planned_by(LAST + 30 * DAY) == 1810
    assert plan.planned_by(FIRST - DAY) == 0


def test_pace_is_that_of_the_last_four_weeks() -> None:
    burn = course(FIRST + 59 * DAY, (0, 500), (40, 140), (59, 140))
    assert burn.used == 780
    assert burn.pace == 10
    assert burn.forecast_by(FIRST + 69 * DAY) == 880
    assert burn.runs_out_on == FIRST + (59 + 103) * DAY
    assert course(FIRST + 59 * DAY, (0, 495), (40, 140), (59, 140)).runs_out_on == FIRST + (59 + 104) * DAY


def test_pace_in_the_first_week_counts_the_days_that_there_were() -> None:
    assert course(FIRST + 1 * DAY, (0, 10), (1, 30)).pace == 20


def test_what_lasts_never_runs_out() -> None:
    assert course(FIRST + 100 * DAY, (90, 28)).runs_out_on is None
    assert course(FIRST + 100 * DAY).runs_out_on is None
    assert course(LAST + 10 * DAY, (90, 28)).at_the_end == 28


def test_what_is_used_up_ran_out_on_the_day_it_was() -> None:
    assert course(FIRST + 100 * DAY, (3, 1000), (70, 810)).runs_out_on == FIRST + 70 * DAY


def test_before_the_first_day_nothing_is_forecast() -> None:
    burn = course(FIRST - 20 * DAY)
    assert (burn.pace, burn.at_the_end, burn.share) == (0, 0, 0.0)
    assert [point.used for point in burn.points] == [None] * len(burn.points)


def test_share_of_nothing_is_nothing() -> None:
    assert BurnDown(QUARTERS, Decimal(0), [], FIRST).share == 0.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 180), st.integers(1, 100)), max_size=30),
    st.integers(-30, 300),
)
def test_course_is_drawn_from_the_first_day_to_the_last(uses: list[tuple[int, int]], day: int) -> None:
    burn = course(FIRST + day * DAY, *sorted(uses))
    points = burn.points
    assert len(points) <= MOST_POINTS
    assert [points[0].day, points[-1].day] == [FIRST, LAST]
    used = [point.used for point in points if point.used is not None]
    assert used == sorted(used)
    assert [point.plan for point in points] == sorted(point.plan for point in points)
    assert all((point.used is None) == (point.day > burn.today) for point in points)
    if burn.runs_out_on is not None and burn.left > 0:
        assert burn.today <= burn.runs_out_on <= LAST + DAY
