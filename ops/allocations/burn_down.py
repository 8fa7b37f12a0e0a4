"""What was planned, what was used, and where the present pace leads. Pure arithmetic on days and amounts.

The plan spends each quarter's amount evenly over its days. The pace is what was used per day over the last four
weeks, or since the beginning where that is shorter; the forecast goes on at that pace.
"""

from __future__ import annotations

import datetime
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

DAY = datetime.timedelta(days=1)
PACE_DAYS = 28
MOST_POINTS = 27
"""Half a year, week by week."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Stretch:
    """An amount to be spent evenly from one day to another, both included."""

    starts_on: datetime.date
    ends_on: datetime.date
    amount: Decimal

    def spent_by(self, day: datetime.date) -> Decimal:
        """How much of it is spent at the end of a day."""
        if day < self.starts_on:
            return ZERO
        if day >= self.ends_on:
            return self.amount
        days = (self.ends_on - self.starts_on).days + 1
        return self.amount * ((day - self.starts_on).days + 1) / days


@dataclass(frozen=True)
class Point:
    """How things stand at the end of a day; None where that is not known or not asked."""

    day: datetime.date
    plan: Decimal
    used: Decimal | None
    forecast: Decimal | None


@dataclass(frozen=True)
class BurnDown:
    """One resource of an award: `uses` are amounts by day, in the order of the days."""

    plan: Sequence[Stretch]
    granted: Decimal
    uses: Sequence[tuple[datetime.date, Decimal]]
    today: datetime.date

    @cached_property
    def _days(self) -> list[datetime.date]:
        return [day for day, _ in self.uses]

    @cached_property
    def _sums(self) -> list[Decimal]:
        return list(accumulate((amount for _, amount in self.uses), initial=ZERO))

    @property
    def starts_on(self) -> datetime.date:
        """The first day of the award."""
        return min(stretch.starts_on for stretch in self.plan)

    @property
    def ends_on(self) -> datetime.date:
        """The last day of the award."""
        return max(stretch.ends_on for stretch in self.plan)

    def used_by(self, day: datetime.date) -> Decimal:
        """How much was used up to the end of a day."""
        return self._sums[bisect_right(self._days, day)]

    @property
    def used(self) -> Decimal:
        """How much was used so far."""
        return self._sums[-1]

    @property
    def left(self) -> Decimal:
        """How much is still there."""
        return self.granted - self.used

    @property
    def share(self) -> float:
        """The part of the grant that is used; 0 of nothing."""
        return float(self.used / self.granted) if self.granted else 0.0

    def planned_by(self, day: datetime.date) -> Decimal:
        """How much was to be used up to the end of a day."""
        return sum((stretch.spent_by(day) for stretch in self.plan), ZERO)

    @cached_property
    def pace(self) -> Decimal:
        """How much is used per day at present."""
        last = min(self.today, self.ends_on)
        first = max(self.starts_on, last - (PACE_DAYS - 1) * DAY)
        days = (last - first).days + 1
        if days < 1:
            return ZERO
        return (self.used_by(last) - self.used_by(first - DAY)) / days

    def forecast_by(self, day: datetime.date) -> Decimal:
        """How much will be used at the end of a day if it goes on like this."""
        ahead = max(0, (min(day, self.ends_on) - max(self.today, self.starts_on - DAY)).days)
        return self.used + self.pace * ahead

    @property
    def at_the_end(self) -> Decimal:
        """How much will be used when the award ends, if it goes on like this."""
        return self.forecast_by(self.ends_on)

    @property
    def runs_out_on(self) -> datetime.date | None:
        """The day on which the grant is used up at this pace; None where it lasts to the end."""
        if self.left <= 0:
            return next(day for day, total in zip(self._days, self._sums[1:], strict=True) if total >= self.granted) \
                if self.granted > 0 else None  # fmt: skip
        if self.pace <= 0 or self.at_the_end < self.granted:
            return None
        return self.today + DAY * math.ceil(self.left / self.pace)

    @cached_property
    def points(self) -> list[Point]:
        """The course from the first day to the last: at most `MOST_POINTS` points, today among them."""
        length = (self.ends_on - self.starts_on).days
        step = max(7, -(-length // (MOST_POINTS - 2)))
        days = {self.starts_on + number * DAY for number in range(0, length, step)} | {self.ends_on}
        if self.starts_on < self.today < self.ends_on:
            days.add(self.today)
        return [self._point(day) for day in sorted(days)]

    def _point(self, day: datetime.date) -> Point:
        is_past, is_ahead = day <= self.today, day >= self.today
        return Point(
            day,
            plan=self.planned_by(day),
            used=self.used_by(day) if is_past else None,
            forecast=self.forecast_by(day) if is_ahead else None,
        )
