"""The meeting of the committee: how requests stand, in which order they are taken, who is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.meeting import Room, room_of
from ops.allocations.models import Call, Ranking, Request, Review
from ops.allocations.ranking import latest_ranking, ranked_requests, ranking_is_current, reviews_awaited
from ops.allocations.works import RANK
from ops.jobs.models import Job
from ops.people.models import User
from ops.web.allocations.committee_room import (
    CommitteePage,
    Paged,
    begin,
    call_for,
    chair_only,
    committee_only,
)
from ops.web.doors import SignedInRequest

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
        return reviews_awaited(self.call, without=self.barred)

    @cached_property
    def compared(self) -> int:
        """How many reviews the scores are made of."""
        if self.ranking is None or not self.barred:
            return self.ranking.reviews if self.ranking else 0
        seen = self.ranking.standings.exclude(request__in=self.barred)
        found: int = seen.aggregate(total=Sum("reviews"))["total"] or 0
        return found

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
