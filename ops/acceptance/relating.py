"""The link between a campaign and what its tests have found."""

from __future__ import annotations

import datetime

from ops.people.models import User
from ops.tickets.models import Link, LinkKind, Ticket
from ops.workflow.services import record


def relate(issue: Ticket, campaign: Ticket, *, actor: User, moment: datetime.datetime | None = None) -> None:
    """Link an issue and the campaign that found it; both histories say so, once.

    Whoever tests may do this without working on either, which the link of two tickets otherwise asks for.
    """
    _, is_new = Link.objects.get_or_create(
        source_id=issue.pk, target_id=campaign.pk, kind=LinkKind.RELATES, defaults={"created_by": actor}
    )
    if is_new:
        for here, there, inverse in ((issue, campaign, False), (campaign, issue, True)):
            end = {"kind": LinkKind.RELATES.value, "ticket": there.pk, "inverse": inverse}
            record(here, "link", actor=actor, changes={"link": {"old": None, "new": end}}, moment=moment)
