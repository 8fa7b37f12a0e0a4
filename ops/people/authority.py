"""Who holds which role on which day, and the small questions that permissions are composed of.

Every question reads memberships as they are today: when a term ends, the answer changes by itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from ops.people.models import SYSTEM_USERNAME, Membership, Role, User
from ops.people.questions import question

STAFF = "staff"
COMMUNITY_SCIENCE = "community-science"
LIAISONS = "liaisons"
TECHNICAL_ASSESSORS = "technical-assessors"
ALLOCATION_COMMITTEE = "rac"
OPERATIONS = "operations"
DIRECTORATE = "directorate"
USERS_COMMITTEE = "users-committee"
ACCEPTANCE = "acceptance"
OFFICES = frozenset(
    {STAFF, COMMUNITY_SCIENCE, LIAISONS, TECHNICAL_ASSESSORS, OPERATIONS, DIRECTORATE, ACCEPTANCE}
)
"""Teams that work for the observatory; whoever sits in one of these alone sits in no committee."""


@dataclass(frozen=True)
class Authority:
    """The roles that a person holds on one day: pairs of team and role, and whether they are staff."""

    day: datetime.date
    held: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    is_staff: bool = False

    def holds(self, team: str, *roles: str) -> bool:
        """Whether one of the roles (any role when none is named) is held in the team."""
        return any(slug == team and (not roles or role in roles) for slug, role in self.held)


def authority_of(user: User | AnonymousUser) -> Authority:
    """Return what the user may speak for today; one query, asked once per instance and day."""
    today = _today()
    known: Authority | None = getattr(user, "known_authority", None)
    if known is None or known.day != today:
        known = _read_authority(user, today)
        user.known_authority = known  # type: ignore[union-attr]
    return known


def roles_of(person: str) -> ArraySubquery:
    """Return an annotation that reads what a person may speak for together with a row that refers to them.

    `person` names the reference. What it reads is given to `remember_roles`.
    """
    terms = Membership.objects.on(_today()).filter(person=OuterRef(person))
    role = JSONObject(team="team__slug", role="role", is_observatory="team__is_observatory")
    return ArraySubquery(terms.values(read=role))


def remember_roles(user: User, roles: Iterable[Mapping[str, Any]]) -> None:
    """Let `authority_of` know what `roles_of` has read, so that it need not ask again."""
    held = [(role["team"], role["role"], role["is_observatory"]) for role in roles] if user.is_active else []
    user.known_authority = _authority(_today(), held)  # type: ignore[attr-defined]


def _read_authority(user: User | AnonymousUser, day: datetime.date) -> Authority:
    if not user.is_authenticated or not user.is_active:
        return Authority(day)
    terms = Membership.objects.on(day).filter(person=user)
    return _authority(day, terms.values_list("team__slug", "role", "team__is_observatory"))


def _authority(day: datetime.date, held: Iterable[tuple[str, str, bool]]) -> Authority:
    rows = list(held)
    return Authority(
        day, frozenset((team, role) for team, role, _ in rows), any(observatory for *_, observatory in rows)
    )


def _today() -> datetime.date:
    return timezone.localdate(timezone=datetime.UTC)


def holders_of(team: str, *roles: str, on: datetime.date | None = None) -> QuerySet[User]:
    """Return the active people who hold one of the roles (any, when none is named) in the team on a day."""
    terms = Membership.objects.on(on).filter(team__slug=team)
    if roles:
        terms = terms.filter(role__in=roles)
    return User.objects.filter(pk__in=terms.values("person"), is_active=True).order_by(
        "display_name", "username"
    )


def roster(team: str, on: datetime.date | None = None) -> QuerySet[Membership]:
    """Return the memberships of a team as they were, are or will be on a day."""
    return Membership.objects.on(on).filter(team__slug=team).select_related("person", "team")


def staff_among(people: Iterable[User]) -> set[int]:
    """Return the ids of those who work at the observatory today; one query for any number."""
    terms = Membership.objects.on().filter(person__in=list(people), team__is_observatory=True)
    return set(terms.values_list("person_id", flat=True))


def leads_among(people: Iterable[User]) -> set[int]:
    """Return the ids of those who are lead community scientist or deputy today; one query for any number."""
    terms = Membership.objects.on().filter(person__in=list(people), team__slug=COMMUNITY_SCIENCE)
    return set(terms.filter(role__in=(Role.LEAD, Role.DEPUTY)).values_list("person_id", flat=True))


def is_staff_member(user: User | AnonymousUser) -> bool:
    """Whether the user works at the observatory today."""
    return authority_of(user).is_staff


def is_lead_member(user: User | AnonymousUser) -> bool:
    """Whether the user is the lead community scientist or the deputy today."""
    return authority_of(user).holds(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)


@question("anybody with an account")
def is_signed_in(user: Any) -> bool:
    """The user has an account."""
    return bool(user.is_authenticated and user.is_active)


@question("the system")
def is_system(user: Any) -> bool:
    """The user is the automation account."""
    return getattr(user, "username", "") == SYSTEM_USERNAME


@question("staff")
def is_staff(user: Any) -> bool:
    """The user works at the observatory today."""
    return is_staff_member(user)


@question("an administrator")
def is_operator(user: Any) -> bool:
    """The user looks after this installation."""
    return bool(user.is_active and user.is_superuser)


@question()
def is_community_scientist(user: Any) -> bool:
    """The user sits in the Community Science team today, in whatever role."""
    return authority_of(user).holds(COMMUNITY_SCIENCE)


@question("the lead community scientist")
def is_lead(user: Any) -> bool:
    """The user is the lead community scientist or the deputy today."""
    return is_lead_member(user)
