"""What the decisions of a call take of what it offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ops.allocations.models.decisions import Outcome, OutcomeAmount, Stage
from ops.workflow.errors import GuardUnmet

if TYPE_CHECKING:
    from ops.allocations.models.calls import Call, Offer

NOTHING = Decimal(0)
# A request that has ended without an award takes nothing, whatever was decided on it.
TAKES_NOTHING = ("withdrawn", "lapsed", "revoked")


@dataclass(frozen=True)
class Filling:
    """One resource in one quarter: what there is, what decisions give of it, and what is held back."""

    offer: Offer
    quarter: int
    capacity: Decimal
    committed: Decimal
    given: Decimal
    # Given to requests of which the reader must not know: in no number, but not to be given twice.
    unseen: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        """What is still to be given, reserve included; below zero where more is given than there is."""
        return self.capacity - self.committed - self.given

    @property
    def takes_reserve(self) -> bool:
        """Whether the decisions reach into what is held back."""
        return self.left < self.offer.reserve

    @property
    def is_exceeded(self) -> bool:
        """Whether more is given than there is, what the reader does not see included."""
        return self.left < self.unseen

    @property
    def percent(self) -> int:
        """How much of the capacity is taken, commitments included."""
        return round(100 * (self.capacity - self.left) / self.capacity) if self.capacity else 0


def fillings(
    call: Call, stage: Stage = Stage.DECIDED, *, without: Collection[int] = frozenset()
) -> list[Filling]:
    """Return how far each resource is given away in each quarter; a handful of queries for any call.

    `without` are the ids of requests of which the reader must not know.
    """
    given: dict[tuple[int, int], Decimal] = defaultdict(lambda: NOTHING)
    unseen = given.copy()
    current = Outcome.objects.current().filter(request__call=call, stage=stage)
    rows = OutcomeAmount.objects.filter(outcome__in=current.exclude(request__state__in=TAKES_NOTHING))
    for row in rows.order_by().select_related("outcome"):
        sums = unseen if row.outcome.request_id in without else given
        sums[row.offer_id, row.quarter] += row.amount
    offers = call.offers.select_related("resource").prefetch_related("commitments")
    return [
        Filling(offer, number, capacity, committed, given[offer.pk, number], unseen[offer.pk, number])
        for offer in offers
        for number, (capacity, committed) in enumerate(zip(offer.capacity, offer.committed, strict=True), 1)
    ]


def refuse_above_capacity(call: Call) -> None:
    """Raise `GuardUnmet`, naming every quarter in which decisions give more than there is.

    The row of the call is locked first: of two decisions at once, the second counts the first.
    """
    type(call).objects.select_for_update(no_key=True).get(pk=call.pk)
    exceeded = [filling for filling in fillings(call) if filling.is_exceeded]
    if exceeded:
        raise GuardUnmet(" ".join(sentence(filling) for filling in exceeded))


def sentence(filling: Filling) -> str:
    """Say by how much a quarter is exceeded."""
    resource = filling.offer.resource
    return (
        f"{resource} in quarter {filling.quarter}: {-filling.left.normalize():,f} {resource.unit} more are given "
        "than there are."
    )
