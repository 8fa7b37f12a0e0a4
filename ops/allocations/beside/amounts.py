"""How much of each resource is asked for, in which quarter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ops.allocations.beside.refusal import Change, refused
from ops.allocations.content import plain
from ops.allocations.models.calls import Offer
from ops.people.models import User
from ops.workflow.forms import RowsField

LARGEST = Decimal("99999999999")
_AMOUNT = re.compile(r"\s*(?P<number>[+-]?[\d\s,_']*\.?\d+(?:[eE][+-]?\d+)?)\s*(?P<unit>\D.*)?")


def amount_from(value: Any, offer: Offer, what: str) -> Decimal:
    """Read an amount of what is on offer; raises `ValidationError` with a sentence that names it.

    A unit may stand behind the number if it is the resource's own: 500 GB are not 500 TB-months.
    """
    unit = offer.resource.unit
    match = _AMOUNT.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if match is None or isinstance(value, bool):
        raise ValidationError(f"{what}: “{value}” is not an amount; write a number of {unit}.")
    given = (match["unit"] or "").strip()
    if given and given.casefold() != unit.casefold():
        raise ValidationError(
            f"{what} is counted in {unit}; “{value}” is in {given}. Write a number of {unit}."
        )
    try:
        amount = Decimal(re.sub(r"[\s,_']", "", match["number"]))
    except InvalidOperation:
        raise ValidationError(f"{what}: “{value}” is not an amount; write a number of {unit}.") from None
    if amount < 0:
        raise ValidationError(f"{what}: an amount cannot be negative; write a number of {unit}.")
    if amount > LARGEST:
        raise ValidationError(f"{what}: {value} is more than there can be.")
    return amount.quantize(Decimal("0.001"))


class AmountsBeside:
    """How much is asked for: `[{"resource", "quarter", "asked", "minimum"}]`; what is not named is not asked for."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return RowsField(
            required=False,
            label="Amounts",
            help_text="One row per resource and quarter: resource, quarter (from 1), asked, minimum.",
        )

    def shown(self, request: Any, reader: User) -> Any:
        """Return the rows that are there."""
        if request.pk is None:
            return []
        rows = request.amounts.select_related("offer__resource")
        return [
            {
                "resource": row.offer.resource.slug,
                "quarter": row.quarter,
                "asked": plain(row.asked),
                "minimum": plain(row.minimum),
            }
            for row in rows
        ]

    def keep(self, request: Any, value: list[dict[str, Any]], actor: User) -> Change:
        """Replace the rows; raises `InvalidInput` with a sentence for each that is wrong."""
        offers = {offer.resource.slug: offer for offer in request.call.offers.select_related("resource")}
        wanted: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
        problems: list[str] = []
        for row in value:
            try:
                offer, quarter, asked, minimum = _read_row(row, offers, len(request.call.quarters))
            except ValidationError as problem:
                problems += problem.messages
            else:
                if (offer.pk, quarter) in wanted:
                    problems.append(f"{offer.resource.name}, quarter {quarter}: given twice; give each once.")
                elif asked:
                    wanted[offer.pk, quarter] = (asked, minimum)
        if problems:
            raise refused("amounts", problems)
        before = self.shown(request, actor)
        request.amounts.all().delete()
        request.amounts.bulk_create(
            request.amounts.model(
                request=request, offer_id=offer, quarter=quarter, asked=asked, minimum=minimum
            )
            for (offer, quarter), (asked, minimum) in wanted.items()
        )
        after = self.shown(request, actor)
        return {"old": _lines(before), "new": _lines(after)} if before != after else None


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    """The rows in words, for the history."""
    return [
        f"{row['resource']}, quarter {row['quarter']}: {row['asked']}, at least {row['minimum']}"
        for row in rows
    ]


def _read_row(
    row: Mapping[str, Any], offers: Mapping[str, Offer], quarters: int
) -> tuple[Offer, int, Decimal, Decimal]:
    known = {"resource", "quarter", "asked", "minimum"}
    if unknown := sorted(set(row) - known):
        raise ValidationError(f"An amount has no “{unknown[0]}”; it has {', '.join(sorted(known))}.")
    offer = offers.get(str(row.get("resource", "")))
    if offer is None:
        names = ", ".join(sorted(offers)) or "none"
        raise ValidationError(
            f"“{row.get('resource', '')}” is not on offer in this call; these are: {names}."
        )
    quarter = row.get("quarter")
    if isinstance(quarter, bool) or not isinstance(quarter, int) or not 1 <= quarter <= quarters:
        raise ValidationError(f"{offer.resource.name}: the quarter is a number from 1 to {quarters}.")
    what = f"{offer.resource.name}, quarter {quarter}"
    asked = amount_from(row.get("asked", 0), offer, what)
    minimum = amount_from(row.get("minimum", 0) or 0, offer, f"{what}, minimum")
    most, unit = offer.most_in(quarter), offer.resource.unit
    if asked > most:
        raise ValidationError(
            f"{what}: {asked.normalize():,f} {unit} are more than the {most.normalize():,f} that may be asked for."
        )
    if minimum > asked:
        raise ValidationError(
            f"{what}: the least that is of use ({plain(minimum)}) is more than what is asked for ({plain(asked)})."
        )
    return offer, quarter, asked, minimum
