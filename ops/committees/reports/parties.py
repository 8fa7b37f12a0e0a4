"""Who holds a report and what belongs to it, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ops.committees.reports.rules import OUTSIDE, report_of, writes_for_the_committee
from ops.committees.rules import OFFICERS
from ops.people import authority
from ops.people.models import Role, User
from ops.workflow.declaration import EVERYTHING, NOTHING, Party


def _writers_of(obj: Any) -> Iterable[User]:
    if report_of(obj).source == OUTSIDE:
        return authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)
    return authority.holders_of(authority.USERS_COMMITTEE, *OFFICERS)


def _written_by(source: str) -> Callable[[User], Q]:
    """Lead back from a person to what they write for; `source` leads to whose report it is."""

    def whose(person: User) -> Q:
        own = NOTHING
        if writes_for_the_committee(person):
            own |= ~Q(**{source: OUTSIDE})
        if authority.is_lead_member(person):
            own |= Q(**{source: OUTSIDE})
        return own

    return whose


def _members_of(obj: Any) -> Iterable[User]:
    return () if report_of(obj).source == OUTSIDE else authority.holders_of(authority.USERS_COMMITTEE)


def _directorate(_obj: Any) -> Iterable[User]:
    return authority.holders_of(authority.DIRECTORATE)


def _in_the_directorate(person: User) -> Q:
    return EVERYTHING if authority.authority_of(person).holds(authority.DIRECTORATE) else NOTHING


def _workers(work: Any) -> Iterable[User]:
    return [work.assignee] if work.assignee else _directorate(work)


def _worked_on_by(person: User) -> Q:
    own = Q(assignee=person)
    if authority.authority_of(person).holds(authority.DIRECTORATE):
        own |= Q(assignee__isnull=True)
    return own


def _recheckers(work: Any) -> Iterable[User]:
    is_due = work.recheck_at is not None and work.recheck_at <= timezone.now()
    return _writers_of(work) if is_due else ()


def _followers_of(obj: Any) -> Iterable[User]:
    return obj.item.everybody_who_hears()


writers = Party(
    "writers",
    "chair and secretary, or the leads for a review from outside",
    _writers_of,
    whose=_written_by("source"),
    alike=lambda report: report.source,
)
judges = Party(
    "judges",
    "chair and secretary, or the leads for a review from outside",
    _writers_of,
    whose=_written_by("item__report__source"),
    alike=lambda track: track.item.report.source,
)
committee = Party("committee", "the members of the committee", _members_of)
directors_office = Party(
    "directors_office",
    "the Director's office",
    _directorate,
    whose=_in_the_directorate,
    alike=lambda _obj: None,
)
workers = Party("workers", "whoever is in charge, or the Director's office", _workers, whose=_worked_on_by)
recheckers = Party(
    "recheckers",
    "chair and secretary, once it is time to look again",
    _recheckers,
    whose=lambda person: _written_by("item__report__source")(person) & Q(recheck_at__lte=timezone.now()),
)
followers = Party("followers", "who follows the item, and who gave the feedback behind it", _followers_of)
