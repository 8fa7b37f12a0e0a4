"""Who sits in a committee on a day, in which office, and for how long in all."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.committees.models import Committee, Seat
from ops.committees.rules import SITTING
from ops.committees.spans import days_in
from ops.people.models import Membership, Role, User

DAYS_PER_YEAR = 365.25
SOON = datetime.timedelta(days=90)


@dataclass
class Member:
    """One person of a committee on a day."""

    person: User
    day: datetime.date
    since: datetime.date
    until: datetime.date | None
    offices: list[Role] = field(default_factory=list)
    seat: Seat | None = None
    days: int = 0

    @property
    def years(self) -> float:
        """How long they have sat there by that day, in all terms."""
        return self.days / DAYS_PER_YEAR

    @property
    def ends_soon(self) -> bool:
        """Whether their term ends within three months."""
        return self.until is not None and self.until - self.day <= SOON

    @property
    def office_words(self) -> list[str]:
        """The offices they hold."""
        return [str(role.label) for role in self.offices]


def roster_on(committee: Committee, day: datetime.date) -> list[Member]:
    """Return who sat in a committee on a day: the chair first, then by name; three queries for any number."""
    members: dict[int, Member] = {}
    terms = Membership.objects.on(day).filter(team=committee.pk, role__in=SITTING).select_related("person")
    for term in terms:
        member = members.setdefault(term.person_id, Member(term.person, day, term.starts_on, term.ends_on))
        if term.role == Role.MEMBER:
            member.since, member.until = term.starts_on, term.ends_on
        else:
            member.offices.append(Role(term.role))
    _count_days(committee, day, members)
    for seat in committee.seats.filter(person__in=list(members), state__in=_SAT).order_by("begins_on"):
        members[seat.person_id].seat = seat
    return sorted(members.values(), key=lambda member: (Role.CHAIR not in member.offices, member.person.name))


_SAT = (Seat.State.ACTIVE, Seat.State.ENDED)


def _count_days(committee: Committee, day: datetime.date, members: dict[int, Member]) -> None:
    terms = Membership.objects.filter(
        team=committee.pk, role__in=SITTING, person__in=list(members), starts_on__lte=day
    )
    served: dict[int, set[tuple[datetime.date, datetime.date]]] = defaultdict(set)
    for term in terms:
        served[term.person_id].add((term.starts_on, min(term.ends_on or day, day)))
    for pk, spans in served.items():
        members[pk].days = _days_of(sorted(spans))


def _days_of(spans: Sequence[tuple[datetime.date, datetime.date]]) -> int:
    """Count the days of spans in order of their beginning, each day once: a chair is a member on the same days."""
    total, counted = 0, datetime.date.min
    for first, last in spans:
        begins = max(first, counted + datetime.timedelta(days=1)) if counted > datetime.date.min else first
        if last >= begins:
            total += days_in(begins, last)
            counted = last
    return total
