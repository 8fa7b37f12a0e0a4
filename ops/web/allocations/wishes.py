"""What a member of the committee wishes to review, and what they know about."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.models import Expertise, Request, Wish
from ops.allocations.sight import request_before
from ops.allocations.wishes import WISHED_IN, say_expertise, say_wish
from ops.web.allocations.committee_room import CommitteePage, Paged, answered, call_for, members_only
from ops.web.doors import SignedInRequest

ROWS_A_PAGE = 100


class Wishes(CommitteePage):
    """The requests of a call by title and keywords, with what the reader wishes."""

    name = "call-wishes"

    @cached_property
    def paged(self) -> Paged:
        """The requests that are still to be distributed, or just were."""
        rows = Request.objects.filter(call=self.call, state__in=WISHED_IN).order_by("pk")
        return Paged(rows.only("key", "title", "keywords"), ROWS_A_PAGE, self.request)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each with the wish; by its title alone where the reader has a conflict."""
        shown = self.paged.rows
        said = Wish.objects.filter(person=self.reader, request__in=[request.pk for request in shown])
        wishes = dict(said.values_list("request_id", "kind"))
        return [
            {"request": request, "wish": wishes.get(request.pk, ""), "is_barred": request.pk in self.barred}
            for request in shown
        ]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What can be wished."""
        return [("", "No wish"), *Wish.Kind.choices]

    @property
    def keywords(self) -> str:
        """What the reader knows about."""
        known = Expertise.objects.filter(person=self.reader).first()
        return ", ".join(known.keywords) if known else ""


@members_only
@require_safe
def wishes(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what can be reviewed in a call."""
    page = Wishes(request, call_for(request, pk))
    return render(request, "allocations/wishes.html", {"page": page, "call": page.call})


@members_only
@require_POST
def wish(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Keep one wish."""
    asked = request_before(request.user, key)
    say_wish(asked, request.POST.get("kind", ""), actor=request.user)
    if request.htmx:
        return HttpResponse(status=204)
    return answered(request, reverse("call-wishes", args=[pk]), f"Your wish for {asked.key} is noted.")


@members_only
@require_POST
def expertise(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep what the reader knows about."""
    known = say_expertise(request.POST.get("keywords", ""), actor=request.user)
    words = f"{len(known.keywords)} keyword{'' if len(known.keywords) == 1 else 's'} noted."
    return answered(request, reverse("call-wishes", args=[pk]), words)
