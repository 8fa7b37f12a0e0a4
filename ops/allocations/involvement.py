"""Who has a part in a request, who must not judge it, who chairs what happens to it, who decides.

Asked of the number of a request and of its proposer alone: messages and lists hold the row that is common to all
tickets, and have to know as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, Value

from ops.allocations.models.people import CoInvestigator, Conflict, part_of
from ops.allocations.rules import CHAIRS, is_director, is_operations_director, is_rac_chair
from ops.people.authority import ALLOCATION_COMMITTEE, DIRECTORATE, OPERATIONS, holders_of
from ops.people.models import Role, User
from ops.workflow.declaration import EVERYTHING, NOTHING


def having_a_part_in(request: Any) -> set[int]:
    """The proposer and the co-investigators; asked once of each object that stands for the request."""
    if not hasattr(request, "known_party"):
        rows = CoInvestigator.objects.filter(request=request.pk)
        request.known_party = {request.reporter_id, *rows.values_list("person_id", flat=True)}
    found: set[int] = request.known_party
    return found


def barred_from_judging(request: Any) -> set[int]:
    """Everybody who must not judge it: who has a part in it, and who has an open conflict; asked once, too."""
    if not hasattr(request, "known_conflicts"):
        conflicts = Conflict.objects.open().filter(request=request.pk).order_by()
        asking = CoInvestigator.objects.filter(request=request.pk).values_list("person_id", Value("asks"))
        rows = list(conflicts.values_list("person_id", Value("judges")).union(asking, all=True))
        request.known_party = {request.reporter_id, *(person for person, part in rows if part == "asks")}
        request.known_conflicts = {person for person, part in rows if part == "judges"}
    return having_a_part_in(request) | request.known_conflicts


def deciding(request: Any) -> set[int]:
    """The Operations Director; where they have a conflict the Director decides instead. Nobody with one does."""
    barred = barred_from_judging(request)
    for team in (OPERATIONS, DIRECTORATE):
        free = set(holders_of(team, Role.DIRECTOR).values_list("pk", flat=True)) - barred
        if free:
            return free
    return set()


def chairing(request: Any) -> set[int]:
    """The chairs without a conflict; where there is none, whoever decides on it."""
    return {person.pk for person in chairs_of(request)}


def chairs_of(request: Any) -> list[User]:
    """The same as people; asked once, too."""
    if not hasattr(request, "known_chairs"):
        barred = barred_from_judging(request)
        free = [person for person in holders_of(ALLOCATION_COMMITTEE, *CHAIRS) if person.pk not in barred]
        request.known_chairs = free or list(User.objects.filter(pk__in=deciding(request)))
    found: list[User] = request.known_chairs
    return found


# The same, asked of a person. `through` leads from the rows that are asked for to their request.


def decided_by(person: User, through: str = "") -> Q:
    """The requests on which somebody decides."""
    if is_operations_director(person):
        return ~barring(person, through)
    if not is_director(person):
        return NOTHING
    return _barring_all(holders_of(OPERATIONS, Role.DIRECTOR), through) & ~barring(person, through)


def chaired_by(person: User, through: str = "") -> Q:
    """The requests that somebody chairs: a chair those without a conflict, who decides the others."""
    if is_rac_chair(person):
        return ~barring(person, through)
    decided = decided_by(person, through)
    if decided is NOTHING:
        return NOTHING
    return _barring_all(holders_of(ALLOCATION_COMMITTEE, *CHAIRS), through) & decided


def barring(person: User, through: str = "") -> Q:
    """The requests that somebody must not judge."""
    return Q(**{f"{through}pk__in": Conflict.objects.barring(person)}) | part_of(person, through)


def _barring_all(people: Iterable[User], through: str) -> Q:
    barred = EVERYTHING
    for person in people:
        barred &= barring(person, through)
    return barred
