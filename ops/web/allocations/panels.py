"""What is particular to the pages of a call and of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from ops.allocations.award_rules import TOLD
from ops.allocations.content import people_of, rows_of
from ops.allocations.involvement import decided_by
from ops.allocations.models import Assessment, Award, Call, Offer, Request
from ops.allocations.quarters import Quarter
from ops.allocations.rules import (
    is_assessor_for_it,
    is_being_written,
    is_chair_for_it,
    is_decider_for_it,
    is_director,
    is_operations_director,
    is_proposer,
    is_rac_chair,
    is_rac_member,
    is_technical_assessor,
)
from ops.people.models import User
from ops.web.allocations.mending import PLACES


class RequestPanel:
    """A request for one reader of its circle."""

    def __init__(self, request: Request, reader: User | AnonymousUser) -> None:
        self.request, self.reader = request, reader

    @cached_property
    def content(self) -> dict[str, Any]:
        """What it says: now, to those who write it, while they do; as it was sent last, to all others."""
        is_written = is_being_written(self.reader, self.request)
        people = people_of(self.request) if is_written or not self.versions else ()
        if self.versions and self.reader not in people:
            content: dict[str, Any] = self.versions[-1].content
            return content
        return rows_of(self.request, people)

    @property
    def write_url(self) -> str:
        """Where its proposer goes on writing, while they have it before them."""
        if not (is_proposer(self.reader, self.request) and is_being_written(self.reader, self.request)):
            return ""
        return reverse("check-request", args=[self.request.key])

    @property
    def letter_url(self) -> str:
        """Where the decision is read, once it is told."""
        return reverse("result-letter", args=[self.request.key]) if self.request.state in TOLD else ""

    @property
    def award_url(self) -> str:
        """Where the award is looked after, once there is one."""
        award = Award.objects.of(self.request)
        return reverse("award", args=[award.request.key]) if award else ""

    @property
    def assess_url(self) -> str:
        """Where it is assessed, for those who may and while it waits for it."""
        waits = self.request.state in {Request.State.SUBMITTED, Request.State.ASSESSED}
        may = waits and is_assessor_for_it(self.reader, self.request)
        return reverse("assess-request", args=[self.request.key]) if may else ""

    @property
    def settle(self) -> tuple[str, str] | None:
        """Where the reader recommends or decides on it, while they hold it; in a word, and the address."""
        state = self.request.state
        may = is_decider_for_it if state == Request.State.RECOMMENDED else is_chair_for_it
        holds_an_office = is_rac_chair | is_operations_director | is_director
        place = self.request.workplace
        if place is None or not holds_an_office.test(self.reader) or not may(self.reader, self.request):
            return None
        return place.label, PLACES["request", place.about](self.request)

    @property
    def conflicts_url(self) -> str:
        """Where the chair sees who must not judge it."""
        if not is_rac_chair(self.reader) or self.reader.pk in self.request.conflicted_ids:
            return ""
        return reverse("call-conflicts", args=[self.request.call_id])

    @property
    def committee_url(self) -> str:
        """Where a member of its circle who sits in the committee reads it as the committee does."""
        is_inside = is_rac_member(self.reader) and self.reader.pk not in self.request.conflicted_ids
        if not is_inside or self.request.submitted_at is None:
            return ""
        return reverse("committee-request", args=[self.request.call_id, self.request.key])

    @cached_property
    def assessments(self) -> list[Assessment]:
        """What the assessors said, the latest last."""
        rows = self.request.assessments.select_related("assessor", "snapshot")
        return list(rows) if self.request.submitted_at else []

    @property
    def shows_internal_notes(self) -> bool:
        """Whether the reader sees what the assessors told the committee: never who asks."""
        may = (
            is_technical_assessor(self.reader)
            or is_rac_chair(self.reader)
            or is_decider_for_it(self.reader, self.request)
        )
        return may and self.reader.pk not in self.request.party_ids

    @cached_property
    def versions(self) -> Sequence[Any]:
        """How it stood each time it was sent."""
        return list(self.request.snapshots.order_by("number")) if self.request.submitted_at else []


@dataclass(frozen=True)
class OfferLine:
    """One resource of a call: what there is of it in each quarter."""

    offer: Offer
    available: Sequence[Decimal]


class CallPanel:
    """A call for one reader."""

    def __init__(self, call: Call, reader: User | AnonymousUser) -> None:
        self.call, self.reader = call, reader

    @property
    def quarters(self) -> list[Quarter]:
        """The quarters of the award period."""
        return self.call.quarters

    @cached_property
    def offers(self) -> list[OfferLine]:
        """What is on offer."""
        offers = self.call.offers.select_related("resource").prefetch_related("commitments")
        return [OfferLine(offer, offer.available) for offer in offers]

    @cached_property
    def criteria(self) -> list[tuple[Any, int]]:
        """What is judged by, each with its share of the whole in percent."""
        criteria = list(self.call.criteria.all())
        total = sum(criterion.weight for criterion in criteria) or 1
        return [(criterion, round(100 * criterion.weight / total)) for criterion in criteria]

    @cached_property
    def questions(self) -> list[Any]:
        """What the form asks beside."""
        return list(self.call.questions.all())

    @property
    def ask_url(self) -> str:
        """Where a request to this call is begun, while it takes any."""
        if not self.call.takes_requests(timezone.now()) or not self.reader.is_authenticated:
            return ""
        return f"{reverse('new-request')}?call={self.call.slug}"

    @property
    def set_up_url(self) -> str:
        """Where what it offers and asks is set, while it is prepared."""
        may = is_rac_chair(self.reader) or is_operations_director(self.reader)
        is_prepared = self.call.state == Call.State.DRAFT
        return reverse("set-up-call", args=[self.call.pk]) if may and is_prepared else ""

    @property
    def recommendations_url(self) -> str:
        """Where the chair writes down what the committee recommends."""
        is_time = self.call.state not in {Call.State.DRAFT, Call.State.CLOSED}
        may = is_time and is_rac_chair(self.reader)
        return reverse("call-recommendations", args=[self.call.pk]) if may else ""

    @property
    def decisions_url(self) -> str:
        """Where the Operations Director decides."""
        is_time = self.call.is_standing or self.call.state in {
            Call.State.RANKED, Call.State.DECIDED, Call.State.PUBLISHED,
        }  # fmt: skip
        may = is_time and (is_operations_director(self.reader) or self._decides_some)
        return reverse("call-decisions", args=[self.call.pk]) if may else ""

    @property
    def _decides_some(self) -> bool:
        """Whether the reader is the Director, who decides where the Operations Director must not."""
        if not isinstance(self.reader, User):
            return False
        return is_director(self.reader) and self.call.requests.filter(decided_by(self.reader)).exists()

    @property
    def requests_url(self) -> str:
        """Where the committee reads the requests."""
        return reverse("committee-requests", args=[self.call.pk]) if is_rac_member(self.reader) else ""
