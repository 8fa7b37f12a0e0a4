"""What a call offers, is judged by and asks: set while it is prepared, and as it is from the day it opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from ops.allocations.models import Call, Commitment, Criterion, Offer, Question
from ops.allocations.rules import is_operations_director, is_rac_chair
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import record

PARTS: Mapping[str, type[Model]] = {"offer": Offer, "criterion": Criterion, "question": Question}


def _prepared(call: Call, actor: User) -> Call:
    """Lock a call that may still be changed; raises `NotAllowed`, or `IllegalTransition` once it is open."""
    if not (is_rac_chair(actor) or is_operations_director(actor)):
        raise errors.NotAllowed("Only the RAC chair or the Operations Director may prepare a call.")
    # Somebody may open it while somebody else changes what it offers.
    locked = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if locked.state != Call.State.DRAFT:
        raise errors.IllegalTransition(
            f"{locked} is {locked.state_label.lower()}: proposers have read what it says."
        )
    return locked


@transaction.atomic
def keep_part(part: Any, *, actor: User) -> Any:
    """Keep an offer, a criterion or a question of a call, new or changed; a new one stands last."""
    call = _prepared(part.call, actor)
    if part.pk is None and hasattr(part, "position"):
        last = type(part).objects.filter(call=call).aggregate(last=Max("position"))["last"]
        part.position = 0 if last is None else last + 1
    part.save()
    name = part._meta.model_name
    record(call, "set_up", actor=actor, changes={name: {"old": None, "new": str(part)}})
    return part


@transaction.atomic
def drop_part(part: Any, *, actor: User) -> None:
    """Take an offer, a criterion or a question out of a call."""
    call = _prepared(part.call, actor)
    name, words = part._meta.model_name, str(part)
    part.delete()
    record(call, "set_up", actor=actor, changes={name: {"old": words, "new": None}})


@transaction.atomic
def copy_parts(source: Call, call: Call, *, actor: User) -> Call:
    """Take over what another call offered, was judged by and asked, in place of what stands there.

    Capacities of quarters that the other call did not have are those of its last one.
    """
    locked = _prepared(call, actor)
    count = len(locked.quarters)
    for part in PARTS.values():
        part._default_manager.filter(call=locked).delete()
    for name, part in PARTS.items():
        copies = []
        for row in part._default_manager.filter(call=source):
            row.pk, row.call = None, locked  # type: ignore[attr-defined]
            if name == "offer":
                row.capacity = [*row.capacity, *[row.capacity[-1]] * count][:count]  # type: ignore[attr-defined]
            copies.append(row)
        part._default_manager.bulk_create(copies)
    record(locked, "set_up", actor=actor, changes={"copied_from": {"old": None, "new": source.slug}})
    return locked


@transaction.atomic
def commit_capacity(commitment: Commitment, *, actor: User) -> Commitment:
    """Note what an award of an earlier call takes of a quarter."""
    offer = commitment.offer
    call = _prepared(offer.call, actor)
    count = len(offer.capacity)
    if not 1 <= commitment.quarter <= count:
        raise errors.InvalidInput(
            "Please correct quarter.", fields={"quarter": [f"The quarter is a number from 1 to {count}."]}
        )
    commitment.save()
    record(call, "set_up", actor=actor, changes={"commitment": {"old": None, "new": str(commitment)}})
    return commitment
