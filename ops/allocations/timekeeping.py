"""The clocks of calls, requests and reviews."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.allocations.models import Call, Request, Review
from ops.allocations.parties import chairs, chairs_of_its_request, deciders
from ops.allocations.rules import CHAIRS
from ops.clocks import registry
from ops.people.authority import ALLOCATION_COMMITTEE, OPERATIONS, holders_of
from ops.people.models import Role, User
from ops.tickets.deadlines import TicketAdapter
from ops.workflow.deadlines import StatefulAdapter
from ops.workflow.services import perform

CLOSE = "close"
END, EXPIRE = "end", "expire"
ENDS_FROM = {END: Request.State.ACTIVE, EXPIRE: Request.State.GRACE}
AUDIENCES = {"chair": "the RAC chair", "director": "the Operations Director"}


def directors() -> list[User]:
    """Return the Operations Director of today."""
    return list(holders_of(OPERATIONS, Role.DIRECTOR))


class CallAdapter(StatefulAdapter):
    """Calls, as the clocks see them."""

    concrete = Call
    actions = {CLOSE: "closes"}
    audiences = AUDIENCES

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when a call is late: the same people for every call."""
        people = directors() if name == "director" else list(holders_of(ALLOCATION_COMMITTEE, *CHAIRS))
        return dict.fromkeys(ids, people)

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Close a call at its date; one whose date was moved or that has closed already is left alone."""
        call = Call.objects.get(pk=target_id)
        if action == CLOSE and call.state == Call.State.OPEN:
            perform(call, "close", actor=actor)


class RequestAdapter(TicketAdapter):
    """Requests, as the clocks see them."""

    concrete = Request
    actions = {END: "award ends", EXPIRE: "grace ends"}
    audiences = AUDIENCES

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when a request waits too long; nobody with a conflict is."""
        party = deciders if name == "director" else chairs
        rows = Request.objects.filter(pk__in=ids).select_related(*Request.lock_related)
        return {row.pk: party.of(row) for row in rows}

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Let an award end, and its grace period after it; one that has gone on already is left alone."""
        request = Request.objects.get(pk=target_id)
        if request.state == ENDS_FROM[action]:
            perform(request, action, actor=actor)


class ReviewAdapter(StatefulAdapter):
    """Reviews, as the clocks see them."""

    concrete = Review
    audiences = AUDIENCES

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when a review is late; nobody with a conflict is."""
        rows = Review.objects.filter(pk__in=ids).select_related(*Review.lock_related)
        if name == "director":
            return {row.pk: deciders.of(row.request) for row in rows}
        return {row.pk: chairs_of_its_request.of(row) for row in rows}

    def title(self, row: Any) -> str:
        """The request that is reviewed, by key and title."""
        return f"{row} {row.request.title}"


registry.register(Call.workflow.kind, CallAdapter())
registry.register(Request.workflow.kind, RequestAdapter())
registry.register(Review.workflow.kind, ReviewAdapter())
