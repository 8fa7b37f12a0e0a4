"""Days away: said by the person, or by a lead for them; the rotation goes around them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ops.people.authority import is_community_scientist, is_lead_member
from ops.people.models import User
from ops.watch.forms import LeaveForm
from ops.watch.models import WEEK, Leave, WatchWeek
from ops.workflow.errors import InvalidInput, NotAllowed


def take_leave(*, actor: User, data: Mapping[str, Any]) -> Leave:
    """Note that a community scientist is away. Raises `NotAllowed` for anybody else, `InvalidInput` for bad days.

    Weeks that were planned before stay as they are: `weeks_during` names those to be given away.
    """
    refuse_leave_to_others(actor)
    form = LeaveForm(data, instance=Leave(person=actor))
    if form.errors:
        problems = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise InvalidInput("Please correct the days.", fields=problems)
    return form.save()


def refuse_leave_to_others(actor: User) -> None:
    """Raise `NotAllowed` for whoever is not on the rotation: their days away concern nobody here."""
    if not is_community_scientist.test(actor):
        raise NotAllowed("Only community scientists take weeks of the watch, so only their leave is noted.")


def cancel_leave(leave: Leave, *, actor: User) -> None:
    """Take back that somebody is away; they themselves may, and the leads. Raises `NotAllowed`."""
    if leave.person_id != actor.pk and not is_lead_member(actor):
        raise NotAllowed("Only the person or the lead community scientist may take this back.")
    leave.delete()


def leaves_ahead() -> QuerySet[Leave]:
    """Return who is or will be away, the next first."""
    return Leave.objects.filter(ends_on__gte=_today()).select_related("person").order_by("starts_on", "pk")


def weeks_during(leave: Leave) -> QuerySet[WatchWeek]:
    """Return the weeks on watch that fall into a leave."""
    days = WatchWeek.objects.filter(person=leave.person_id, monday__lte=leave.ends_on)
    return days.filter(monday__gt=leave.starts_on - WEEK).exclude(state=WatchWeek.State.HANDED_OVER)


def _today() -> datetime.date:
    return timezone.localdate(timezone=datetime.UTC)
