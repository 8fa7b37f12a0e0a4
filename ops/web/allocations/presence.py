"""Who is at the meeting of the panel: noted by the chair, a page of the committee at a time."""

from __future__ import annotations

from functools import cached_property

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ops.allocations.meeting import Room, note_presence, room_of
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.web.allocations.committee_room import CommitteePage, Paged, answered, call_for, chair_only
from ops.web.doors import SignedInRequest

MEMBERS_A_PAGE = 60
LONGEST_NAME = 100


class Presence(CommitteePage):
    """The members of the committee, and who of them is there."""

    name = "call-panel"

    @cached_property
    def room(self) -> Room:
        """Who is there."""
        return room_of(self.call)

    @property
    def search(self) -> str:
        """The part of a name that is looked for."""
        return self.request.GET.get("search", "").strip()[:LONGEST_NAME]

    @cached_property
    def paged(self) -> Paged:
        """The members by name, a page at a time."""
        rows: QuerySet[User] = holders_of(ALLOCATION_COMMITTEE)
        if self.search:
            rows = rows.filter(Q(display_name__icontains=self.search) | Q(username__icontains=self.search))
        return Paged(rows.order_by("display_name", "username"), MEMBERS_A_PAGE, self.request)


@chair_only
@require_http_methods(["GET", "HEAD", "POST"])
def presence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show who sits in the committee, and note who is there."""
    call = call_for(request, pk)
    if request.method != "POST":
        return render(request, "allocations/presence.html", {"page": Presence(request, call), "call": call})
    named, shown = (
        [number for number in map(whole_number, request.POST.getlist(name)) if number is not None]
        for name in ("present", "shown")
    )
    among = set(shown) if shown else None
    note_presence(call, User.objects.filter(pk__in=named), actor=request.user, among=among)
    return answered(request, reverse("call-panel", args=[call.pk]), "Noted who is there.")
