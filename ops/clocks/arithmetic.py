"""Working time: add it to an instant, measure it between two. Pure arithmetic, no Django, no database.

The working periods of one local year are laid out once as instants (integer microseconds of UTC) with
running totals. Adding and measuring are then two look-ups by bisection in those tables, whatever the
distance; and since both read the same tables, adding and then measuring gives back exactly what was added.
"""

from __future__ import annotations

import calendar as gregorian
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from ops.clocks.spans import Span, Unit

Period = tuple[int, int]
"""Start and end of a working period, in minutes after local midnight; the end of a day is 1440."""
Week = tuple[tuple[Period, ...], ...]
"""The periods of Monday to Sunday, in order and apart from each other."""

MINUTES_A_DAY = 24 * 60
FIRST_YEAR, LAST_YEAR = 1970, 2100
"""Working time outside these years is not counted: a date typed as the year 9999 must not cost 8000 tables.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Year:
    """The working periods of one local year: where each starts and ends, and what was worked before and
    after it.
    """

    starts: list[int]
    ends: list[int]
    before: list[int]
    after: list[int]

    @property
    def total(self) -> int:
        return self.after[-1] if self.after else 0

    def worked_until(self, instant: int) -> int:
        """Working microseconds from the beginning of the year to the instant."""
        index = bisect_right(self.starts, instant) - 1
        if index < 0:
            return 0
        return self.before[index] + min(instant, self.ends[index]) - self.starts[index]


class WorkingTime:
    """The hours of one calendar. Equal arguments give the same object (see `working_time`), so tables are
    shared.
    """

    def __init__(
        self,
        zone: str,
        week: Week,
        country: str = "",
        subdivision: str = "",
        closed: frozenset[date] = frozenset(),
        opened: frozenset[date] = frozenset(),
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.week = week
        self._country = country
        self._subdivision = subdivision
        self._closed = closed
        self._opened = opened
        self._years: dict[int, _Year] = {}
        working_days = [periods for periods in week if periods]
        if not working_days:
            raise ValueError("A calendar needs at least one working period a week.")
        minutes = sum(end - start for periods in working_days for start, end in periods)
        self.day_length = timedelta(minutes=minutes) / len(working_days)
        """What “1 day” means in this calendar: the mean of its working days."""

    @property
    def never_rests(self) -> bool:
        """Whether every minute counts."""
        whole = ((0, MINUTES_A_DAY),)
        return all(day == whole for day in self.week) and not self._country and not self._closed

    def measure(self, start: datetime, end: datetime) -> timedelta:
        """The working time from start to end; negative when end comes first."""
        if end < start:
            return -self.measure(end, start)
        year, worked = self._position(start)
        last, worked_last = self._position(end)
        total = worked_last - worked + sum(self._year(between).total for between in range(year, last))
        return timedelta(microseconds=total)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant by which `amount` has been worked since `start`: five o'clock, not nine the
        next day.

        For a negative amount, the latest instant from which that much is worked until `start`. For nothing,
        `start`.
        """
        micros = amount // _MICROSECOND
        if micros == 0:
            return start
        year, worked = self._position(start)
        if micros < 0:
            return self._back(year, worked + micros)
        wanted = worked + micros
        while wanted > (table := self._year(year)).total:
            wanted -= table.total
            year += 1
            if year > LAST_YEAR:
                return datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
        index = bisect_left(table.after, wanted)
        return _moment(table.ends[index] - (table.after[index] - wanted))

    def length(self, span: Span, since: datetime) -> timedelta:
        """The working time that a span takes when it begins at `since`."""
        if (fixed := self._fixed_length(span)) is not None:
            return fixed
        return self.measure(since, self._shift(since, span, 1))

    def length_before(self, span: Span, until: datetime) -> timedelta:
        """The working time that a span takes when it ends at `until`."""
        if (fixed := self._fixed_length(span)) is not None:
            return fixed
        return self.measure(self._shift(until, span, -1), until)

    def _fixed_length(self, span: Span) -> timedelta | None:
        match span.unit:
            case Unit.MINUTE:
                return timedelta(minutes=span.amount)
            case Unit.HOUR:
                return timedelta(hours=span.amount)
            case Unit.DAY:
                return self.day_length * span.amount
        return None

    def _shift(self, moment: datetime, span: Span, sign: int) -> datetime:
        """The same wall time so many weeks, months or years on; the 31st becomes the last day of a shorter
        month.
        """
        wall = _within_reach(moment).astimezone(self.zone).replace(tzinfo=None)
        if span.unit is Unit.WEEK:
            days = sign * span.amount * 7
            ordinal = min(
                max(wall.toordinal() + days, date(FIRST_YEAR, 1, 1).toordinal()), _LAST_DAY.toordinal()
            )
            day = date.fromordinal(ordinal)
        else:
            months = sign * span.amount * (12 if span.unit is Unit.YEAR else 1)
            year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                day = _LAST_DAY if sign > 0 else date(FIRST_YEAR, 1, 1)
            else:
                day = date(year, month + 1, min(wall.day, gregorian.monthrange(year, month + 1)[1]))
        return _moment(self._instant(datetime.combine(day, wall.time())))

    def _back(self, year: int, wanted: int) -> datetime:
        """The latest instant of or before `year` at which `wanted` microseconds of that year had been
        worked.
        """
        while wanted < 0 or not self._year(year).starts:
            year -= 1
            if year < FIRST_YEAR:
                return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
            wanted += self._year(year).total
        table = self._year(year)
        index = bisect_right(table.before, wanted) - 1
        return _moment(table.starts[index] + wanted - table.before[index])

    def _position(self, moment: datetime) -> tuple[int, int]:
        """The local year of an instant, and what was worked in that year before it."""
        year = _within_reach(moment).astimezone(self.zone).year
        return year, self._year(year).worked_until(_microseconds(moment))

    def _year(self, year: int) -> _Year:
        if (table := self._years.get(year)) is None:
            table = self._years[year] = self._lay_out(year)
        return table

    def _lay_out(self, year: int) -> _Year:
        table = _Year([], [], [], [])
        total = 0
        for day in self._working_days(year):
            for start, end in self._instants(day):
                if start == end:  # the whole period lies in an hour that the clocks skip
                    continue
                table.starts.append(start)
                table.ends.append(end)
                table.before.append(total)
                total += end - start
                table.after.append(total)
        return table

    def _working_days(self, year: int) -> Iterable[date]:
        off = self._days_off(year)
        day = date(year, 1, 1)
        while day.year == year:
            if day not in off and self.week[day.weekday()]:
                yield day
            day += _ONE_DAY

    def _days_off(self, year: int) -> frozenset[date]:
        return (_public_holidays(self._country, self._subdivision, year) - self._opened) | self._closed

    def _instants(self, day: date) -> Iterable[Period]:
        midnight = datetime.combine(day, time.min)
        for start, end in self.week[day.weekday()]:
            yield (
                self._instant(midnight + timedelta(minutes=start)),
                self._instant(midnight + timedelta(minutes=end)),
            )

    def _instant(self, wall: datetime) -> int:
        """The instant of a local wall time, so that later wall times never come earlier.

        A time that occurs twice when the clocks go back is its first occurrence; a time that does not occur
        when they go forward is the instant of the change. Periods that touch or follow each other on the
        wall therefore do so in reality, and none is counted twice.
        """
        first, second = wall.replace(tzinfo=self.zone), wall.replace(tzinfo=self.zone, fold=1)
        one, other = _microseconds(first), _microseconds(second)
        if one <= other:
            return one
        return self._change_between(other, one)

    def _change_between(self, low: int, high: int) -> int:
        """The instant in (low, high] at which the offset from UTC changes, to the second."""
        offset = _moment(low).astimezone(self.zone).utcoffset()
        while high - low > 1_000_000:
            middle = low + (high - low) // 2_000_000 * 1_000_000
            if _moment(middle).astimezone(self.zone).utcoffset() == offset:
                low = middle
            else:
                high = middle
        return high


_LAST_DAY = date(LAST_YEAR, 12, 31)
_EARLIEST = datetime(FIRST_YEAR, 1, 2, tzinfo=UTC)
_LATEST = datetime(LAST_YEAR, 12, 30, tzinfo=UTC)


def _within_reach(moment: datetime) -> datetime:
    return min(max(moment, _EARLIEST), _LATEST)


@lru_cache(maxsize=1024)
def _public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    if not country:
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=256)
def working_time(
    zone: str, week: Week, country: str, subdivision: str, closed: frozenset[date], opened: frozenset[date]
) -> WorkingTime:
    """The one `WorkingTime` of these settings in this process."""
    return WorkingTime(zone, week, country, subdivision, closed, opened)
