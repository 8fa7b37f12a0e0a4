"""The two tables in which a call is settled: what the committee recommends, and what the Director decides.

Both are one page: each row says what is proposed (by the line, by the committee) and what is given; what differs is
marked. Rows are saved one by one, so that a mistake in one keeps nobody from saving the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ops.allocations import decisions
from ops.allocations.adjusting import reasons_of, shares_of, tables_of
from ops.allocations.award_rules import TOLD
from ops.allocations.decisions import decide, recommend_as_drawn, recommend_outcome
from ops.allocations.given import Amounts
from ops.allocations.involvement import chaired_by, decided_by
from ops.allocations.lines import latest_line, line_to_follow
from ops.allocations.models import Call, Outcome, Request
from ops.allocations.models.decisions import Stage
from ops.allocations.rules import is_director, is_operations_director, is_rac_chair
from ops.allocations.works import PUBLISH
from ops.web.allocations.committee_room import NOT_KEPT, answered, begin, call_for
from ops.web.allocations.settling import Settling
from ops.web.doors import SignedInRequest, only_for, signed_in
from ops.web.finding import record_named
from ops.workflow.errors import NotAllowed
from ops.workflow.services import permitted_step

may_decide = is_operations_director | is_director
director_only = only_for(may_decide, "decide on requests")
chair_only = only_for(is_rac_chair, "write down what the committee recommends")
chairing = only_for(is_rac_chair | may_decide, "write down what the committee recommends")


class Recommendations(Settling):
    """What the committee recommends, as the chair writes it down."""

    name = "call-recommendations"
    stage = Stage.RECOMMENDED
    states = (*decisions.OPEN_TO_COMMITTEE, Request.State.RECOMMENDED)
    heading = "What the committee recommends"
    amounts_name = "recommend-amounts"
    steps = ("rank", "meet_again")

    @cached_property
    def _all(self) -> QuerySet[Request]:
        # Whoever decides sees those alone with which every chair has a conflict.
        rows = super()._all
        return rows if self.is_chair else rows.filter(chaired_by(self.reader))

    @cached_property
    def line(self) -> Any:
        """The line that was drawn last."""
        return latest_line(self.call)

    @cached_property
    def shares(self) -> Mapping[int, int]:
        """What the line gives."""
        return shares_of(self.line) if self.line else {}

    @cached_property
    def tables(self) -> Mapping[int, Amounts]:
        """What the committee has set amount by amount."""
        return tables_of(self.line) if self.line else {}

    def is_open_for(self, request: Request) -> bool:
        """Until it is before the Director."""
        return request.state in decisions.OPEN_TO_COMMITTEE

    def write(self, request: Request, **said: Any) -> Outcome:
        """Recommend."""
        return recommend_outcome(request, actor=self.reader, **said)


class Decisions(Settling):
    """What the Operations Director decides, beside what the committee recommends."""

    name = "call-decisions"
    job_kind = PUBLISH
    stage = Stage.DECIDED
    states = (Request.State.RECOMMENDED, *TOLD)
    heading = "Decisions"
    amounts_name = "decide-amounts"
    steps = ("decide", "publish", "meet_again")

    @cached_property
    def _all(self) -> QuerySet[Request]:
        # The Director sees those alone on which the Operations Director must not decide.
        rows = super()._all
        return rows if is_operations_director(self.reader) else rows.filter(decided_by(self.reader))

    def proposed(self, there: Mapping[tuple[int, str], Outcome], request: Request) -> Outcome | None:
        """What the committee recommends."""
        return there.get((request.pk, Stage.RECOMMENDED))

    def is_open_for(self, request: Request) -> bool:
        """Until the results are told, or the call is said to be decided."""
        return self.call.state != Call.State.DECIDED and request.state == Request.State.RECOMMENDED

    def write(self, request: Request, **said: Any) -> Outcome:
        """Decide."""
        return decide(request, actor=self.reader, **said)


def _answer(request: SignedInRequest, page: Settling) -> HttpResponse:
    if request.method == "POST":
        page.take_over()
        if not page.refused:
            address = f"{reverse(page.name, args=[page.call.pk])}?{request.GET.urlencode()}".removesuffix("?")
            words = f"{page.saved} saved." if page.saved else "Nothing was changed."
            return answered(request, address, words)
    status = next((refusal.status for refusal in page.refused.values()), 200)
    response = render(request, "allocations/settling.html", {"page": page, "call": page.call}, status=status)
    response["Cache-Control"] = NOT_KEPT
    return response


@chairing
@require_http_methods(["GET", "HEAD", "POST"])
def recommendations(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show and save what the committee recommends."""
    page = Recommendations(request, call_for(request, pk))
    if not page.is_chair and not page.count:
        raise NotAllowed(
            "Only the RAC chair may recommend here; where every chair has a conflict of interest, whoever decides."
        )
    return _answer(request, page)


@director_only
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show and save what the Operations Director decides."""
    page = Decisions(request, call_for(request, pk))
    if not is_operations_director(request.user) and not page.count:
        raise NotAllowed(
            "Only the Operations Director may decide here; the Director, where they have a conflict."
        )
    return _answer(request, page)


@signed_in
@require_safe
def place(request: SignedInRequest, key: str) -> HttpResponse:
    """Lead to the row of a request in the table in which it is recommended on or decided."""
    asked = record_named(Request, key, request.user)
    is_recommended = asked.state in decisions.OPEN_TO_COMMITTEE
    table = (Recommendations if is_recommended else Decisions)(request, asked.call)
    return redirect(table.place_of(asked))


@director_only
@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the results of a call told, with the progress on the page."""
    call = call_for(request, pk)
    permitted_step(call, "publish", actor=request.user)
    words = "The results are being told."
    return begin(request, PUBLISH, call, "call-decisions", words, {"version": call.version})


@chair_only
@require_POST
def take_over_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Recommend what the line gives."""
    call = call_for(request, pk)
    line = line_to_follow(call)
    written = recommend_as_drawn(
        call, shares_of(line), tables=tables_of(line), reasons=reasons_of(line), actor=request.user
    )
    words = f"{written} recommendation{'' if written == 1 else 's'} taken over from the line."
    return answered(request, reverse("call-recommendations", args=[call.pk]), words)
