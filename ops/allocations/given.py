"""How much of what a request asks for is given: in full, a share of everything, or amount by amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from ops.allocations.models import Request
from ops.allocations.models.decisions import Grade
from ops.tabular.numbers import whole_number
from ops.workflow.errors import InvalidInput

Amounts = Mapping[tuple[int, int], Decimal]
"""Amounts by offer (its id) and quarter."""

NOTHING = Decimal(0)
WHOLE = 100
STEP = Decimal("0.001")
WRONG = "Please correct the amounts."


def asked_of(request: Request) -> dict[tuple[int, int], Decimal]:
    """Return what a request asks for."""
    return {(row.offer_id, row.quarter): row.asked for row in request.amounts.all() if row.asked > 0}


def share_of(request: Request, percent: int) -> dict[tuple[int, int], Decimal]:
    """Return a part of what a request asks for, but of each amount at least what is of any use."""
    return {
        (row.offer_id, row.quarter): max(
            row.minimum, (row.asked * percent / WHOLE).quantize(STEP, ROUND_DOWN)
        )
        for row in request.amounts.all()
        if row.asked > 0
    }


def reduced_to(request: Request, share: object) -> dict[tuple[int, int], Decimal]:
    """Return a part of what a request asks for, of a share as people and programs write it: 60, “60 %”.

    Raises `InvalidInput` for what is no share: nothing and everything have grades of their own.
    """
    percent = whole_number(str(share).strip().removesuffix("%"))
    if percent is None or not 0 < percent < WHOLE:
        raise InvalidInput(
            "Please correct the share.", fields={"share": [f"Write a share from 1 to {WHOLE - 1} percent."]}
        )
    return share_of(request, percent)


def percent_of(request: Request, amounts: Amounts) -> int:
    """Return how much of all that is asked some amounts give: the mean over what is asked, in percent."""
    parts = [amounts.get(place, NOTHING) / asked for place, asked in asked_of(request).items()]
    return round(WHOLE * sum(parts, NOTHING) / len(parts)) if parts else 0


def is_nothing(amounts: Amounts) -> bool:
    """Whether no amount gives anything."""
    return not any(amounts.values())


def is_one_share(request: Request, amounts: Amounts) -> bool:
    """Whether some amounts are the same share of everything that is asked for."""
    return dict(amounts) == share_of(request, percent_of(request, amounts))


def drawn(request: Request, percent: int, amounts: Amounts | None = None) -> tuple[str, Amounts | None]:
    """Return what the line gives, as a grade and the amounts of a reduced award.

    The line gives a share of everything, or `amounts` where the committee has set them one by one.
    """
    if percent <= 0:
        return Grade.NONE, None
    if amounts:
        return Grade.REDUCED, amounts
    return (Grade.FULL, None) if percent >= WHOLE else (Grade.REDUCED, share_of(request, percent))


def accepted(request: Request, grade: str, amounts: Amounts | None, *, reason: str) -> Amounts:
    """Return what an award of this grade gives.

    Raises `InvalidInput` where a reduced award gives more than was asked, nothing at all, or, without a `reason`,
    less than is of any use.
    """
    if grade not in Grade.values:
        raise InvalidInput(
            "Please correct the award.", fields={"grade": [f"Choose one of {', '.join(Grade.values)}."]}
        )
    if grade == Grade.NONE:
        return {}
    if grade == Grade.FULL:
        return asked_of(request)
    problems = list(_problems(request, amounts or {}, has_reason=bool(reason.strip())))
    if problems:
        raise InvalidInput(WRONG, fields={"amounts": problems})
    return {place: amount for place, amount in (amounts or {}).items() if amount > 0}


def _problems(request: Request, amounts: Amounts, *, has_reason: bool) -> Iterable[str]:
    rows = {(row.offer_id, row.quarter): row for row in request.amounts.select_related("offer__resource")}
    if any(amount > 0 and (place not in rows or not rows[place].asked) for place, amount in amounts.items()):
        yield "Only what was asked for can be given."
    for place, row in rows.items():
        amount, unit = amounts.get(place, NOTHING), row.offer.resource.unit
        name = f"{row.offer.resource}, quarter {row.quarter}"
        if not amount.is_finite() or amount < 0 or amount != amount.quantize(STEP):
            yield f"{name}: write an amount from 0 up, with at most three digits after the point."
        elif amount > row.asked:
            yield f"{name}: {row.asked.normalize():,f} {unit} were asked for, not more."
        elif amount < row.minimum and not has_reason:
            yield (
                f"{name}: below {row.minimum.normalize():,f} {unit} it is of no use to them; "
                "give as much, or write in the reason why less is right."
            )
    if not any(amount > 0 for amount in amounts.values()):
        yield "A reduced award gives something; choose “No award” where it gives nothing."


def read_amounts(request: Request, rows: Any) -> dict[tuple[int, int], Decimal]:
    """Read amounts as people and programs write them: resource (its slug), quarter, amount.

    Raises `InvalidInput`, naming the row, for what cannot be read.
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidInput(WRONG, fields={"amounts": ["Give a list of resource, quarter and amount."]})
    offers = {
        row.offer.resource.slug: row.offer_id for row in request.amounts.select_related("offer__resource")
    }
    quarters = range(1, len(request.call.quarters) + 1)
    found: dict[tuple[int, int], Decimal] = {}
    problems = []
    for number, row in enumerate(rows, 1):
        offer, quarter, amount = (
            offers.get(str(row.get("resource"))),
            row.get("quarter"),
            _read(row.get("amount")),
        )
        if offer is None:
            problems.append(f"Row {number}: the request asks for {', '.join(sorted(offers))}.")
        elif isinstance(quarter, bool) or quarter not in quarters:
            problems.append(f"Row {number}: the quarter is one of 1 to {len(quarters)}.")
        elif amount is None:
            problems.append(
                f"{row['resource']}, quarter {quarter}: write a decimal number, such as 1200 or 2.5."
            )
        elif (offer, quarter) in found:
            problems.append(f"{row['resource']}, quarter {quarter}: given twice; give each once.")
        else:
            found[offer, quarter] = amount
    if problems:
        raise InvalidInput(WRONG, fields={"amounts": problems})
    return found


def _read(amount: Any) -> Decimal | None:
    if isinstance(amount, bool) or not isinstance(amount, str | int | float):
        return None
    try:
        read = Decimal(str(amount).strip().replace("\N{NO-BREAK SPACE}", "").replace(",", ""))
    except InvalidOperation:
        return None
    return read if read.is_finite() and len(str(amount)) <= 20 else None
