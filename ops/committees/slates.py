"""A slate: everybody who would sit in a committee from a day on, and what the rules of composition say to that."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from ops.committees.composition import breach_of
from ops.committees.workflow.seats import SeatWorkflow
from ops.people.authority import staff_among
from ops.people.models import Membership, Role, User

if TYPE_CHECKING:
    from ops.committees.models import Committee, CompositionRule, Seat, Waiver

COMING = (SeatWorkflow.State.ON_SLATE, SeatWorkflow.State.APPROVED, SeatWorkflow.State.ACCEPTED)


@dataclass(frozen=True)
class SlatePlace:
    """One person of a slate, and the seat from which it is known where they work."""

    person: User
    seat: Seat | None
    is_new: bool
    is_staff: bool

    @property
    def name(self) -> str:
        """The person."""
        return self.person.name

    @property
    def country(self) -> str:
        """Where they work."""
        return self.seat.country if self.seat else ""

    @property
    def institution(self) -> str:
        """For whom they work."""
        return self.person.institution

    @property
    def is_from_small_institution(self) -> bool:
        """Whether that is a small one."""
        return bool(self.seat and self.seat.small_institution)


@dataclass(frozen=True)
class Finding:
    """What one rule says to a slate. A waiver holds for the breach in the words in which it was waived."""

    rule: CompositionRule
    breach: str
    waiver: Waiver | None

    @property
    def is_met(self) -> bool:
        """Whether the rule is met."""
        return not self.breach

    @property
    def is_settled(self) -> bool:
        """Whether it is met or waived."""
        return self.is_met or self.waiver is not None


@dataclass(frozen=True)
class Slate:
    """Who would sit in a committee from a day on."""

    committee: Committee
    day: datetime.date
    places: Sequence[SlatePlace]
    findings: Sequence[Finding]

    @property
    def new(self) -> list[SlatePlace]:
        """Those whose term begins with the slate."""
        return [place for place in self.places if place.is_new]

    @property
    def staying(self) -> list[SlatePlace]:
        """Those whose term goes on."""
        return [place for place in self.places if not place.is_new]

    @property
    def is_settled(self) -> bool:
        """Whether every rule is met or waived."""
        return all(finding.is_settled for finding in self.findings)


def slate_of(committee: Any, day: datetime.date) -> Slate:
    """Return who would sit in a committee on a day: terms that run then, and seats on their way to it."""
    coming = {seat.person_id: seat for seat in _seats_coming(committee, day)}
    terms = Membership.objects.on(day).filter(team=committee.pk, role=Role.MEMBER).select_related("person")
    staying = {term.person_id: term.person for term in terms if term.person_id not in coming}
    known = _latest_seats(committee, staying)
    people = [seat.person for seat in coming.values()]
    staff = staff_among([*people, *staying.values()])
    places = [
        *(
            SlatePlace(person, known.get(pk), is_new=False, is_staff=pk in staff)
            for pk, person in staying.items()
        ),
        *(SlatePlace(seat.person, seat, is_new=True, is_staff=pk in staff) for pk, seat in coming.items()),
    ]
    return Slate(committee, day, places, _findings(committee, day, places))


def days_of_slates(committee: Any) -> list[datetime.date]:
    """Return the days on which seats that are on their way would begin, the next first."""
    rows = committee.seats.filter(state__in=COMING, begins_on__isnull=False)
    return sorted(set(rows.values_list("begins_on", flat=True)))


def _seats_coming(committee: Any, day: datetime.date) -> list[Seat]:
    rows = committee.seats.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), state__in=COMING, begins_on__lte=day
    )
    return list(rows.select_related("person").order_by("person__display_name", "pk"))


def _latest_seats(committee: Any, people: Mapping[int, User]) -> dict[int, Seat]:
    rows = committee.seats.filter(person__in=list(people), state=SeatWorkflow.State.ACTIVE).order_by(
        "begins_on"
    )
    return {seat.person_id: seat for seat in rows}


def _findings(committee: Any, day: datetime.date, places: Sequence[SlatePlace]) -> list[Finding]:
    waivers = {
        (waiver.rule_id, waiver.breach): waiver
        for waiver in committee.waivers.filter(begins_on=day).select_related("waived_by")
    }
    found = []
    for rule in committee.rules.filter(in_force=True):
        breach = breach_of(rule.check_name, rule.parameters, places, committee.places)
        found.append(Finding(rule, breach, waivers.get((rule.pk, breach)) if breach else None))
    return found
