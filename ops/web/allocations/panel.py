"""The meeting of the committee: how requests stand, in which order they are taken, who is there, what is said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.meeting import Room, note_presence, room_of, set_turn, write_note
from ops.allocations.models import Call, Discussion, Ranking, Request, Review, Standing
from ops.allocations.ranking import latest_ranking, ranked_requests, ranking_is_current, reviews_awaited
from ops.allocations.sight import Sight, as_committee_sees, request_before
from ops.allocations.works import RANK
from ops.jobs.models import Job
from ops.people.models import User
from ops.web.actions import Actions, actions
from ops.web.allocations.committee_room import (
    CommitteePage,
    Paged,
    answered,
    begin,
    call_for,
    chair_only,
    committee_only,
    members_only,
)
from ops.web.desk_form import DeskForm
from ops.web.doors import SignedInRequest
from ops.web.finding import ticket_named
from ops.workflow.errors import InvalidInput, NotFound

ROWS_A_PAGE = 100
ORDERS = {
    "rank": ("By calibrated score", "standing__position"),
    "normalised": ("By normalised score", "-standing__normalised"),
    "raw": ("By raw score", "-standing__raw"),
    "agenda": ("In the order of the meeting", "discussion__position"),
}
OWN_OPEN = (Review.State.ASSIGNED, Review.State.ACCEPTED)


def unseen_scores(call: Call, reader: User) -> set[int]:
    """Return the ids of the requests whose scores a member does not see yet: their own review is still to come."""
    own = Review.objects.filter(request__call=call, reviewer=reader, state__in=OWN_OPEN)
    return set(own.values_list("request_id", flat=True))


def in_order(call: Call, ranking: Ranking | None, order: str) -> QuerySet[Request]:
    """Return the requests of the panel with their standing, in one of the `ORDERS`; what has no score comes last."""
    column = ORDERS[order][1]
    by = F(column.removeprefix("-"))
    first = by.desc(nulls_last=True) if column.startswith("-") else by.asc(nulls_last=True)
    rows = ranked_requests(call).annotate(
        standing=FilteredRelation(
            "standings", condition=Q(standings__ranking=ranking.pk if ranking else None)
        )
    )
    return rows.order_by(first, F("standing__position").asc(nulls_last=True), "pk")


class Panel(CommitteePage):
    """The panel's table for one reader: what they must not see stands apart, so that no position tells of it."""

    name = "call-panel"

    @cached_property
    def ranking(self) -> Ranking | None:
        """The newest ranking."""
        return latest_ranking(self.call)

    @cached_property
    def is_current(self) -> bool:
        """Whether it is that of the present reviews."""
        return self.ranking is not None and ranking_is_current(self.ranking)

    @cached_property
    def awaited(self) -> int:
        """How many reviews have not come yet."""
        return reviews_awaited(self.call)

    @cached_property
    def room(self) -> Room:
        """Who is there."""
        return room_of(self.call)

    @cached_property
    def comparing(self) -> Job | None:
        """The newest comparison of scores."""
        return self.job(RANK)

    @cached_property
    def waiting(self) -> set[int]:
        """The ids of the requests that the reader has still to review."""
        return set() if self.is_chair else unseen_scores(self.call, self.reader)

    @property
    def order(self) -> str:
        """In which order the requests are shown."""
        asked = self.request.GET.get("order", "rank")
        return asked if asked in ORDERS else "rank"

    @property
    def orders(self) -> Sequence[dict[str, Any]]:
        """The orders that there are."""
        return [
            {
                "label": label,
                "url": f"?{urlencode({'order': name})}",
                "count": None,
                "current": name == self.order,
            }
            for name, (label, _) in ORDERS.items()
        ]

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page."""
        rows = in_order(self.call, self.ranking, self.order).exclude(pk__in=self.barred | self.waiting)
        shown = rows.annotate(
            raw=F("standing__raw"), normalised=F("standing__normalised"), calibrated=F("standing__calibrated"),
            uncertainty=F("standing__uncertainty"), reviewed=F("standing__reviews"), turn=F("discussion__position"),
        ).only("key", "title", "state", "call")  # fmt: skip
        return Paged(shown, ROWS_A_PAGE, self.request)

    @property
    def rows(self) -> list[tuple[int, Any]]:
        """The requests of this page, numbered in this order."""
        return list(enumerate(self.paged.rows, self.paged.first))

    @cached_property
    def apart(self) -> list[Request]:
        """Requests of which the reader sees the title only, in the order of their keys."""
        return list(ranked_requests(self.call).filter(pk__in=self.barred).order_by("pk").only("key", "title"))

    @cached_property
    def to_review(self) -> list[Request]:
        """Requests that the reader reviews before they see how others have scored."""
        return list(
            ranked_requests(self.call).filter(pk__in=self.waiting).order_by("pk").only("key", "title")
        )


@committee_only
@require_safe
def panel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show how the requests of a call stand, and who is there to discuss them."""
    page = Panel(request, call_for(request, pk))
    return render(request, "allocations/panel.html", {"page": page, "call": page.call})


@chair_only
@require_POST
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Compare the scores as they are now."""
    return begin(request, RANK, call_for(request, pk), "call-panel", "The scores are being compared.")


@chair_only
@require_POST
def presence(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note who is there."""
    call = call_for(request, pk)
    named = [number for number in request.POST.getlist("present") if number.isdecimal()]
    note_presence(call, User.objects.filter(pk__in=named), actor=request.user)
    return answered(request, reverse("call-panel", args=[call.pk]), "Noted who is there.")


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
        return [member for member in self.room.members if member.pk in self.record.conflicted_ids]

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


class WriteNote(DeskForm):
    """What the committee says of a request."""

    def carry_out(self) -> Discussion:
        """Keep it."""
        version = self.request.POST.get("version", "")
        if not version.isdecimal():
            raise InvalidInput("The form is incomplete; open it again.")
        asked = request_before(self.request.user, self.kwargs["key"])
        note = self.request.POST.get("note", "")
        return write_note(asked, note, version=int(version), actor=self.request.user)

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
    if typed and not typed.isdecimal():
        raise InvalidInput("A turn is a number from 1.", fields={"position": ["Write a number from 1."]})
    set_turn(asked, int(typed) if typed else None, actor=request.user)
    words = f"{asked.key} is taken as number {typed}." if typed else f"{asked.key} is taken by its rank."
    return answered(request, reverse("call-discussion", args=[pk, asked.key]), words)
