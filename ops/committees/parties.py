"""The people around a seat and a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ops.committees.rules import OFFICERS, SITTING, committees_sat_on, is_director
from ops.people import authority
from ops.people.authority import holders_of, is_system
from ops.people.models import Role, User
from ops.workflow.declaration import EVERYTHING, NOTHING, Party


def _advisors_of(obj: Any) -> Iterable[User]:
    parent = obj.committee.parent
    return holders_of(parent.slug, *SITTING) if parent else []


facilitators = Party(
    "facilitators",
    "the lead community scientists",
    lambda _obj: holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY),
    whose=lambda person: EVERYTHING if authority.is_lead_member(person) else NOTHING,
    alike=lambda _obj: None,
)
director = Party(
    "director",
    "the Director",
    lambda _obj: holders_of(authority.DIRECTORATE, Role.DIRECTOR),
    whose=lambda person: EVERYTHING if is_director(person) else NOTHING,
    alike=lambda _obj: None,
)
advisors = Party(
    "advisors",
    "the advisory committee",
    _advisors_of,
    whose=lambda person: Q(committee__parent__slug__in=committees_sat_on(person)),
    alike=lambda obj: obj.committee.parent_id,
)
members = Party(
    "members",
    "the members of the committee",
    lambda obj: holders_of(obj.committee.slug, *SITTING),
    whose=lambda person: Q(committee__slug__in=committees_sat_on(person)),
    alike=lambda obj: obj.committee_id,
)
chair = Party(
    "chair",
    "the chair",
    lambda obj: holders_of(obj.committee.slug, Role.CHAIR),
    whose=lambda person: Q(committee__slug__in=committees_sat_on(person, Role.CHAIR)),
    alike=lambda obj: obj.committee_id,
)
officers = Party(
    "officers",
    "the chair or the secretary",
    lambda obj: holders_of(obj.committee.slug, *OFFICERS),
    whose=lambda person: Q(committee__slug__in=committees_sat_on(person, *OFFICERS)),
    alike=lambda obj: obj.committee_id,
)
# Of a meeting to come nothing is left to do; from its beginning on somebody has to say that it was held.
officers_from_its_beginning = Party(
    "officers_from_its_beginning",
    "the chair or the secretary",
    lambda meeting: holders_of(meeting.committee.slug, *OFFICERS) if meeting.has_begun else [],
    whose=lambda person: Q(
        committee__slug__in=committees_sat_on(person, *OFFICERS), starts_at__lte=timezone.now()
    ),
)
nominee = Party("nominee", "the nominee", lambda seat: [seat.person], whose=lambda person: Q(person=person))
nominator = Party("nominator", "whoever nominated them", lambda seat: [seat.nominated_by])
desk = Party(
    "desk",
    "the desk, by the calendar",
    lambda _obj: [User.objects.system()],
    whose=lambda person: EVERYTHING if is_system(person) else NOTHING,
    alike=lambda _obj: None,
)
