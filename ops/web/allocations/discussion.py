"""One request before the committee: its scores, its reviews, what is said of it, its turn."""

from __future__ import annotations

from functools import cached_property

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.meeting import set_turn, write_note
from ops.allocations.models import Call, Discussion, Review, Standing
from ops.allocations.sight import Sight, as_committee_sees, request_before
from ops.people.authority import ALLOCATION_COMMITTEE, holders_of
from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.web.allocations.committee_room import CommitteeForm, answered, call_for, members_only
from ops.web.allocations.panel import Panel, in_order
from ops.web.doors import SignedInRequest
from ops.web.finding import ticket_named
from ops.web.records.actions import Actions, actions
from ops.workflow.errors import InvalidInput, NotFound


class DiscussionPage(Panel):
    """One request before the committee: what was asked, how it was scored, what is said; for one reader."""

    def __init__(self, request: SignedInRequest, call: Call, key: str) -> None:
        super().__init__(request, call)
        self.record = request_before(self.reader, key)
        if self.record.call_id != call.pk:
            raise NotFound
        self.sight: Sight = as_committee_sees(self.record, self.reader)

    @property
    def is_free(self) -> bool:
        """Whether the reader may take part."""
        return not self.sight.is_title_only

    @property
    def sees_scores(self) -> bool:
        """Whether the reader may know what others have said."""
        return self.is_free and self.record.pk not in self.waiting

    @cached_property
    def standing(self) -> Standing | None:
        """How it stands."""
        if self.ranking is None or not self.sees_scores:
            return None
        return Standing.objects.filter(ranking=self.ranking, request=self.record).first()

    @cached_property
    def reviews(self) -> list[Review]:
        """The reviews that the reader may see."""
        if not self.sees_scores:
            return []
        seen = Review.objects.visible_to(self.reader).filter(
            request=self.record, state=Review.State.SUBMITTED
        )
        return list(seen.select_related("reviewer").prefetch_related("scores__criterion"))

    @cached_property
    def discussion(self) -> Discussion | None:
        """What was said."""
        return Discussion.objects.filter(request=self.record).first() if self.is_free else None

    @cached_property
    def recused(self) -> list[User]:
        """Members who have a conflict with it."""
        return list(holders_of(ALLOCATION_COMMITTEE).filter(pk__in=self.record.conflicted_ids))

    @property
    def counted(self) -> int:
        """How many are there who may discuss it."""
        return self.room.counts_for(self.record.conflicted_ids)

    @property
    def has_quorum(self) -> bool:
        """Whether they are enough."""
        return self.room.has_quorum(self.record.conflicted_ids)

    @cached_property
    def actions(self) -> Actions | None:
        """What the reader may do about it: those in its circle take its steps here."""
        try:
            return actions(ticket_named(self.record.key, self.reader), self.reader) if self.is_free else None
        except NotFound:
            return None

    @cached_property
    def _neighbours(self) -> tuple[str, str]:
        order = "agenda" if self.request.GET.get("order", "agenda") == "agenda" else self.order
        rows = in_order(self.call, self.ranking, order).exclude(pk__in=self.barred | self.waiting)
        keys = list(rows.values_list("key", flat=True))
        at = keys.index(self.record.key) if self.record.key in keys else -1
        if at < 0:
            return "", ""
        return (keys[at - 1] if at else "", keys[at + 1] if at + 1 < len(keys) else "")

    @property
    def before(self) -> str:
        """The request before it in the meeting."""
        return self._neighbours[0]

    @property
    def after(self) -> str:
        """The request after it."""
        return self._neighbours[1]


@members_only
@require_safe
def discussion(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Show one request before the committee."""
    page = DiscussionPage(request, call_for(request, pk), key)
    return render(request, "allocations/discussion.html", {"page": page, "call": page.call})


class WriteNote(CommitteeForm):
    """What the committee says of a request."""

    def carry_out(self) -> Discussion:
        """Keep it."""
        version = whole_number(self.request.POST.get("version", ""))
        if version is None:
            raise InvalidInput("The form is incomplete; open it again.")
        asked = request_before(self.request.user, self.kwargs["key"])
        note = self.request.POST.get("note", "")
        return write_note(asked, note, version=version, actor=self.request.user)

    def answer(self, done: Discussion) -> HttpResponse:
        """Show the request again."""
        address = reverse("call-discussion", args=[self.kwargs["pk"], self.kwargs["key"]])
        return answered(self.request, address, "The note is kept, for the committee alone.")

    @property
    def draft_key(self) -> str:
        """The note is kept while it is typed."""
        return f"discussion:{self.kwargs['key'].upper()}"

    def draw(self) -> HttpResponse:
        """Draw the page of the request, with what was typed."""
        page = DiscussionPage(self.request, call_for(self.request, self.kwargs["pk"]), self.kwargs["key"])
        status = self.refusal.status if self.refusal else 200
        context = {
            "page": page,
            "call": page.call,
            "refusal": self.refusal,
            "typed": self.request.POST.get("note"),
        }
        return render(self.request, "allocations/discussion.html", context, status=status)


@members_only
@require_POST
def turn(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Give a request its turn in the meeting."""
    asked = request_before(request.user, key)
    typed = request.POST.get("position", "").strip()
    position = whole_number(typed)
    if typed and position is None:
        raise InvalidInput("A turn is a number from 1.", fields={"position": ["Write a number from 1."]})
    set_turn(asked, position, actor=request.user)
    words = f"{asked.key} is taken as number {typed}." if typed else f"{asked.key} is taken by its rank."
    return answered(request, reverse("call-discussion", args=[pk, asked.key]), words)
