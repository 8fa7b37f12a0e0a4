"""The two tables in which a call is settled: what the committee recommends, and what the Director decides.

Both are one page: each row says what is proposed (by the line, by the committee) and what is given; what differs is
marked. Rows are saved one by one, so that a mistake in one keeps nobody from saving the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ops.allocations import decisions
from ops.allocations.adjusting import reasons_of, shares_of, tables_of
from ops.allocations.capacity import Filling, fillings
from ops.allocations.decisions import current_of, decide, recommend_as_drawn, recommend_outcome
from ops.allocations.given import Amounts, drawn, share_of
from ops.allocations.involvement import decided_by
from ops.allocations.lines import latest_line, line_to_follow
from ops.allocations.models import Call, Conflict, Outcome, Request
from ops.allocations.models.decisions import Grade, Stage
from ops.allocations.results import TOLD
from ops.allocations.rules import is_director, is_operations_director, is_rac_chair
from ops.allocations.works import PUBLISH
from ops.jobs.models import Job
from ops.tabular.numbers import whole_number
from ops.web.addresses import step_url
from ops.web.allocations.committee_room import NOT_KEPT, CommitteePage, Paged, answered, begin, call_for
from ops.web.allocations.settling_rows import AS_PROPOSED, WHOLE, Row, asked_words
from ops.web.doors import SignedInRequest, only_for
from ops.workflow.errors import InvalidInput, NotAllowed, Refusal
from ops.workflow.selectors import Offer, offers
from ops.workflow.services import permitted_step

ROWS_A_PAGE = 50
_PERCENT = re.compile(r"\d{1,3}")

director_only = only_for(is_operations_director | is_director, "decide on requests")
chair_only = only_for(is_rac_chair, "write down what the committee recommends")


class Settling(CommitteePage):
    """The table of a call at one stage."""

    stage: ClassVar[Stage]
    states: ClassVar[tuple[str, ...]]
    heading: ClassVar[str]
    amounts_name: ClassVar[str]
    steps: ClassVar[tuple[str, ...]]
    job_kind: ClassVar[str] = ""

    def __init__(self, request: SignedInRequest, call: Call) -> None:
        super().__init__(request, call)
        self.refused: dict[str, Refusal] = {}
        self.saved = 0

    @property
    def only(self) -> str:
        """Which rows are shown: all, those without a word, those that differ."""
        return self.request.GET.get("only", "")

    @cached_property
    def _all(self) -> QuerySet[Request]:
        rows = self.call.requests.filter(state__in=self.states)
        return (
            rows.select_related("reporter", "call")
            .prefetch_related("amounts__offer__resource__limit")
            .order_by("pk")
        )

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page of the table."""
        rows = self._all
        if self.only == "open":
            rows = rows.exclude(pk__in=Outcome.objects.filter(stage=self.stage).values("request"))
        return Paged(rows, ROWS_A_PAGE, self.request)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page; a handful of queries, however many there are."""
        requests = self.paged.rows
        there, shares = current_of(requests), self.shares
        return [self._row(request, there, shares.get(request.pk)) for request in requests]

    @property
    def has_open_rows(self) -> bool:
        """Whether something can be written on this page."""
        return any(row.is_open for row in self.rows)

    def _row(self, request: Request, there: Mapping[tuple[int, str], Outcome], share: int | None) -> Row:
        is_barred = request.pk in self.barred
        return Row(
            request,
            asked=() if is_barred else asked_words(request),
            proposed=None if is_barred else self.proposed(there, request),
            proposed_percent=None if is_barred else share,
            proposed_table={} if is_barred else self.tables.get(request.pk, {}),
            given=None if is_barred else there.get((request.pk, self.stage)),
            is_barred=is_barred,
            is_open=self.is_open_for(request) and not is_barred,
            typed=self._typed(request) if request.key in self.refused else {},
            refusal=self.refused.get(request.key),
        )

    @property
    def shares(self) -> Mapping[int, int]:
        """What the line gives, in percent by request."""
        return {}

    @property
    def tables(self) -> Mapping[int, Amounts]:
        """What it gives amount by amount, by request."""
        return {}

    def proposed(self, there: Mapping[tuple[int, str], Outcome], request: Request) -> Outcome | None:
        """What somebody else has proposed."""
        return None

    def is_open_for(self, request: Request) -> bool:
        """Whether this row can be written now."""
        raise NotImplementedError

    def write(self, request: Request, **said: Any) -> Outcome:
        """Save one row."""
        raise NotImplementedError

    @cached_property
    def declared(self) -> set[int]:
        """The ids of the requests with which the reader has said that they have a conflict."""
        own = Conflict.objects.open().filter(person=self.reader, kind=Conflict.Kind.DECLARED)
        return set(own.filter(request__call=self.call).values_list("request_id", flat=True))

    @cached_property
    def count(self) -> int:
        """How many requests there are."""
        return self._all.count()

    @cached_property
    def settled(self) -> int:
        """How many of them have a word."""
        return self._all.filter(pk__in=Outcome.objects.filter(stage=self.stage).values("request")).count()

    @cached_property
    def work(self) -> Job | None:
        """The long work of this page that goes on, or has failed."""
        found = self.job(self.job_kind) if self.job_kind else None
        return found if found is not None and (found.is_open or found.has_failed) else None

    @cached_property
    def fillings(self) -> list[Filling]:
        """How far each resource is given away."""
        return fillings(self.call, self.stage)

    @cached_property
    def next_steps(self) -> list[tuple[Offer, str]]:
        """The steps of the call that follow from here, and where each is taken."""
        found = [offer for offer in offers(self.call, self.reader) if offer.step.name in self.steps]
        return [(offer, step_url(self.call, offer.step.name)) for offer in found]

    def _typed(self, request: Request) -> dict[str, str]:
        names = ("choice", "percent", "comment", "reason")
        return {name: self.request.POST.get(f"{request.key}.{name}", "") for name in names}

    def take_over(self) -> None:
        """Save every row that says something else than before; keep what is refused, with the sentence."""
        for row in list(self.rows):
            typed = self._typed(row.request)
            if row.is_open and typed["choice"] and self._says_something_new(row, typed):
                try:
                    self._save(row, typed)
                    self.saved += 1
                except Refusal as refusal:
                    self.refused[row.request.key] = refusal
        for name in ("rows", "settled", "fillings", "next_steps"):
            self.__dict__.pop(name, None)

    def _says_something_new(self, row: Row, typed: Mapping[str, str]) -> bool:
        shown = {"choice": row.choice, "percent": row.percent, "comment": row.comment, "reason": row.reason}
        same = {name: typed[name].replace("\r\n", "\n").strip() == shown[name].strip() for name in shown}
        if typed["choice"] != Grade.REDUCED:
            same["percent"] = True
        return row.given is None or not all(same.values())

    def _save(self, row: Row, typed: Mapping[str, str]) -> None:
        grade, amounts = self._asked_for(row, typed)
        seen = whole_number(self.request.POST.get(f"{row.request.key}.seen", ""))
        self.write(
            row.request, grade=grade, amounts=amounts, comment=typed["comment"], reason=typed["reason"],
            expected=seen,
        )  # fmt: skip

    def _asked_for(self, row: Row, typed: Mapping[str, str]) -> tuple[str, Any]:
        choice = typed["choice"]
        if choice == AS_PROPOSED and row.proposed is not None:
            return row.proposed.grade, row.proposed.table
        if choice == AS_PROPOSED and row.proposed_percent is not None:
            return drawn(row.request, row.proposed_percent, row.proposed_table)
        if choice != Grade.REDUCED:
            return choice, None
        if row.has_own_amounts and typed["percent"].strip() == row.percent and row.given is not None:
            return row.given.grade, row.given.table
        percent = typed["percent"].strip().removesuffix("%").strip()
        if not _PERCENT.fullmatch(percent) or not 0 < int(percent) < WHOLE:
            raise InvalidInput(
                "Please correct the share.", fields={"percent": ["Write a share from 1 to 99 percent."]}
            )
        return Grade.REDUCED, share_of(row.request, int(percent))


class Recommendations(Settling):
    """What the committee recommends, as the chair writes it down."""

    name = "call-recommendations"
    stage = Stage.RECOMMENDED
    states = (*decisions.OPEN_TO_COMMITTEE, Request.State.RECOMMENDED)
    heading = "What the committee recommends"
    amounts_name = "recommend-amounts"
    steps = ("rank", "meet_again")

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


@chair_only
@require_http_methods(["GET", "HEAD", "POST"])
def recommendations(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show and save what the committee recommends."""
    return _answer(request, Recommendations(request, call_for(request, pk)))


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
