"""Awards as pages and the API show them: who may see which, how each resource stands, what to claw back."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from ops.allocations import ledger
from ops.allocations.awards import plans_of
from ops.allocations.burn_down import BurnDown, Stretch
from ops.allocations.models import Request
from ops.allocations.models.awards import Award, Entry, LedgerEntry, UsageAlert
from ops.allocations.models.calls import Resource
from ops.allocations.quarters import Quarter
from ops.people.models import User
from ops.workflow.errors import NotFound

NOTHING = Decimal(0)
# Offered for claw-back: so much of the period is over, and less than this part of the plan was used.
UNUSED = Decimal("0.25")
FINE_BELOW = 1000


@dataclass(frozen=True)
class Holding:
    """One resource of one award."""

    award: Award
    resource: Resource
    given: Decimal
    used: Decimal
    left: Decimal
    is_limit: bool
    burn: BurnDown | None = None
    alerts: Sequence[int] = ()

    @property
    def percent(self) -> int:
        """How much of it is used, in percent."""
        return min(999, round(100 * self.used / self.given)) if self.given > 0 else 0

    @property
    def grouped(self) -> str:
        """How amounts that are reckoned are written (`floatformat`): of twenty terabytes the tenths count as well."""
        return "0g" if self.given >= FINE_BELOW else "-1g"

    @property
    def plain(self) -> str:
        """The same for a chart to read."""
        return "0u" if self.given >= FINE_BELOW else "-2u"

    @property
    def planned_by_now(self) -> Decimal:
        """How much of it was to be used by today."""
        return self.burn.planned_by(self.burn.today) if self.burn else NOTHING

    @property
    def proposal(self) -> Decimal:
        """What could be taken back: what the present pace would leave unused, when half the time is over."""
        burn = self.burn
        if burn is None or self.is_limit or self.left <= 0 or self.award.request.state != "active":
            return NOTHING
        length = (burn.ends_on - burn.starts_on).days + 1
        over = (burn.today - burn.starts_on).days + 1
        if over * 2 < length or burn.used >= burn.planned_by(burn.today) * UNUSED:
            return NOTHING
        return max(NOTHING, burn.granted - max(burn.at_the_end, burn.used)).quantize(Decimal("0.001"))


def awards_visible_to(reader: User) -> QuerySet[Award]:
    """Return the awards of the requests that somebody sees, the newest first."""
    rows = Award.objects.filter(request__in=Request.objects.visible_to(reader))
    return rows.select_related("request__call", "request__reporter").order_by("-pk")


def award_for(key: str, reader: User) -> Award:
    """Return the award of a request, or to which it was added.

    Raises `NotFound` where there is none that this reader may know of.
    """
    named = Q(request__key=key.upper()) | Q(additions__request__key=key.upper())
    award = awards_visible_to(reader).filter(named).first()
    if award is None:
        raise NotFound
    return award


def holdings_of(award: Award, *, today: datetime.date | None = None) -> list[Holding]:
    """Return how each resource of an award stands, with its course; a handful of queries."""
    return holdings([award], today=today)[award.pk]


def holdings(awards: Sequence[Award], *, today: datetime.date | None = None) -> Mapping[int, list[Holding]]:
    """Return how each resource of some awards stands, by award (its id)."""
    today = today or timezone.localdate(timezone=datetime.UTC)
    left, given = ledger.balances(awards), ledger.given(awards)
    resources = Resource.objects.select_related("limit").in_bulk({resource for _, resource in given})
    uses, alerts = _uses(awards), _alerts(awards)
    by_id = {award.pk: award for award in awards}
    plans = plans_of(awards)
    found: dict[int, list[Holding]] = defaultdict(list)
    for (award_id, resource_id), amount in sorted(given.items()):
        award, is_limit = by_id[award_id], resources[resource_id].is_limit
        place = award_id, resource_id
        stretches = _stretches(award, plans.get(place, []), amount)
        burn = None if is_limit else BurnDown(stretches, amount, uses[place], today)
        found[award_id].append(
            Holding(
                award,
                resources[resource_id],
                given=amount,
                used=amount - left.get(place, NOTHING),
                left=left.get(place, NOTHING),
                is_limit=is_limit,
                burn=burn,
                alerts=alerts[place],
            )
        )
    return found


def _uses(awards: Sequence[Award]) -> Mapping[tuple[int, int], list[tuple[datetime.date, Decimal]]]:
    rows = LedgerEntry.objects.filter(award__in=awards, kind=Entry.USAGE).order_by("on", "pk")
    uses: dict[tuple[int, int], list[tuple[datetime.date, Decimal]]] = defaultdict(list)
    for award, resource, on, amount in rows.values_list("award", "resource", "on", "amount"):
        uses[award, resource].append((on, -amount))
    return uses


def _alerts(awards: Sequence[Award]) -> Mapping[tuple[int, int], list[int]]:
    rows = UsageAlert.objects.filter(award__in=awards).order_by("percent")
    alerts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for award, resource, percent in rows.values_list("award", "resource", "percent"):
        alerts[award, resource].append(percent)
    return alerts


def _stretches(
    award: Award, plan: Sequence[tuple[Quarter, Decimal]], given: Decimal
) -> Sequence[Stretch]:  # fmt: skip
    """The plan by quarter, scaled to what was given meanwhile; evenly, where nothing was planned."""
    ahead = [(quarter, amount) for quarter, amount in plan if quarter.ends_on >= award.starts_on]
    planned = sum((amount for _, amount in plan), NOTHING)
    if not planned or not ahead:
        return [Stretch(award.starts_on, award.ends_on, given)]
    return [
        Stretch(max(quarter.starts_on, award.starts_on), quarter.ends_on, amount * given / planned)
        for quarter, amount in sorted(ahead, key=lambda each: each[0].starts_on)
    ]


def proposals(reader: User) -> list[Holding]:
    """Return what could be clawed back of the awards that somebody sees: offered, never taken by itself."""
    awards = list(awards_visible_to(reader).filter(request__state=Request.State.ACTIVE))
    return [holding for rows in holdings(awards).values() for holding in rows if holding.proposal > 0]
