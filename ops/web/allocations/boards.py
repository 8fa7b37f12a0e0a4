"""The chair's boards of a call: who reviews how much, and who must not judge what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ops.allocations.conflicts import WaiverForm, conflicts_seen_by, waive_conflict
from ops.allocations.models import Conflict, Review
from ops.allocations.reviewing import Loads
from ops.web.allocations.committee_room import CommitteePage, Paged, answered, call_for, chair_only
from ops.web.doors import SignedInRequest
from ops.web.forms.desk_form import DeskForm
from ops.workflow.errors import NotFound

State = Review.State
LOADS_A_PAGE = CONFLICTS_A_PAGE = 50
LONGEST_NAME = 100


class LoadBoard(CommitteePage):
    """Who reviews how much in a call, how far they are, and what is late."""

    name = "call-load"

    @property
    def search(self) -> str:
        """The part of a name that is looked for."""
        return self.request.GET.get("search", "").strip()[:LONGEST_NAME]

    @cached_property
    def paged(self) -> Paged:
        """Every member's load, whoever has most first."""
        return Paged(Loads(self.call, search=self.search), LOADS_A_PAGE, self.request)

    @cached_property
    def late(self) -> list[Review]:
        """What is due and not written, the longest late first; nothing of a request that the chair must not judge."""
        rows = Review.objects.visible_to(self.reader).filter(
            request__call=self.call, due_at__lt=timezone.now()
        )
        unwritten = rows.filter(state__in=[State.ASSIGNED, State.ACCEPTED])
        return list(unwritten.select_related("request", "reviewer").order_by("due_at", "pk")[:50])

    @cached_property
    def returned(self) -> list[Review]:
        """What came back: declined, or taken from its reviewer; somebody else has to review it."""
        rows = Review.objects.visible_to(self.reader).filter(request__call=self.call)
        back = rows.filter(
            state__in=[State.DECLINED, State.RETURNED], request__state__in=["assessed", "in_review"]
        )
        return list(back.select_related("request", "reviewer").order_by("-state_since")[:50])


@chair_only
@require_safe
def load(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the load of the committee in a call."""
    page = LoadBoard(request, call_for(request, pk))
    return render(request, "allocations/load.html", {"page": page, "call": page.call})


@dataclass(frozen=True)
class ShownConflict:
    """A conflict, and whether the chair who reads may waive it."""

    conflict: Conflict
    waive_url: str


class Conflicts(CommitteePage):
    """Who must not judge what in a call, with the evidence."""

    name = "call-conflicts"

    @property
    def search(self) -> str:
        """The key, or the part of a name, that is looked for."""
        return self.request.GET.get("search", "").strip()[:LONGEST_NAME]

    @cached_property
    def paged(self) -> Paged:
        """The conflicts with requests that the chair chairs; of the others they know nothing more than the title."""
        rows = conflicts_seen_by(self.call, self.reader).exclude(request__in=self.barred)
        if self.search:
            of_member = Q(person__display_name__icontains=self.search) | Q(
                person__username__icontains=self.search
            )
            rows = rows.filter(Q(request__key=self.search.upper()) | of_member)
        return Paged(rows, CONFLICTS_A_PAGE, self.request)

    @property
    def rows(self) -> list[ShownConflict]:
        """Those of this page."""
        return [
            ShownConflict(
                row, reverse("waive-conflict", args=[self.call.pk, row.pk]) if row.can_be_waived else ""
            )
            for row in self.paged.rows
        ]


@chair_only
@require_safe
def conflicts(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the conflicts of a call."""
    page = Conflicts(request, call_for(request, pk))
    return render(request, "allocations/conflicts.html", {"page": page, "call": page.call})


class WaiveConflict(DeskForm):
    """A conflict, waived by the chair."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the conflict."""
        super().setup(request, *args, **kwargs)
        found = Conflict.objects.filter(pk=kwargs["conflict_id"], request__call=kwargs["pk"])
        conflict = found.select_related("request", "person").first()
        # A chair who must not judge the request themselves learns nothing of it here either.
        if conflict is None or request.user.pk not in conflict.request.chair_ids:
            raise NotFound
        self.conflict: Conflict = conflict

    def carry_out(self) -> Conflict:
        """Waive it."""
        return waive_conflict(
            self.conflict, actor=self.request.user, reason=self.request.POST.get("reason", "")
        )

    def answer(self, done: Conflict) -> HttpResponse:
        """Show the list as it is now."""
        address = reverse("call-conflicts", args=[self.kwargs["pk"]])
        return answered(self.request, address, f"{done.person.name} may judge {done.request.key}.")

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            "heading": f"Waive: {self.conflict.person.name} and {self.conflict.request.key}",
            "help": f"{self.conflict.get_kind_display()}. {self.conflict.evidence}",
            "form": WaiverForm(self.typed),
            "action": reverse("waive-conflict", args=[self.kwargs["pk"], self.conflict.pk]),
            "send": "Waive it",
            "back": reverse("call-conflicts", args=[self.kwargs["pk"]]),
            "can_send": True,
        }
