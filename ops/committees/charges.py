"""What a committee is for, version by version."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.committees.forms import ChargeForm
from ops.committees.models import Charge, Committee
from ops.committees.rules import is_director
from ops.people.authority import is_lead
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.workflow import errors

may_charge = is_director | is_lead


@transaction.atomic
def write_charge(
    committee: Committee,
    *,
    actor: User,
    data: Mapping[str, Any],
    version: int | None = None,
    moment: datetime.datetime | None = None,
) -> Charge:
    """Give a committee another charge; the one before stays. The same text again makes no version.

    `version` is the number of the charge that was read. Raises `NotAllowed`, `Stale`, `InvalidInput`.
    """
    if not may_charge.test(actor):
        raise errors.NotAllowed("Only the Director or the lead community scientist may change a charge.")
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)
    current = committee.charge
    number = current.number if current else 0
    if version is not None and version != number:
        raise errors.Stale(
            "Somebody else has changed the charge in the meantime. Look at it, then send yours again."
        )
    values = cleaned(ChargeForm(data))
    if current is not None and current.text == values["text"]:
        return current
    return Charge.objects.create(
        committee=committee, number=number + 1, author=actor, created_at=moment or timezone.now(), **values
    )
