"""Dates of meetings that are fair across time zones: nobody is always the one who gets up at night.

The cost of an hour to a person is what their clock says then: nothing in office hours, more towards the night, and
more on a weekend of theirs (`HOURLY`). A meeting costs each member what its dearest half hour does. Times of day are
ranked by the sum of the squares of all costs, so that one deep night weighs as much as twenty-five early mornings;
each square weighs more, the more its person bore before: one half more for every ten that they bore in the past two
years above the member who bore least. So the night goes round, as often as it hits as many others.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ops.committees.models import Committee, Meeting
from ops.committees.rules import SITTING
from ops.people.authority import holders_of
from ops.people.models import User

# Cost of each hour of the local day, from midnight: 0 is office hours, 10 is the dead of night.
HOURLY = (10, 10, 10, 10, 10, 8, 5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 5, 7, 9)
WEEKEND = 6
HALF_HOUR = datetime.timedelta(minutes=30)
DAY = datetime.timedelta(days=1)
REMEMBERED = datetime.timedelta(days=730)
WEIGHT_OF_THE_PAST = 20
MOST_TIMES, MOST_DAYS = 5, 62
# Of times that lie closer together than this, only the fairest is shown.
APART = datetime.timedelta(hours=2)


@dataclass(frozen=True)
class Local:
    """A moment on one member's clock, and what it costs them."""

    person: User
    begins: datetime.datetime
    cost: int
    borne: int

    @property
    def weighted(self) -> float:
        """The square of the cost, weighing more the more they bore before."""
        return self.cost**2 * (1 + self.borne / WEIGHT_OF_THE_PAST)

    @property
    def face(self) -> str:
        """What their clock says: “Tue 09:30”."""
        return f"{self.begins:%a %H:%M}"

    @property
    def city(self) -> str:
        """Where their clock stands: “Ho Chi Minh”."""
        return self.person.time_zone.rpartition("/")[2].replace("_", " ")

    @property
    def words(self) -> str:
        """What the cost means."""
        return next(words for limit, words in _WORDS if self.cost <= limit)


_WORDS = (
    (0, "office hours"),
    (2, "early or late"),
    (5, "very early or late"),
    (8, "night or weekend"),
    (99, "deep night"),
)


@dataclass(frozen=True)
class TimeOfDay:
    """One time of day for everybody, on those days on which the clocks of all say the same."""

    moments: Sequence[datetime.datetime]
    locals: Sequence[Local]

    @property
    def first(self) -> datetime.datetime:
        """The first of its days."""
        return self.moments[0]

    @property
    def worst(self) -> Local:
        """Whom it costs most."""
        return max(self.locals, key=lambda local: (local.cost, local.borne))

    @property
    def total(self) -> int:
        """What it costs all together."""
        return sum(local.cost for local in self.locals)

    @property
    def rank(self) -> tuple[float, int, datetime.datetime]:
        """By which times are compared: the fairest is the least."""
        return (sum(local.weighted for local in self.locals), self.worst.cost, self.first)

    def is_close_to(self, other: TimeOfDay) -> bool:
        """Whether the two are nearly the same time of day, around midnight as well."""
        apart = (self.first - other.first) % DAY
        return min(apart, DAY - apart) < APART


def cost_of(begins: datetime.datetime, minutes: int, zone: ZoneInfo) -> int:
    """Return what a meeting costs somebody in a zone: that of its dearest half hour there."""
    halves = max(1, -(-minutes // 30))
    return max(_cost_at((begins + n * HALF_HOUR).astimezone(zone)) for n in range(halves))


def _cost_at(local: datetime.datetime) -> int:
    weekend = WEEKEND if local.weekday() >= 5 else 0
    return min(10, HOURLY[local.hour] + weekend)


def burdens(committee: Committee, people: Iterable[User], *, now: datetime.datetime) -> dict[int, int]:
    """Return what each bore in the meetings of the past two years, above the one who bore least.

    Whoever was away did not bear it; of a meeting whose attendance nobody noted, all did.
    """
    held = (Meeting.State.HELD, Meeting.State.MINUTES_PUBLISHED)
    past = committee.meetings.filter(state__in=held, starts_at__range=(now - REMEMBERED, now))
    zones = {person.pk: zone_of(person) for person in people}
    borne = dict.fromkeys(zones, 0)
    for meeting in past.prefetch_related("attendances"):
        noted = {each.person_id: each.presence for each in meeting.attendances.all()}
        for pk, zone in zones.items():
            if not noted or noted.get(pk) in {"present", "remote"}:
                borne[pk] += cost_of(meeting.starts_at, meeting.minutes_long, zone)
    least = min(borne.values(), default=0)
    return {pk: cost - least for pk, cost in borne.items()}


def zone_of(person: User) -> ZoneInfo:
    """Return the zone of somebody's clock."""
    return ZoneInfo(person.time_zone)


def propose(
    committee: Committee, first: datetime.date, last: datetime.date, minutes: int, *, now: datetime.datetime
) -> list[TimeOfDay]:
    """Return the fairest times of day between two days, best first, each with the days on which it can be had.

    Only days that are working days for everybody at that moment are offered, unless there is none.
    """
    people = list(holders_of(committee.slug, *SITTING))
    if not people:
        return []
    borne = burdens(committee, people, now=now)
    moments = [moment for moment in _moments(first, last) if moment > now]
    grouped: dict[tuple[tuple[int, int], ...], list[datetime.datetime]] = {}
    for moment in moments:
        clocks = tuple(_clock(moment, person) for person in people)
        key = tuple((hour, minute) for hour, minute, _ in clocks)
        if not any(is_weekend for *_, is_weekend in clocks):
            grouped.setdefault(key, []).append(moment)
    times = [_time_of_day(group[:MOST_DAYS], people, minutes, borne) for group in grouped.values()]
    fairest: list[TimeOfDay] = []
    for time in sorted(times, key=lambda time: time.rank):
        if len(fairest) < MOST_TIMES and not any(time.is_close_to(better) for better in fairest):
            fairest.append(time)
    return fairest


def on_the_clocks(meeting: Meeting) -> list[Local]:
    """Return the moment of a meeting on the clock of each member, the worst off first."""
    people = list(holders_of(meeting.committee.slug, *SITTING))
    return sorted(
        _locals(meeting.starts_at, people, meeting.minutes_long, {}),
        key=lambda local: (-local.cost, local.begins.utcoffset()),
    )


def _moments(first: datetime.date, last: datetime.date) -> Iterable[datetime.datetime]:
    days = min((last - first).days + 1, MOST_DAYS)
    for number in range(days):
        midnight = datetime.datetime.combine(first + number * DAY, datetime.time.min, datetime.UTC)
        yield from (midnight + n * HALF_HOUR for n in range(48))


def _clock(moment: datetime.datetime, person: User) -> tuple[int, int, bool]:
    local = moment.astimezone(zone_of(person))
    return local.hour, local.minute, local.weekday() >= 5


def _time_of_day(
    moments: Sequence[datetime.datetime], people: Sequence[User], minutes: int, borne: Mapping[int, int]
) -> TimeOfDay:
    return TimeOfDay(moments, _locals(moments[0], people, minutes, borne))


def _locals(
    begins: datetime.datetime, people: Sequence[User], minutes: int, borne: Mapping[int, int]
) -> list[Local]:
    return [
        Local(
            person,
            begins.astimezone(zone_of(person)),
            cost_of(begins, minutes, zone_of(person)),
            borne.get(person.pk, 0),
        )
        for person in people
    ]
