"""Supplements and extensions: written into the ledger of the award they go on from, whose end they may move."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ops.allocations import ledger
from ops.allocations.models.awards import Addition, Award, Entry
from ops.allocations.models.calls import Resource
from ops.people.models import User
from ops.workflow.services import perform

NOTHING = Decimal(0)
KINDS = {"supplement": Entry.SUPPLEMENT, "extension": Entry.EXTENSION}
# In these states an award has a ledger in which something may happen.
RUNNING = ("accepted", "provisioning", "active", "grace")
# These have a last day that moves with the award.
DATED = ("active", "grace")


def award_to_add_to(request: Any) -> Award | None:
    """Return the award into whose ledger a request is written; None where it opens one of its own."""
    if request.purpose not in KINDS or request.earlier_id is None:
        return None
    award = Award.objects.of(request.earlier)
    return award if award is not None and award.request.state in RUNNING else None


def add(
    award: Award, request: Any, amounts: Mapping[Resource, Decimal], *, actor: User, moment: datetime.datetime
) -> Award:
    """Write what was decided into the ledger of an award that runs, and move its last day where it reaches further.

    The award has to be enforced anew before the request is active.
    """
    ledger.lock(award)
    kind = KINDS[request.purpose]
    ends_on = max(award.ends_on, request.call.award_ends_on) if kind == Entry.EXTENSION else award.ends_on
    given = {resource: _more(award, resource, amount, kind) for resource, amount in amounts.items()}
    ledger.grant(award, given, actor=actor, kind=kind, note=f"Decision on {request.key}", moment=moment)
    Addition.objects.create(
        award=award,
        request=request,
        ends_on=ends_on,
        given={resource.slug: str(amount) for resource, amount in given.items() if amount > 0},
    )
    award.enforcement = Award.Enforcement.PENDING
    award.save(update_fields=["enforcement"])
    _move_last_day(award, ends_on, moment)
    return award


def _more(award: Award, resource: Resource, amount: Decimal, kind: Entry) -> Decimal:
    """What is added: of a limit, which holds all the time, an extension only what the award has not yet.

    A supplement of a limit adds what lies above the basic quota, as two awards together would.
    """
    if not resource.is_limit:
        return amount
    there = ledger.balance(award, resource)
    if kind == Entry.SUPPLEMENT and there > 0:
        return max(NOTHING, amount - resource.basic_quota)
    return max(NOTHING, amount - there)


def take_back(request: Any, *, actor: User, moment: datetime.datetime) -> None:
    """Take back what a request has added and what is left of it; the award ends as if it had not been there."""
    addition = Addition.objects.select_related("award__request__call").get(request=request.pk)
    award = addition.award
    ledger.lock(award)
    for resource in Resource.objects.filter(slug__in=addition.given):
        amount = min(Decimal(addition.given[resource.slug]), ledger.balance(award, resource))
        if amount > 0:
            note = f"{request.key} was revoked"
            ledger.post(award, resource, Entry.CLAW_BACK, amount, actor=actor, note=note, moment=moment)
    others = award.additions.exclude(pk=addition.pk).exclude(request__state="revoked")
    reached = others.values_list("ends_on", flat=True)
    last = max([award.request.call.award_ends_on, *reached])
    _move_last_day(award, max(last, min(award.ends_on, moment.date())), moment)


def _move_last_day(award: Award, day: datetime.date, moment: datetime.datetime) -> None:
    """Let the award, and every request that lives on it, end on another day."""
    if day == award.ends_on:
        return
    award.ends_on = day
    award.save(update_fields=["ends_on"])
    requests = [award.request, *(each.request for each in award.additions.select_related("request__call"))]
    for request in requests:
        if request.state in DATED:
            perform(request, "reschedule", actor=User.objects.system(), moment=moment)
