"""The hours that members give, against what may be asked of them in a semester (RTN-006 §2.5.3: 20 hours)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from ops.committees.forms import HoursForm
from ops.committees.models import Committee, HoursEntry
from ops.committees.rules import OFFICERS, SITTING, sits_on
from ops.committees.semesters import Semester
from ops.people.authority import is_lead
from ops.people.hours import Work
from ops.people.models import Membership, User
from ops.tickets.forms import cleaned
from ops.workflow import errors


@dataclass(frozen=True)
class Share:
    """How much one kind of work took, and how much of it is meant to be given."""

    work: Work
    minutes: int
    hours_meant: int

    @property
    def hours(self) -> float:
        """The time in hours."""
        return self.minutes / 60

    @property
    def is_over(self) -> bool:
        """Whether it was more than is meant."""
        return self.minutes > self.hours_meant * 60


@dataclass(frozen=True)
class Sheet:
    """What one member gave in a semester."""

    person: User
    shares: list[Share] = field(default_factory=list)

    @property
    def total(self) -> Share:
        """All of it together."""
        return Share(
            Work.SERVICE,
            sum(share.minutes for share in self.shares),
            sum(share.hours_meant for share in self.shares),
        )


def sees_every_sheet(reader: Any, committee: Committee) -> bool:
    """Whether somebody sees the hours of all members: chair, secretary and the leads; others see their own."""
    return sits_on(reader, committee, *OFFICERS) or is_lead.test(reader)


def has_sheets_for(reader: Any, committee: Committee) -> bool:
    """Whether somebody has a sheet of hours there, or looks after those of the members."""
    return sits_on(reader, committee) or is_lead.test(reader)


def refuse_unless_counted_here(reader: Any, committee: Committee) -> None:
    """Raise `NotAllowed` for whoever has no hours in a committee to look at."""
    if not has_sheets_for(reader, committee):
        raise errors.NotAllowed(f"Only members of the {committee} and the leads see its hours.")


def sheets(committee: Committee, semester: Semester, reader: User) -> list[Sheet]:
    """Return what each member gave in a semester, as far as the reader may know; two queries for any number."""
    terms = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=semester.first_day),
        team=committee.pk, role__in=SITTING, starts_on__lte=semester.last_day,
    )  # fmt: skip
    if not sees_every_sheet(reader, committee):
        terms = terms.filter(person=reader)
    people = {term.person_id: term.person for term in terms.select_related("person")}
    rows = _counted(committee, semester).filter(person__in=list(people))
    minutes: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows.values("person", "work").annotate(minutes=Sum("minutes")).order_by():
        minutes[row["person"]][row["work"]] = row["minutes"]
    meant = hours_meant(committee)
    made = [
        Sheet(person, [Share(work, minutes[pk].get(work, 0), meant[work]) for work in Work])
        for pk, person in people.items()
    ]
    return sorted(made, key=lambda sheet: sheet.person.name)


def hours_meant(committee: Committee) -> dict[Work, int]:
    """Return what may be asked of a member in a semester, by kind of work."""
    return {
        Work.MEETING: committee.meeting_hours,
        Work.REPORT: committee.report_hours,
        Work.SERVICE: committee.service_hours,
    }


def entries(committee: Committee, semester: Semester, reader: User) -> list[HoursEntry]:
    """Return the entries of a semester that the reader may know of, the latest first."""
    rows = _counted(committee, semester)
    if not sees_every_sheet(reader, committee):
        rows = rows.filter(person=reader)
    return list(rows.select_related("person").order_by("-day", "-pk"))


@transaction.atomic
def log_hours(committee: Committee, *, actor: User, data: Mapping[str, Any]) -> HoursEntry:
    """Note some time of one's own. Raises `NotAllowed` for somebody who did not sit there on that day."""
    values = cleaned(HoursForm(data))
    if not _sat_on(committee, actor, values["day"]):
        raise errors.NotAllowed(
            f"Only members of the {committee} note hours, for days on which they sat there."
        )
    return HoursEntry.objects.create(
        committee=committee, person=actor, entered_by=actor,
        work=values["work"], day=values["day"], minutes=values["hours"], note=values["note"],
    )  # fmt: skip


@transaction.atomic
def withdraw_hours(entry: HoursEntry, *, actor: User) -> HoursEntry:
    """Take back an entry of one's own that was a mistake; what the desk credited is not theirs to change."""
    found = HoursEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk, person=actor).first()
    if found is None:
        raise errors.NotFound
    if found.source:
        raise errors.NotAllowed(
            "These hours were credited for something that you did; ask the chair to correct it."
        )
    if found.withdrawn_at is None:
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
    return found


@transaction.atomic
def credit(
    person: User, *, work: str, minutes: int, day: datetime.date, source: str, note: str, actor: User
) -> int:
    """Credit time to every committee in which the person sat on that day; the ledger behind `people.hours`."""
    terms = Membership.objects.on(day).filter(person=person, role__in=SITTING)
    found = Committee.objects.filter(pk__in=terms.values("team"))
    return sum(
        credit_to(
            committee, person, work=work, minutes=minutes, day=day, source=source, note=note, actor=actor
        )
        for committee in found
    )


def credit_to(
    committee: Committee,
    person: User,
    *,
    work: str,
    minutes: int,
    day: datetime.date,
    source: str,
    note: str,
    actor: User,
) -> int:
    """Let one entry say how long something took, and no more than one; return how many there are now."""
    # The committee is locked, so that two credits for the same thing at once are one after the other.
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)
    known = HoursEntry.objects.filter(
        committee=committee, person=person, source=source, withdrawn_at__isnull=True
    )
    standing = known.first()
    if standing is not None and (standing.minutes, standing.work, standing.day) == (minutes, work, day):
        return 1
    known.update(withdrawn_at=timezone.now())
    if minutes < 1:
        return 0
    HoursEntry.objects.create(
        committee=committee, person=person, work=work, day=day, minutes=minutes,
        source=source, note=note[:200], entered_by=actor,
    )  # fmt: skip
    return 1


def _counted(committee: Committee, semester: Semester) -> Any:
    days = (semester.first_day, semester.last_day)
    return HoursEntry.objects.filter(committee=committee, day__range=days, withdrawn_at__isnull=True)


def _sat_on(committee: Committee, person: User, day: datetime.date) -> bool:
    terms = Membership.objects.on(day).filter(person=person, team=committee.pk, role__in=SITTING)
    return terms.exists()
