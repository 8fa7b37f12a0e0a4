"""Who reviews what in a call: the match with its reasons, changes by the chair, reviews handed out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.handing_out import pair_by_hand, unpair
from ops.allocations.matching import KEPT, OPEN, REVIEWED_IN, pairs_of, planned
from ops.allocations.models import Call, Expertise, Pairing, Request, Review
from ops.allocations.reviewing import Load, Loads
from ops.allocations.sight import request_before
from ops.allocations.works import HAND_OUT, MATCH
from ops.jobs.models import Job
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.web.allocations.committee_room import (
    CommitteeForm,
    CommitteePage,
    Paged,
    answered,
    begin,
    call_for,
    chair_only,
)
from ops.web.doors import SignedInRequest
from ops.workflow.errors import NotFound
from ops.workflow.forms import LookupField

REQUESTS_A_PAGE = 15
MOST_LOADS = 15
PLANNED = "planned"
WORDS = {
    PLANNED: ("Planned", "open"),
    Review.State.ASSIGNED: ("Asked", "waiting"),
    Review.State.ACCEPTED: ("Accepted", "active"),
    Review.State.SUBMITTED: ("Sent", "good_end"),
}


@dataclass(frozen=True)
class Pair:
    """One reviewer of one request: planned, asked, accepted or sent; and why the two fit."""

    person: User
    why: str
    state: str
    pairing: Pairing | None

    @property
    def label(self) -> str:
        """Where it stands, in a word."""
        return WORDS[self.state][0]

    @property
    def phase(self) -> str:
        """The colour of that."""
        return WORDS[self.state][1]

    @property
    def may_go(self) -> bool:
        """Whether the chair may take it out here: nobody has accepted it."""
        return self.pairing is not None and self.state not in KEPT


@dataclass
class Reviewed:
    """A request and who reviews it; by its title alone for a chair with a conflict."""

    request: Request
    wanted: int
    is_title_only: bool
    pairs: list[Pair] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many reviewers it still needs."""
        return max(0, self.wanted - len(self.pairs))


class Assignment(CommitteePage):
    """The page on which the chair distributes the reviews of a call."""

    name = "call-reviewers"

    @cached_property
    def _requests(self) -> QuerySet[Request]:
        rows = Request.objects.filter(call=self.call, state__in=REVIEWED_IN).order_by("pk")
        return rows.filter(pk__in=self._short) if self.only_short else rows

    @property
    def only_short(self) -> bool:
        """Whether only requests that need reviewers are shown."""
        return self.request.GET.get("short") == "yes"

    @property
    def _short(self) -> list[int]:
        there = Counter(request for request, _ in pairs_of(self.call))
        rows = Request.objects.filter(call=self.call, state__in=REVIEWED_IN).values_list("pk", flat=True)
        return [pk for pk in rows if there[pk] < self.call.reviews_wanted]

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page of the list."""
        return Paged(self._requests, REQUESTS_A_PAGE, self.request)

    @cached_property
    def rows(self) -> list[Reviewed]:
        """The requests of this page with their reviewers; two queries, however many there are."""
        requests = self.paged.rows
        pairings: dict[int, dict[int, Pairing]] = defaultdict(dict)
        reviews: dict[int, dict[int, Review]] = defaultdict(dict)
        shown = [request.pk for request in requests if request.pk not in self.barred]
        for pairing in planned(self.call).filter(request__in=shown).select_related("reviewer"):
            pairings[pairing.request_id][pairing.reviewer_id] = pairing
        for review in Review.objects.filter(request__in=shown, state__in=OPEN).select_related("reviewer"):
            reviews[review.request_id][review.reviewer_id] = review
        return [
            Reviewed(
                request, self.call.reviews_wanted, request.pk in self.barred,
                _pairs(pairings[request.pk], reviews[request.pk]),
            )
            for request in requests
        ]  # fmt: skip

    @cached_property
    def _loads(self) -> Loads:
        return Loads(self.call)

    @cached_property
    def loads(self) -> list[tuple[Load, Sequence[str]]]:
        """Those who have most, with what they know about; the others are on the board of the load."""
        shown = self._loads[:MOST_LOADS]
        people = [load.person.pk for load in shown]
        knows = dict(Expertise.objects.filter(person__in=people).values_list("person_id", "keywords"))
        return [(load, knows.get(load.person.pk, ())) for load in shown]

    @property
    def members(self) -> int:
        """How many members there are."""
        return len(self._loads)

    @cached_property
    def to_hand_out(self) -> int:
        """How many planned pairs are no reviews yet."""
        asked = Review.objects.filter(
            request=OuterRef("request"), reviewer=OuterRef("reviewer"), state__in=OPEN
        )
        return planned(self.call).filter(~Exists(asked)).count()

    @property
    def has_plan(self) -> bool:
        """Whether anything is planned."""
        return self._loads.are_planned

    @cached_property
    def matching(self) -> Job | None:
        """The newest match."""
        return self.job(MATCH)

    @cached_property
    def handing_out(self) -> Job | None:
        """The newest handing out."""
        return self.job(HAND_OUT)

    @property
    def limits_in_the_way(self) -> Sequence[str]:
        """Why the last match could not be made; what is about a request that the reader must not judge, unnamed."""
        limits = self.matching.result.get("limits", ()) if self.matching and not self.matching.is_open else ()
        return [
            limit["words"]
            if not self.barred & set(limit["requests"]) or len(limit["requests"]) == self.paged.total
            else "Requests with which you have a conflict cannot be given enough reviewers; ask another chair."
            for limit in limits
        ]


def _pairs(pairings: dict[int, Pairing], reviews: dict[int, Review]) -> list[Pair]:
    found = []
    for person_id in {**reviews, **pairings}:
        review, pairing = reviews.get(person_id), pairings.get(person_id)
        person = review.reviewer if review else pairing.reviewer  # type: ignore[union-attr]
        why = (review.why if review else "") or (pairing.why if pairing else "")
        found.append(Pair(person, why, review.state if review else PLANNED, pairing))
    return sorted(found, key=lambda pair: pair.person.name)


@chair_only
@require_safe
def reviewers(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show who reviews what, why, and how much everybody has."""
    page = Assignment(request, call_for(request, pk))
    return render(request, "allocations/reviewers.html", {"page": page, "call": page.call})


@chair_only
@require_POST
def match(request: SignedInRequest, pk: int) -> HttpResponse:
    """Match reviewers and requests anew."""
    return begin(request, MATCH, call_for(request, pk), "call-reviewers", "Looking for the best match.")


@chair_only
@require_POST
def hand_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the planned reviewers."""
    return begin(
        request, HAND_OUT, call_for(request, pk), "call-reviewers", "The reviews are being handed out."
    )


@chair_only
@require_POST
def take_out(request: SignedInRequest, pk: int, pairing_id: int) -> HttpResponse:
    """Take a pair out of the plan."""
    call = call_for(request, pk)
    pairing = (
        Pairing.objects.filter(pk=pairing_id, call=call).select_related("request__call", "reviewer").first()
    )
    if pairing is None:
        raise NotFound
    unpair(pairing, actor=request.user)
    words = f"{pairing.reviewer.name} is not planned for {pairing.request.key} any more."
    return answered(request, _at(call, pairing.request), words)


def _at(call: Call, asked: Request) -> str:
    return f"{reverse('call-reviewers', args=[call.pk])}#{asked.key}"


class PairForm(forms.Form):
    """Somebody to review a request."""

    reviewer = LookupField(User, label="Reviewer", help_text="A member of the committee, by username.")


class AddReviewer(CommitteeForm):
    """A reviewer chosen by the chair."""

    def carry_out(self) -> Pairing:
        """Plan it."""
        asked = request_before(self.request.user, self.kwargs["key"])
        return pair_by_hand(asked, cleaned(self._form())["reviewer"], actor=self.request.user)

    def _form(self) -> PairForm:
        form = PairForm(self.typed)
        form.fields["reviewer"].narrow_to(self.request.user)  # type: ignore[attr-defined]
        return form

    def answer(self, done: Pairing) -> HttpResponse:
        """Show the list as it is now."""
        words = f"{done.reviewer.name} is planned for {done.request.key}."
        return answered(self.request, _at(done.request.call, done.request), words)

    def context(self) -> dict[str, Any]:
        """The form."""
        call = call_for(self.request, self.kwargs["pk"])
        form = self._form()
        if self.refusal:
            form.full_clean()
            for name, sentences in self.refusal.fields.items():
                if name in form.fields and name not in form.errors:
                    form.add_error(name, sentences)
        return {
            "heading": f"A reviewer for {self.kwargs['key'].upper()}",
            "form": form,
            "action": reverse("add-reviewer", args=[call.pk, self.kwargs["key"]]),
            "send": "Plan this review",
            "back": reverse("call-reviewers", args=[call.pk]),
            "can_send": True,
        }
