"""The table in which a call is settled, whatever its stage: rows shown, read and saved one by one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from ops.allocations.capacity import Filling, fillings
from ops.allocations.decisions import current_of
from ops.allocations.given import Amounts, drawn, reduced_to
from ops.allocations.models import Call, Conflict, Outcome, Request
from ops.allocations.models.decisions import Grade, Stage
from ops.jobs.models import Job
from ops.tabular.numbers import whole_number
from ops.web.addresses import step_url
from ops.web.allocations.committee_room import CommitteePage, Paged
from ops.web.allocations.settling_rows import AS_PROPOSED, Row, asked_words
from ops.web.doors import SignedInRequest
from ops.workflow.errors import Refusal
from ops.workflow.selectors import Offer, offers

ROWS_A_PAGE = 50


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
    def hides_people(self) -> bool:
        """Whether the committee, before which the table is shown, does not learn who asks."""
        return self.stage == Stage.RECOMMENDED and self.call.is_dual_anonymous

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

    @property
    def _with_a_word(self) -> QuerySet[Outcome, Any]:
        return Outcome.objects.holding().filter(stage=self.stage, request__call=self.call).values("request")

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page of the table."""
        rows = self._all
        if self.only == "open":
            rows = rows.exclude(pk__in=self._with_a_word)
        return Paged(rows, ROWS_A_PAGE, self.request)

    def place_of(self, request: Request) -> str:
        """Return the address of one row, on whatever page it stands."""
        number = self._all.filter(pk__lt=request.pk).count() // ROWS_A_PAGE + 1
        page = f"?page={number}" if number > 1 else ""
        return f"{reverse(self.name, args=[self.call.pk])}{page}#row-{request.key}"

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

    def _row(
        self,
        request: Request,
        there: Mapping[tuple[int, str], Outcome],
        share: int | None,
    ) -> Row:
        is_barred = request.pk in self.barred
        newest = None if is_barred else there.get((request.pk, self.stage))
        holds = newest is not None and not newest.is_overtaken
        return Row(
            request,
            asked=() if is_barred else asked_words(request),
            proposed=None if is_barred else self.proposed(there, request),
            proposed_percent=None if is_barred else share,
            proposed_table={} if is_barred else self.tables.get(request.pk, {}),
            given=newest if holds else None,
            overtaken=None if holds else newest,
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
        return self._all.filter(pk__in=self._with_a_word).count()

    @cached_property
    def work(self) -> Job | None:
        """The long work of this page that goes on, or has failed."""
        found = self.job(self.job_kind) if self.job_kind else None
        return found if found is not None and (found.is_open or found.has_failed) else None

    @cached_property
    def fillings(self) -> list[Filling]:
        """How far each resource is given away, to the requests that the reader sees."""
        return fillings(self.call, self.stage, without=self.barred)

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
        return Grade.REDUCED, reduced_to(row.request, typed["percent"])
