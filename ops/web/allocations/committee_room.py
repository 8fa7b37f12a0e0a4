"""What the committee's pages of a call share: who may come in, the way from one to the other, long work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from rules import Predicate

from ops.allocations.models import Call
from ops.allocations.reviewing import Loads
from ops.allocations.rules import is_director, is_operations_director, is_rac_chair, is_rac_member
from ops.allocations.sight import barred_from
from ops.jobs import services
from ops.jobs.models import Job
from ops.jobs.selectors import latest
from ops.web.doors import SignedInRequest, View, only_for
from ops.web.finding import record_for
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts

NOT_KEPT = "no-store"


def _for(who: Predicate, what: str) -> Callable[[View], View]:
    """Let some people in; whoever is recused tomorrow finds nothing in the history of their browser."""

    def door(view: View) -> View:
        guarded = only_for(who, what)(view)

        @wraps(view)
        def unkept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = guarded(request, *args, **kwargs)
            response["Cache-Control"] = NOT_KEPT
            return response

        return unkept

    return door


committee_only = _for(is_rac_member | is_operations_director, "see what the committee works on")
members_only = _for(is_rac_member, "take part in the work of the committee")
chair_only = _for(is_rac_chair, "do this")


class CommitteeForm(DeskForm):
    """A form of the committee: no browser keeps it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and say that the answer is not to be kept."""
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = NOT_KEPT
        return response


def call_for(request: HttpRequest, pk: int) -> Call:
    """Return the call of an address, as far as this reader may know of it."""
    call: Call = record_for(request, Call.workflow.kind, pk)
    return call


class CommitteePage:
    """One page of a call for the committee: what this reader must not see is known from the beginning."""

    name = ""

    def __init__(self, request: SignedInRequest, call: Call) -> None:
        self.request, self.reader, self.call = request, request.user, call

    @cached_property
    def barred(self) -> set[int]:
        """The ids of the requests that the reader sees by their titles only."""
        return barred_from(self.call, self.reader)

    @property
    def is_chair(self) -> bool:
        """Whether the reader chairs the committee today."""
        return is_rac_chair(self.reader)

    @property
    def is_member(self) -> bool:
        """Whether the reader sits in the committee today."""
        return is_rac_member(self.reader)

    @property
    def tabs(self) -> Sequence[dict[str, Any]]:
        """The committee's pages of this call."""
        own = [("committee-requests", "Requests"), ("call-wishes", "Wishes")] if self.is_member else []
        decides = is_operations_director(self.reader)
        is_inside = self.is_member or decides
        decides = decides or is_director(self.reader)
        chairs = [
            ("call-conflicts", "Conflicts"),
            ("call-reviewers", "Reviewers"),
            ("call-load", "Load"),
        ]
        pages = [
            *own,
            *(chairs if self.is_chair else []),
            *([("call-panel", "Panel"), ("call-line", "The line")] if is_inside else []),
            *([("call-recommendations", "Recommendations")] if self.is_chair else []),
            *([("call-decisions", "Decisions")] if decides else []),
            ("call-figures", "Figures"),
        ]
        return [
            {
                "label": label,
                "url": reverse(name, args=[self.call.pk]),
                "count": None,
                "current": name == self.name,
            }
            for name, label in pages
        ]

    def job(self, kind: str) -> Job | None:
        """The newest long work of a kind about this call."""
        return latest(kind, self.call)


class Paged:
    """Some rows of a list, and the ways to the others."""

    def __init__(self, rows: QuerySet[Any] | Sequence[Any] | Loads, size: int, request: HttpRequest) -> None:
        pages: Paginator[Any] = Paginator(rows, size)  # type: ignore[arg-type]  # a length and slices will do
        self._page = pages.get_page(request.GET.get("page"))
        self._query = request.GET

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of this page."""
        return list(self._page.object_list)

    @property
    def first(self) -> int:
        """The number of its first row."""
        return self._page.start_index()

    @property
    def total(self) -> int:
        """How many there are on all pages."""
        return self._page.paginator.count

    @property
    def has_others(self) -> bool:
        """Whether there are more than fit on one page."""
        return self._page.has_other_pages()

    @property
    def range(self) -> str:
        """Which rows are shown, of how many."""
        if not self.total:
            return ""
        return f"{self.first:,}\N{EN DASH}{self._page.end_index():,} of {self.total:,}"

    @property
    def previous(self) -> str:
        """The address of the page before, or nothing."""
        return self._at(self._page.number - 1) if self._page.has_previous() else ""

    @property
    def following(self) -> str:
        """The address of the page after, or nothing."""
        return self._at(self._page.number + 1) if self._page.has_next() else ""

    def _at(self, number: int) -> str:
        query = self._query.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"


def begin(
    request: SignedInRequest, kind: str, call: Call, back: str, words: str, data: dict[str, Any] | None = None
) -> HttpResponse:
    """Have long work done, and lead back to the page that shows how far it is."""
    services.start(kind, actor=request.user, about=call, data=data)
    return answered(request, reverse(back, args=[call.pk]), words)


def answered(request: SignedInRequest, address: str, words: str) -> HttpResponse:
    """Lead to a page, and say there what was done."""
    toasts.say(request, words)
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
