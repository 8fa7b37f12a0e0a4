"""Seats make memberships: the only place that writes the terms which follow from a seat.

Authority is read from memberships, day by day. It begins and ends with their dates even when nobody, and no clock,
has moved the seat yet.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

from django.db.models import Q, QuerySet

from ops.committees.spans import days_in
from ops.people.models import Membership, Role, Team

DAY = datetime.timedelta(days=1)
DAYS_PER_MONTH = 365.25 / 12
# Terms with a gap between them may hold one leap day more than their months say.
LEAP_DAYS = 2


def begin(seat: Any) -> Membership:
    """Let the membership of a seat begin on its first day; call it with the seat locked and its days free."""
    _lock(seat)
    return Membership.objects.create(
        person=seat.person, team_id=seat.committee_id, role=Role.MEMBER,
        starts_on=seat.begins_on, ends_on=seat.ends_on,
    )  # fmt: skip


def extend(seat: Any) -> None:
    """Let the membership end when the seat does now; an office is not longer than the term."""
    _terms_of(seat, Role.MEMBER).update(ends_on=seat.ends_on)
    if seat.office_until and seat.office_until > seat.ends_on:
        seat.office_until = seat.ends_on
        _terms_of(seat, seat.office).filter(ends_on__gt=seat.ends_on).update(ends_on=seat.ends_on)


def stop(seat: Any, *, on: datetime.date) -> datetime.date:
    """End every membership of a seat before a day, so that authority is gone on that day; return the last day.

    What would have begun on that day or later has never been, and goes.
    """
    terms = _terms_of(seat, *Role.values)
    terms.filter(starts_on__gte=on).delete()
    terms.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).update(ends_on=on - DAY)
    return max(seat.begins_on, min(seat.ends_on, on - DAY))


def hold_office(seat: Any) -> None:
    """Write the membership of the office that a seat holds, in place of one for the same days; end a predecessor's.

    A committee has one chair and one secretary at a time.
    """
    _lock(seat)
    others = Membership.objects.filter(team_id=seat.committee_id, role=seat.office)
    overlapping = others.filter(starts_on__lte=seat.office_until).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=seat.office_from)
    )
    overlapping.filter(starts_on__gte=seat.office_from).delete()
    overlapping.update(ends_on=seat.office_from - DAY)
    Membership.objects.create(
        person=seat.person, team_id=seat.committee_id, role=seat.office,
        starts_on=seat.office_from, ends_on=seat.office_until,
    )  # fmt: skip


def overlapping_terms(seat: Any) -> QuerySet[Membership]:
    """Return the terms of the same person in the same committee that share a day with this one."""
    last = seat.ends_on or seat.usual_last_day
    terms = Membership.objects.filter(person=seat.person_id, team=seat.committee_id, role=Role.MEMBER)
    return terms.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=seat.begins_on), starts_on__lte=last)


def days_served(person_id: int, committee_id: int, *, until: datetime.date) -> int:
    """Return the days of all terms of a person in a committee that lie before a day."""
    terms = Membership.objects.filter(
        person=person_id, team=committee_id, role=Role.MEMBER, starts_on__lt=until
    )
    return sum(days_in(term.starts_on, min(term.ends_on or until - DAY, until - DAY)) for term in terms)


def would_exceed_limit(seat: Any, last: datetime.date) -> bool:
    """Whether a term until a last day, with all before it, exceeds what the committee allows (RDO-051: 4 years)."""
    allowed = math.ceil(seat.committee.limit_months * DAYS_PER_MONTH) + LEAP_DAYS
    before = days_served(seat.person_id, seat.committee_id, until=seat.begins_on)
    return before + days_in(seat.begins_on, last) > allowed


def _lock(seat: Any) -> None:
    # Two seats are two rows: without this, two chairs made in one moment would not see one another.
    Team.objects.select_for_update(no_key=True).get(pk=seat.committee_id)


def _terms_of(seat: Any, *roles: str) -> QuerySet[Membership]:
    """Return the memberships that came from a seat: those of its person that began within its term."""
    return Membership.objects.filter(
        person=seat.person_id, team=seat.committee_id, role__in=roles,
        starts_on__gte=seat.begins_on, starts_on__lte=max(seat.ends_on, seat.begins_on),
    )  # fmt: skip
