"""The life of an award after its proposer has accepted it: opened, carried in the ledger, ended.

Called by the steps of a request (`accept`, `expire`, `revoke`) inside their transaction, and by those who keep the
ledger. The lines themselves are written by `ops.allocations.ledger`.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction

from ops.allocations import ledger
from ops.allocations.additions import KINDS, RUNNING, add, award_to_add_to
from ops.allocations.models.awards import Addition, Award, Entry
from ops.allocations.models.calls import Resource
from ops.allocations.models.decisions import Outcome, OutcomeAmount, Stage
from ops.allocations.parties import co_investigators, proposer
from ops.allocations.quarters import Quarter
from ops.allocations.quota.grouping import group_name
from ops.allocations.rules import is_operations_director, is_rac_chair, is_technical_assessor
from ops.people.authority import is_operator
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, NotFound
from ops.workflow.services import record
from ops.workflow.words import who_may

NOTHING = Decimal(0)
LONGEST_NOTE = 500

keeps_ledger = is_technical_assessor | is_rac_chair | is_operations_director | is_operator


def granted_by(outcome: Outcome) -> dict[Resource, Decimal]:
    """Return what a decision gives over the whole award period.

    What is used up is the sum of its quarters. A limit holds all the time: the largest of its quarters.
    """
    by_resource: dict[Resource, list[Decimal]] = defaultdict(list)
    for row in outcome.amounts.select_related("offer__resource__limit").order_by("offer", "quarter"):
        by_resource[row.offer.resource].append(row.amount)
    return {
        resource: max(amounts) if resource.is_limit else sum(amounts, NOTHING)
        for resource, amounts in by_resource.items()
    }


def open_award(request: Any, *, actor: User, moment: datetime.datetime) -> Award:
    """Make the award of a request and write what it begins with. Called when its proposer accepts.

    The period is that of the call; of an urgent award it begins now. What is transferred leaves the earlier award.
    A supplement or an extension is written into the ledger of the earlier award as long as that runs.
    Raises `GuardUnmet` where the earlier award has not so much left.
    """
    decided = Outcome.objects.filter(request=request, stage=Stage.DECIDED).order_by("-pk").first()
    if decided is None or not decided.gives_something:
        raise GuardUnmet(f"There is no award on {request} to accept.")
    amounts, earlier = granted_by(decided), award_to_add_to(request)
    if earlier is not None:
        return add(earlier, request, amounts, actor=actor, moment=moment)
    call, is_urgent = request.call, request.purpose == "urgent"
    starts_on = max(call.award_starts_on, moment.date()) if is_urgent else call.award_starts_on
    award = Award.objects.create(
        request=request,
        group=group_name(call.slug, int(request.key.rpartition("-")[2])),
        starts_on=min(starts_on, call.award_ends_on),
        ends_on=call.award_ends_on,
        way=Award.Way.URGENT if is_urgent else Award.Way.DURABLE,
    )
    if request.purpose == "transfer":
        _take_over(award, request.earlier, amounts, actor, moment)
    else:
        kind = KINDS.get(request.purpose, Entry.GRANT)
        note = f"Decision on {request.key}"
        ledger.grant(award, amounts, actor=actor, kind=kind, note=note, moment=moment)
    return award


def _take_over(
    award: Award, earlier: Any, amounts: dict[Resource, Decimal], actor: User, moment: datetime.datetime
) -> None:
    source = Award.objects.of(earlier) if earlier is not None else None
    if source is None:
        raise GuardUnmet("The earlier award, from which it is to be transferred, is not there.")
    for resource, amount in amounts.items():
        ledger.transfer(source, award, resource, amount, actor=actor, moment=moment)


def close_award(request: Any, *, actor: User, moment: datetime.datetime) -> None:
    """Write off what is left, at the end of the grace period or when an award is revoked."""
    award = Award.objects.filter(request=request).first()
    if award is not None:
        ledger.expire(award, actor=actor, moment=moment)


@transaction.atomic
def enter(
    request: Any,
    *,
    kind: str,
    resource: Resource,
    amount: Decimal,
    note: str,
    actor: User,
    target: Any = None,
    moment: datetime.datetime | None = None,
) -> None:
    """Give back, claw back or transfer an amount of a running award, with the reason; its history says so.

    `target` is the request whose award receives a transfer. Raises `NotAllowed`, `NotFound`, `GuardUnmet` where the
    award does not run or has less left, `InvalidInput`.
    """
    refuse_unless_keeper(actor)
    refuse_own(request, actor)
    award = running_award(request, actor)
    _refuse_unless_kind(kind)
    if resource.pk not in ledger.totals(award):
        raise InvalidInput(
            "Please correct the resource.", fields={"resource": [f"{request} was not awarded {resource}."]}
        )
    words = _note(note)
    if kind == Entry.TRANSFER_OUT:
        other = running_award(target, actor) if target is not None else None
        if other is None:
            raise InvalidInput(
                "Please correct the award.", fields={"target": ["Name the award that receives it."]}
            )
        refuse_own(target, actor)
        ledger.transfer(award, other, resource, amount, actor=actor, note=words, moment=moment)
        _tell(other.request, Entry.TRANSFER_IN, resource, amount, words, actor, moment)
    elif kind == Entry.REFUND:
        _refuse_refund_above_usage(award, resource, amount)
        ledger.post(award, resource, Entry.REFUND, amount, actor=actor, note=words, moment=moment)
    else:
        ledger.post(award, resource, Entry.CLAW_BACK, amount, actor=actor, note=words, moment=moment)
    _tell(award.request, Entry(kind), resource, amount, words, actor, moment)


def refuse_unless_keeper(actor: User) -> None:
    """Raise `NotAllowed` for somebody who does not keep the ledger."""
    if not keeps_ledger.test(actor):
        raise NotAllowed(f"Only {who_may(keeps_ledger)} may write in the ledger of an award.")


def refuse_own(request: Any, actor: User) -> None:
    """Raise `NotAllowed` for the proposer and the co-investigators, whatever else they are."""
    if actor.pk in request.party_ids:
        raise NotAllowed(f"You have a part in {request}; somebody else keeps its ledger and sets it up.")


def running_award(request: Any, actor: User) -> Award:
    """Return the award of a request as far as somebody may know of it.

    Raises `NotFound`, and `GuardUnmet` where there is none or it has ended.
    """
    seen = type(request).objects.visible_to(actor).filter(pk=request.pk).exists()
    award = Award.objects.of(request) if seen else None
    if not seen:
        raise NotFound
    if award is None or award.request.state not in RUNNING:
        raise GuardUnmet(f"{request} has no award that runs.")
    return award


def _refuse_refund_above_usage(award: Award, resource: Resource, amount: Decimal) -> None:
    ledger.lock(award)
    used = ledger.used_net(award, resource)
    if amount > used:
        raise GuardUnmet(
            f"{used.normalize():,f} {resource.unit} were used and not refunded yet; more cannot be given back."
        )


def _refuse_unless_kind(kind: str) -> None:
    if kind not in {Entry.REFUND, Entry.CLAW_BACK, Entry.TRANSFER_OUT}:
        raise InvalidInput(
            "Please correct the kind.", fields={"kind": ["Choose refund, claw_back or transfer_out."]}
        )


def _note(text: str) -> str:
    words = str(text).strip()
    if not words or len(words) > LONGEST_NOTE or "\x00" in words:
        raise InvalidInput(
            "Please correct the note.",
            fields={"note": [f"Write the reason in at most {LONGEST_NOTE} characters."]},
        )
    return words


def _tell(
    request: Any,
    kind: Entry,
    resource: Resource,
    amount: Decimal,
    note: str,
    actor: User,
    moment: datetime.datetime | None,
) -> None:
    said = f"{kind.label}: {amount.normalize():,f} {resource.unit} of {resource.name.lower()}"
    record(
        request,
        kind.value,
        actor=actor,
        changes={"ledger": {"old": None, "new": said}},
        tells=(proposer, co_investigators),
        reason=note,
        moment=moment,
    )


def plans_of(awards: Iterable[Award]) -> dict[tuple[int, int], list[tuple[Quarter, Decimal]]]:
    """Return by award and resource (their ids) the amounts decided for each quarter, its additions included.

    Two queries for any number.
    """
    by_request = {award.request_id: award.pk for award in awards}
    added = Addition.objects.filter(award__in=by_request.values()).exclude(request__state="revoked")
    by_request |= dict(added.values_list("request", "award"))
    decided = Outcome.objects.current().filter(stage=Stage.DECIDED, request__in=by_request)
    rows = OutcomeAmount.objects.filter(outcome__in=decided).order_by("offer", "quarter")
    plans: dict[tuple[int, int], list[tuple[Quarter, Decimal]]] = defaultdict(list)
    for row in rows.select_related("outcome", "offer__call"):
        quarters = {quarter.number: quarter for quarter in row.offer.call.quarters}
        if row.quarter in quarters:
            place = by_request[row.outcome.request_id], row.offer.resource_id
            plans[place].append((quarters[row.quarter], row.amount))
    return plans
