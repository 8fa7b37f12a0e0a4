"""What the committee makes of the line: each departure with its reason, all of them within what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import DecimalField, F, FloatField, Sum, Value
from django.db.models.functions import Cast

from ops.allocations.given import Amounts, accepted, asked_of, is_nothing, percent_of
from ops.allocations.line_setting import slots_of
from ops.allocations.lines import SETTLED, is_settled
from ops.allocations.models import Adjustment, Amount, Call, Line, Place
from ops.allocations.models.decisions import Grade
from ops.allocations.models.line import PERCENT
from ops.allocations.rules import is_rac_chair
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, Stale

LONGEST_REASON = 5_000
ROUNDING = 1e-6


def adjust(
    place: Place,
    *,
    reason: str,
    expected: int,
    actor: User,
    percent: int | None = None,
    amounts: Amounts | None = None,
) -> Adjustment:
    """Give a request something else than the line does, and keep why: a share of everything, or `amounts`.

    `expected` is what it was given, in percent, when the actor looked. Refused: without a reason, by a chair with a
    conflict, a share below the minimum useful amount, more than was asked, beyond a capacity, on a line that another
    has replaced. Amounts set one by one may lie below what is useful: the reason says why.
    """
    _refuse_without_reason(reason)
    with transaction.atomic():
        now = _locked(place)
        _refuse_unless_open(now, actor)
        if now.given != expected:
            raise Stale("Somebody else has adjusted this request meanwhile; look at it again.")
        if now.line_id != Line.objects.filter(call=now.line.call_id).values_list("pk", flat=True).first():
            raise Stale("A newer line has been drawn; adjust that one.")
        given, amounts = _share(now, percent) if amounts is None else _settled(now, amounts, reason)
        _refuse_beyond_capacity(now.line, now, given, amounts)
        now.given, now.amounts = given, _kept(amounts)
        now.save(update_fields=["given", "amounts"])
        return Adjustment.objects.create(
            place=now, before=expected, after=given, amounts=now.amounts, reason=reason.strip(), made_by=actor
        )


def _locked(place: Place) -> Place:
    # Whoever adjusts, draws the line or decides the call waits here for the others: adjustments must fit together,
    # none may be lost while a line is drawn, and none comes after the decision.
    call = Call.objects.select_for_update(of=("self",), no_key=True).get(lines__places=place)
    now = Place.objects.select_related("line", "request").get(pk=place.pk)
    now.line.call = now.request.call = call
    return now


def _refuse_unless_open(place: Place, actor: User) -> None:
    if not is_rac_chair(actor) or actor.pk in place.request.conflicted_ids:
        raise NotAllowed("Only the RAC chair, without a conflict, may adjust the line.")
    if is_settled(place.line.call):
        raise GuardUnmet(SETTLED)


def _refuse_without_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("Say why.", fields={"reason": ["Say why the committee departs from the line."]})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput("Too long.", fields={"reason": [f"At most {LONGEST_REASON:,} characters."]})


def _share(place: Place, percent: int | None) -> tuple[int, None]:
    if percent is None or (percent != 0 and not place.least <= percent <= PERCENT):
        right = f"Give nothing (0), or {place.least} to {PERCENT} percent: less is of no use to the request."
        raise InvalidInput("That share cannot be given.", fields={"percent": [right]})
    return percent, None


def _settled(place: Place, amounts: Amounts, reason: str) -> tuple[int, Amounts | None]:
    """Amounts as a share, and themselves where they are none; all and nothing are shares."""
    if is_nothing(amounts):
        return 0, None
    given = accepted(place.request, Grade.REDUCED, amounts, reason=reason)
    if given == asked_of(place.request):
        return PERCENT, None
    return min(max(percent_of(place.request, given), 1), PERCENT - 1), given


def _kept(amounts: Amounts | None) -> list[list[object]] | None:
    if amounts is None:
        return None
    return [[offer, quarter, str(amount)] for (offer, quarter), amount in sorted(amounts.items())]


def _refuse_beyond_capacity(line: Line, place: Place, percent: int, amounts: Amounts | None) -> None:
    taken = taken_by_slot(line)
    asked = asked_of(place.request)
    before, after = _table(asked, place.given, place.table), _table(asked, percent, amounts)
    slots = {(slot.offer_id, slot.quarter): slot for slot in slots_of(line.call)}
    sentences = []
    for where, amount in after.items():
        more = float(amount - before.get(where, 0))
        total, slot = taken.get(where, 0.0) + more, slots.get(where)
        if more > 0 and slot is not None and total > slot.capacity + ROUNDING:
            sentences.append(
                f"{slot.resource}, quarter {slot.quarter}: {total:,.1f} of {slot.capacity:,.1f} {slot.unit} would be "
                "given. Reduce another request first."
            )
    if sentences:
        field = "percent" if amounts is None else "amounts"
        raise InvalidInput("That is more than there is.", fields={field: sentences})


def _table(asked: Amounts, percent: int, amounts: Amounts | None) -> Amounts:
    return amounts or {where: amount * percent / PERCENT for where, amount in asked.items()}


def taken_by_slot(line: Line, *, without: Collection[int] = ()) -> dict[tuple[int, int], float]:
    """Sum what the committee gives, by offer and quarter; two queries for any number of requests.

    `without` are the ids of requests of which the reader must not know.
    """
    shared = Amount.objects.filter(
        request__places__line=line, request__places__amounts__isnull=True, asked__gt=0
    ).exclude(request__in=without)
    given = F("asked") * F("request__places__given") / Value(PERCENT, DecimalField())
    sums = shared.order_by().values("offer", "quarter").annotate(total=Cast(Sum(given), FloatField()))
    taken: dict[tuple[int, int], float] = {(row["offer"], row["quarter"]): row["total"] for row in sums}
    for table in (table for pk, table in tables_of(line).items() if pk not in without):
        for where, amount in table.items():
            taken[where] = taken.get(where, 0.0) + float(amount)
    return {where: total for where, total in taken.items() if total}


def shares_of(line: Line) -> dict[int, int]:
    """Return what the committee gives each request, in percent of what it asks, by its id."""
    return dict(line.places.values_list("request_id", "given"))


def tables_of(line: Line) -> Mapping[int, Amounts]:
    """Return, by request (its id), the amounts of those for which the committee has set them one by one."""
    return {place.request_id: place.table for place in line.places.filter(amounts__isnull=False)}


def reasons_of(line: Line) -> Mapping[int, str]:
    """Return why, by request (its id), the committee gives something else than the line; what was said last."""
    said = Adjustment.objects.filter(place__line=line).order_by("pk")
    return dict(said.values_list("place__request_id", "reason"))
