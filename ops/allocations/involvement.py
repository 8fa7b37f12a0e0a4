"""Who has a part in a request, who must not judge it, who chairs what happens to it.

Asked of the number of a request and of its proposer alone: messages and lists hold the row that is common to all
tickets, and have to know as well.
"""

from __future__ import annotations

from typing import Any

from ops.allocations.models.people import CoInvestigator, Conflict
from ops.allocations.rules import CHAIRS
from ops.people.authority import ALLOCATION_COMMITTEE, OPERATIONS, holders_of
from ops.people.models import Role


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
        conflicts = Conflict.objects.open().filter(request=request.pk)
        request.known_conflicts = set(conflicts.values_list("person_id", flat=True))
    return having_a_part_in(request) | request.known_conflicts


def chairing(request: Any) -> set[int]:
    """The chairs without a conflict; where there is none, the Operations Director, who must have no part in it."""
    chairs = set(holders_of(ALLOCATION_COMMITTEE, *CHAIRS).values_list("pk", flat=True))
    free = chairs - barred_from_judging(request)
    if free:
        return free
    directors = holders_of(OPERATIONS, Role.DIRECTOR)
    return set(directors.values_list("pk", flat=True)) - having_a_part_in(request)
