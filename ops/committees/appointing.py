"""The slate before the Director: waivers of rules that it breaks, and its approval seat by seat."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from ops.committees.forms import WaiverForm
from ops.committees.models import Committee, Seat, Waiver
from ops.committees.rules import is_director, sits_on
from ops.committees.slates import Slate, slate_of
from ops.people.authority import is_lead
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.workflow import errors
from ops.workflow.services import perform


def may_see_slates(reader: User, committee: Committee) -> bool:
    """Whether somebody knows of nominations: the advisory committee, the Director and the leads."""
    return sits_on(reader, committee.parent) or (is_director | is_lead).test(reader)


def may_waive(actor: User, committee: Committee) -> bool:
    """Whether somebody may waive a rule: the advisory committee that proposes, and the Director who decides."""
    return sits_on(actor, committee.parent) or is_director.test(actor)


@transaction.atomic
def waive(
    committee: Committee,
    day: datetime.date,
    *,
    rule: int,
    reason: str,
    actor: User,
    moment: datetime.datetime | None = None,
) -> Waiver:
    """Record why the slate of a day may break a rule; it holds for the breach as it is now, and for no other.

    Raises `NotAllowed`, `NotFound` for a rule that the slate does not break, and `InvalidInput` without a reason.
    """
    if not may_waive(actor, committee):
        raise errors.NotAllowed(
            "Only the advisory committee or the Director may waive a rule of composition."
        )
    # Two who waive the same breach at once wait for each other here; the second finds it waived.
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=committee.pk)
    finding = next((each for each in slate_of(committee, day).findings if each.rule.pk == rule), None)
    if finding is None or finding.is_met:
        raise errors.NotFound("The slate meets this rule, or there is no such rule: nothing is to be waived.")
    text = cleaned(WaiverForm({"reason": reason}))["reason"]
    if finding.waiver is not None:
        return finding.waiver
    return Waiver.objects.create(
        committee=committee,
        rule=finding.rule,
        begins_on=day,
        breach=finding.breach,
        reason=text,
        waived_by=actor,
        waived_at=moment or timezone.now(),
    )


@transaction.atomic
def approve_slate(committee: Committee, day: datetime.date, *, actor: User) -> list[Seat]:
    """Approve every seat that waits on the slate of a day, all or none; return them.

    Raises what `perform` raises, and `NotFound` where nobody waits.
    """
    waiting = committee.seats.filter(state=Seat.State.ON_SLATE, begins_on=day).order_by("pk")
    approved = [perform(seat, "approve", actor=actor) for seat in waiting]
    if not approved:
        raise errors.NotFound("Nobody waits for approval on this slate.")
    return approved


def slate_for(reader: User, committee: Committee, day: datetime.date) -> Slate:
    """Return a slate as somebody whom it concerns sees it; raises `NotAllowed` for everybody else."""
    if not may_see_slates(reader, committee):
        raise errors.NotAllowed("Only the advisory committee, the Director and the leads see a slate.")
    return slate_of(committee, day)
