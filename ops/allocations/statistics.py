"""The figures of a call that everybody may know: what was asked and awarded, by resource, quarter and kind.

Nothing of a single request can be read from them too early: what was asked for is shown when the call has closed,
what was awarded when its results are published.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from ops.allocations.decisions import results_are_public
from ops.allocations.models import Amount, Call, Outcome, OutcomeAmount, Request
from ops.allocations.models.decisions import Stage
from ops.tabular.writing import guarded

NOTHING = Decimal(0)
NOT_COUNTED = (Request.State.DRAFT, Request.State.WITHDRAWN)
ASKED_IS_SHOWN = (
    Call.State.CLOSED, Call.State.UNDER_REVIEW, Call.State.RANKED, Call.State.DECIDED, Call.State.PUBLISHED,
)  # fmt: skip


@dataclass
class Figure:
    """What was asked of something, what there was, what was awarded; None stands for what is not told."""

    asked: Decimal = NOTHING
    available: Decimal | None = None
    awarded: Decimal | None = None

    @property
    def oversubscription(self) -> Decimal | None:
        """How many times over what there was has been asked for."""
        return (self.asked / self.available).quantize(Decimal("0.01")) if self.available else None

    def add(self, other: Figure) -> None:
        """Count another one with it."""
        self.asked += other.asked
        if other.available is not None:
            self.available = (self.available or NOTHING) + other.available
        if other.awarded is not None:
            self.awarded = (self.awarded or NOTHING) + other.awarded


@dataclass
class ResourceFigures:
    """One resource of a call: in all, by quarter, by kind of request."""

    name: str
    unit: str
    total: Figure = field(default_factory=Figure)
    quarters: dict[int, Figure] = field(default_factory=dict)
    purposes: dict[str, Figure] = field(default_factory=dict)


@dataclass
class KindFigures:
    """One kind of request: how many came, how many were given something."""

    name: str
    requests: int = 0
    awarded: int | None = None


@dataclass
class CallFigures:
    """All figures of a call that may be shown now."""

    call: Call
    requests: int = 0
    awarded: int | None = None
    kinds: list[KindFigures] = field(default_factory=list)
    resources: list[ResourceFigures] = field(default_factory=list)

    @property
    def shows_amounts(self) -> bool:
        """Whether it is told yet what was asked for."""
        return self.call.state in ASKED_IS_SHOWN or self.call.is_standing

    @property
    def shows_awards(self) -> bool:
        """Whether the results are out."""
        return results_are_public(self.call)


def figures_of(call: Call) -> CallFigures:
    """Count a call; the number of queries does not grow with its requests."""
    found = CallFigures(call)
    counted = Request.objects.filter(call=call).exclude(state__in=NOT_COUNTED)
    granted = _granted(call) if found.shows_awards else None
    _count_requests(found, counted, granted)
    if found.shows_amounts:
        _count_amounts(found, counted, granted)
    return found


def _granted(call: Call) -> QuerySet[Outcome]:
    decided = Outcome.objects.current().filter(request__call=call, stage=Stage.DECIDED)
    # Of a standing call only what its proposers have been told.
    return decided.exclude(grade="none").exclude(
        request__state__in=(*NOT_COUNTED, "recommended", "under_appeal")
    )


def _count_requests(
    found: CallFigures, counted: QuerySet[Request], granted: QuerySet[Outcome] | None
) -> None:
    asked = dict(counted.values_list("purpose").annotate(count=Count("pk")).order_by())
    given: dict[str, int] | None = None
    if granted is not None:
        given = dict(granted.values_list("request__purpose").annotate(count=Count("pk")).order_by())
    found.kinds = [
        KindFigures(str(purpose.label), asked[purpose], None if given is None else given.get(purpose, 0))
        for purpose in Request.Purpose
        if purpose in asked
    ]
    found.requests = sum(asked.values())
    found.awarded = None if given is None else sum(given.values())


def _count_amounts(found: CallFigures, counted: QuerySet[Request], granted: QuerySet[Outcome] | None) -> None:
    offers = {
        offer.pk: offer
        for offer in found.call.offers.select_related("resource").prefetch_related("commitments")
    }
    resources = {
        pk: ResourceFigures(offer.resource.name, offer.resource.unit) for pk, offer in offers.items()
    }
    unknown = None if granted is None else NOTHING
    for pk, offer in offers.items():
        for quarter, available in enumerate(offer.available, 1):
            resources[pk].quarters[quarter] = Figure(available=available, awarded=unknown)
    for (pk, quarter, purpose), cell in sorted(_cells(counted, granted).items()):
        resources[pk].quarters[quarter].add(cell)
        label = str(Request.Purpose(purpose).label)
        resources[pk].purposes.setdefault(label, Figure(awarded=unknown)).add(cell)
    for each in resources.values():
        for of_quarter in each.quarters.values():
            each.total.add(of_quarter)
    found.resources = list(resources.values())


def _cells(
    counted: QuerySet[Request], granted: QuerySet[Outcome] | None
) -> dict[tuple[int, int, str], Figure]:
    """Sum by offer, quarter and kind of request."""
    cells: dict[tuple[int, int, str], Figure] = {}
    asked = Amount.objects.filter(request__in=counted).values_list("offer", "quarter", "request__purpose")
    for offer, quarter, purpose, total in asked.annotate(total=Sum("asked")).order_by():
        cells.setdefault((offer, quarter, purpose), Figure()).asked = total
    if granted is not None:
        given = OutcomeAmount.objects.filter(outcome__in=granted)
        rows = given.values_list("offer", "quarter", "outcome__request__purpose")
        for offer, quarter, purpose, total in rows.annotate(total=Sum("amount")).order_by():
            cells.setdefault((offer, quarter, purpose), Figure()).awarded = total
    return cells


HEADINGS = ("resource", "unit", "quarter", "kind", "asked", "available", "awarded", "oversubscription")


def rows_of(figures: CallFigures) -> Iterator[tuple[str, ...]]:
    """Return the figures as rows under `HEADINGS`: in all, by quarter, by kind; what is not told yet is empty."""
    for each in figures.resources:
        yield _row(each, "all", "all", each.total)
        for number, quarter in each.quarters.items():
            yield _row(each, str(number), "all", quarter)
        for purpose, figure in each.purposes.items():
            yield _row(each, "all", purpose, figure)


def _row(each: ResourceFigures, quarter: str, kind: str, figure: Figure) -> tuple[str, ...]:
    numbers = (figure.asked, figure.available, figure.awarded, figure.oversubscription)
    return (
        each.name,
        each.unit,
        quarter,
        kind,
        *("" if number is None else f"{number:f}" for number in numbers),
    )


def as_csv(figures: CallFigures) -> str:
    """Return the rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows((guarded(name), guarded(unit), *rest) for name, unit, *rest in rows_of(figures))
    return text.getvalue()
