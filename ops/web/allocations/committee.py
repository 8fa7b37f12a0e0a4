"""Requests as the committee reads them: the list of a call, one request, its files, one's own conflict with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.attached import as_reviewers_read
from ops.allocations.conflicts import (
    DeclarationForm,
    declare_conflict,
    request_to_judge,
    take_back_declaration,
)
from ops.allocations.models import Conflict, Request, Review
from ops.allocations.rules import is_rac_member
from ops.allocations.sight import (
    Sight,
    all_as_committee_sees,
    as_committee_sees,
    before_the_committee,
    request_before,
)
from ops.tickets.models import Attachment
from ops.web.allocations.committee_room import CommitteePage, answered, call_for, members_only
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.workflow.errors import NotFound

REQUESTS_A_PAGE = 50


@dataclass(frozen=True)
class ReadRow:
    """One request in the list of a member: what they may know of it, and their own review of it."""

    sight: Sight
    state_label: str
    phase: str
    review: Review | None
    url: str


class CommitteeRequests(CommitteePage):
    """The requests of a call, as one member may read them."""

    name = "committee-requests"

    @cached_property
    def page(self) -> Page:
        """The requests of this page of the list."""
        rows = before_the_committee(self.call).select_related("call")
        return Paginator(rows, REQUESTS_A_PAGE).get_page(self.request.GET.get("page"))

    @cached_property
    def rows(self) -> list[ReadRow]:
        """What the reader may know of each; the number of queries does not grow."""
        requests = list(self.page.object_list)
        reviews = Review.objects.visible_to(self.reader).filter(reviewer=self.reader, request__in=requests)
        own = {review.request_id: review for review in reviews.exclude(state=Review.State.RETURNED)}
        return [
            ReadRow(
                sight,
                request.state_label,
                request.phase.value,
                own.get(request.pk),
                reverse("committee-request", args=[self.call.pk, request.key]),
            )
            for request, sight in zip(requests, all_as_committee_sees(requests, self.reader), strict=True)
        ]


@members_only
@require_safe
def requests(request: SignedInRequest, pk: int) -> HttpResponse:
    """List the requests of a call."""
    page = CommitteeRequests(request, call_for(request, pk))
    return render(request, "allocations/committee_requests.html", {"page": page, "call": page.call})


class CommitteeRequest(CommitteePage):
    """One request, as one member may read it."""

    name = "committee-requests"

    def __init__(self, request: SignedInRequest, asked: Request) -> None:
        super().__init__(request, asked.call)
        self.asked = asked

    @cached_property
    def sight(self) -> Sight:
        """What the reader may know of it."""
        return as_committee_sees(self.asked, self.reader)

    @property
    def files(self) -> list[dict[str, Any]]:
        """What was attached, with where it is fetched."""
        return [
            {**file, "url": reverse("committee-file", args=[self.call.pk, self.sight.key, number])}
            for number, file in enumerate(self.sight.files, 1)
        ]

    @cached_property
    def reviews(self) -> Sequence[Review]:
        """The reviews that the reader sees: those of the others once their own is sent."""
        if self.sight.is_title_only:
            return ()
        rows = Review.objects.visible_to(self.reader).filter(request=self.asked)
        return list(
            rows.exclude(state__in=[Review.State.DECLINED, Review.State.RETURNED]).select_related("reviewer")
        )

    @property
    def own(self) -> Review | None:
        """The reader's own review."""
        return next((review for review in self.reviews if review.reviewer_id == self.reader.pk), None)

    @property
    def declared(self) -> Conflict | None:
        """The conflict that the reader has declared, to take it back."""
        return next(
            (bar for bar in self.sight.barred_by if bar.kind == Conflict.Kind.DECLARED and bar.pk), None
        )


def request_of(request: SignedInRequest, pk: int, key: str) -> Request:
    """Return the request of an address, for a member before whom it is; raises `NotFound`."""
    asked = request_before(request.user, key)
    if asked.call_id != pk:
        raise NotFound
    return asked


@members_only
@require_safe
def one(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Show a request to a member of the committee; to one with a conflict, its title alone.

    The browser keeps no copy: whoever is recused later finds nothing in its history.
    """
    page = CommitteeRequest(request, request_of(request, pk, key))
    response = render(request, "allocations/committee_request.html", {"page": page, "call": page.call})
    response["Cache-Control"] = "no-store"
    return response


@members_only
@require_safe
def file(request: SignedInRequest, pk: int, key: str, number: int) -> FileResponse:
    """Give a file of the version that is judged, under a name that does not say who asks where that is hidden."""
    page = CommitteeRequest(request, request_of(request, pk, key))
    files = page.sight.files
    if not 1 <= number <= len(files):
        raise NotFound
    chosen = files[number - 1]
    kept = Attachment.objects.filter(pk=chosen["id"], ticket_id=page.sight.pk).first()
    if kept is None:
        raise NotFound
    ending = f".{kept.name.rpartition('.')[2]}" if page.sight.hides_people else ""
    content = as_reviewers_read(kept, hides_people=page.sight.hides_people)
    response = FileResponse(content, as_attachment=True, filename=f"{chosen['name']}{ending}")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class DeclareConflict(DeskForm):
    """One's own conflict with a request."""

    @property
    def asked(self) -> Request:
        """The request of the address: before a member of the committee, or before whoever decides on it."""
        asked = request_to_judge(self.request.user, self.kwargs["key"])
        if asked.call_id != self.kwargs["pk"]:
            raise NotFound
        return asked

    def carry_out(self) -> Conflict:
        """Declare it."""
        return declare_conflict(
            self.asked, actor=self.request.user, evidence=self.request.POST.get("evidence", "")
        )

    def answer(self, done: Conflict) -> HttpResponse:
        """Show what is left to see."""
        place = "committee-requests" if is_rac_member(self.request.user) else "call"
        address = reverse(place, args=[self.kwargs["pk"]])
        return answered(self.request, address, f"You are recused from {done.request.key}.")

    @property
    def _back(self) -> str:
        pk, key = self.kwargs["pk"], self.kwargs["key"]
        is_member = is_rac_member(self.request.user)
        return (
            reverse("committee-request", args=[pk, key])
            if is_member
            else reverse("call-decisions", args=[pk])
        )

    def context(self) -> dict[str, Any]:
        """The form."""
        pk, key = self.kwargs["pk"], self.asked.key
        form = DeclarationForm(self.typed)
        return {
            "heading": f"A conflict with {key}",
            "form": form,
            "action": reverse("declare-conflict", args=[pk, key]),
            "send": "Recuse me",
            "back": self._back,
            "can_send": True,
        }


@signed_in
@require_POST
def take_back(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Take back a conflict that the reader has declared."""
    own = Conflict.objects.open().filter(person=request.user, kind=Conflict.Kind.DECLARED)
    declared = own.filter(request__key=key.upper(), request__call=pk).first()
    if declared is None:
        raise NotFound
    take_back_declaration(declared, actor=request.user)
    is_member = is_rac_member(request.user)
    address = (
        reverse("committee-request", args=[pk, key]) if is_member else reverse("call-decisions", args=[pk])
    )
    return answered(request, address, "You are not recused any more; ask the chair if you were to review it.")
