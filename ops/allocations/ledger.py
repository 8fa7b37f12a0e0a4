"""The ledger of an award: the only writer of its lines.

A balance is the sum of the lines and is never negative: who takes away waits for the row of the award and counts
again. Lines are never changed; a mistake is mended by another line.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from ops.allocations.models.awards import Award, Entry, LedgerEntry
from ops.allocations.models.calls import Resource
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput

PLACES = 3
NOTHING = Decimal(0)
LARGEST = Decimal(10) ** 12


def lock(*awards: Award) -> None:
    """Wait until nobody else writes in the ledgers of these awards, in the order of their numbers.

    Without it two who take away at once would each see the balance as it was before the other.
    """
    rows = Award.objects.filter(pk__in=[award.pk for award in awards]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def balance(award: Award, resource: Resource) -> Decimal:
    """Return what is left of a resource: the sum of its lines."""
    lines = LedgerEntry.objects.filter(award=award, resource=resource)
    return lines.aggregate(total=Sum("amount"))["total"] or NOTHING


def balances(awards: Iterable[Award]) -> dict[tuple[int, int], Decimal]:
    """Return the balance for each award and resource, both by id; one query for any number."""
    return LedgerEntry.objects.filter(award__in=list(awards)).balances()


def totals(award: Award) -> dict[int, tuple[Decimal, Decimal]]:
    """Return for each resource, by id, what was given to it (all lines but usage) and what was used."""
    rows = LedgerEntry.objects.filter(award=award).order_by().values("resource").annotate(
        given=Sum("amount", filter=~Q(kind=Entry.USAGE)), used=Sum("amount", filter=Q(kind=Entry.USAGE))
    )  # fmt: skip
    return {row["resource"]: (row["given"] or NOTHING, -(row["used"] or NOTHING)) for row in rows}


def given(awards: Iterable[Award]) -> dict[tuple[int, int], Decimal]:
    """Return what was given for each award and resource, both by id: all lines but usage."""
    return LedgerEntry.objects.filter(award__in=list(awards)).exclude(kind=Entry.USAGE).balances()


def used_net(award: Award, resource: Resource) -> Decimal:
    """Return what was used of a resource and not given back since."""
    lines = LedgerEntry.objects.filter(award=award, resource=resource, kind__in=[Entry.USAGE, Entry.REFUND])
    return -(lines.aggregate(total=Sum("amount"))["total"] or NOTHING)


@transaction.atomic
def post(
    award: Award,
    resource: Resource,
    kind: Entry,
    amount: Decimal,
    *,
    actor: User,
    on: datetime.date | None = None,
    note: str = "",
    source_id: str | None = None,
    moment: datetime.datetime | None = None,
) -> LedgerEntry:
    """Write one line. `amount` is above zero; its kind says whether it adds or takes away.

    Raises `InvalidInput` for an amount that is none, `GuardUnmet` where less than that is left.
    """
    amount = _accepted(amount)
    moment = moment or timezone.now()
    if not kind.adds:
        lock(award)
        _refuse_more_than(balance(award, resource), amount, award, resource)
    return LedgerEntry.objects.create(
        award=award,
        resource=resource,
        kind=kind,
        amount=amount if kind.adds else -amount,
        on=on or moment.date(),
        note=note,
        source_id=source_id,
        entered_by=actor,
        entered_at=moment,
    )


@transaction.atomic
def grant(
    award: Award,
    amounts: Mapping[Resource, Decimal],
    *,
    actor: User,
    kind: Entry = Entry.GRANT,
    note: str = "",
    moment: datetime.datetime | None = None,
) -> None:
    """Write what an award begins with, or what is added to it; nothing for an amount of zero."""
    for resource, amount in amounts.items():
        if amount > 0:
            post(award, resource, kind, amount, actor=actor, note=note, moment=moment)


@transaction.atomic
def transfer(
    source: Award, target: Award, resource: Resource, amount: Decimal, *, actor: User, note: str = "",
    moment: datetime.datetime | None = None,
) -> None:  # fmt: skip
    """Move an amount from one award to another: out of the one and into the other, or neither."""
    if source.pk == target.pk:
        raise InvalidInput(
            "Please correct the award.",
            fields={"target": ["An award gives nothing to itself; name another."]},
        )
    lock(source, target)
    post(
        source, resource, Entry.TRANSFER_OUT, amount, actor=actor, note=note or f"To {target}", moment=moment
    )
    post(
        target, resource, Entry.TRANSFER_IN, amount, actor=actor, note=note or f"From {source}", moment=moment
    )


@transaction.atomic
def expire(award: Award, *, actor: User, moment: datetime.datetime | None = None) -> None:
    """Write off what is left of everything; afterwards every balance is zero."""
    lock(award)
    left = balances([award])
    resources = Resource.objects.in_bulk([resource for _, resource in left])
    for (_, resource), amount in sorted(left.items()):
        if amount > 0:
            post(award, resources[resource], Entry.EXPIRY, amount, actor=actor, moment=moment)


def _accepted(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount <= 0 or amount >= LARGEST or round(amount, PLACES) != amount:
        raise InvalidInput(
            "Please correct the amount.",
            fields={"amount": [f"Write an amount above zero, with at most {PLACES} digits after the point."]},
        )
    return round(amount, PLACES)


def _refuse_more_than(left: Decimal, amount: Decimal, award: Award, resource: Resource) -> None:
    if amount > left:
        raise GuardUnmet(
            f"{award} has {left.normalize():,f} {resource.unit} of {resource.name.lower()} left; "
            f"{amount.normalize():,f} cannot be taken from it."
        )
