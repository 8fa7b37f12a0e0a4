"""What the line of a call is drawn from, in numbers: candidates, capacities, lots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, FloatField, IntegerField, OuterRef, Subquery
from django.db.models.functions import Cast, Ceil

from ops.allocations.mathematics.line import Candidate, hash_of
from ops.allocations.mathematics.lottery import lot
from ops.allocations.models import Amount, Assessment, Call, Lottery, Ranking
from ops.allocations.models.line import PERCENT
from ops.allocations.models.requests import Verdict
from ops.allocations.ranking import ranked_requests

# Values are compared as they are shown; what looks equal is equal, and the lot decides.
DECIMALS = 2


@dataclass(frozen=True)
class Slot:
    """One capacity: of what, in which quarter, how much can be given."""

    offer_id: int
    resource: str
    unit: str
    quarter: int
    capacity: float


@dataclass(frozen=True)
class Setting:
    """Everything a line is drawn from, in numbers. `requests` are the ids of the candidates, by their keys."""

    candidates: Sequence[Candidate]
    requests: Mapping[str, int]
    slots: Sequence[Slot]
    lottery: Lottery

    @property
    def capacities(self) -> list[float]:
        """How much of each slot can be given."""
        return [slot.capacity for slot in self.slots]

    @property
    def kept_capacities(self) -> list[list[float]]:
        """The same with offer and quarter, as a line keeps them."""
        return [[slot.offer_id, slot.quarter, slot.capacity] for slot in self.slots]

    @property
    def input_hash(self) -> str:
        """Another hash, another line."""
        return hash_of(self.candidates, self.capacities)


def setting_of(call: Call, ranking: Ranking) -> Setting:
    """Read what a line is drawn from; a request that the assessors call infeasible is no candidate."""
    slots = slots_of(call)
    place = {(slot.offer_id, slot.quarter): number for number, slot in enumerate(slots)}
    latest = Assessment.objects.filter(request=OuterRef("request")).order_by("-made_at", "-pk")
    standings = (
        ranking.standings.filter(request__in=ranked_requests(call).values("pk"))
        .annotate(verdict=Subquery(latest.values("verdict")[:1]))
        .values_list("request_id", "request__key", "calibrated", "verdict")
    )
    wanted = {pk: (key, value) for pk, key, value, verdict in standings if verdict != Verdict.INFEASIBLE}
    asked = {pk: [0.0] * len(slots) for pk in wanted}
    least = dict.fromkeys(wanted, 1)
    # Numbers as the database reckons them: of six thousand amounts each would be a decimal here, to be a float next.
    percent = Cast(Ceil(PERCENT * F("minimum") / F("asked")), IntegerField())
    amounts = Amount.objects.filter(request__in=wanted, asked__gt=0).order_by()
    for pk, offer, quarter, amount, useful in amounts.values_list(
        "request_id", "offer_id", "quarter", Cast("asked", FloatField()), percent
    ):
        if (offer, quarter) in place:
            asked[pk][place[offer, quarter]] = amount
            least[pk] = max(least[pk], useful)
    lottery = Lottery.objects.get(call=call)
    lottery.call = call
    candidates = [
        Candidate(key, round(value, DECIMALS), tuple(asked[pk]), least[pk], lot(lottery.seed, key))
        for pk, (key, value) in wanted.items()
    ]
    return Setting(candidates, {key: pk for pk, (key, _) in wanted.items()}, slots, lottery)


def slots_of(call: Call) -> list[Slot]:
    """Return what a call can give of each resource in each quarter."""
    offers = call.offers.select_related("resource").prefetch_related("commitments")
    return [
        Slot(offer.pk, offer.resource.name, offer.resource.unit, quarter, float(available))
        for offer in offers
        for quarter, available in enumerate(offer.available, 1)
    ]
