"""What the clocks ask of tickets, whatever their process."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Role, User
from ops.tickets.models import Ticket, Visibility
from ops.workflow.deadlines import StatefulAdapter


class TicketAdapter(StatefulAdapter):
    """Tickets of one kind, as the clocks see them."""

    audiences = {"lead": "the lead community scientists", "team": "the community scientists"}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told at an escalation step: the same people for every ticket, as far as they see it."""
        roles = (Role.LEAD, Role.DEPUTY) if name == "lead" else ()
        people = list(holders_of(COMMUNITY_SCIENCE, *roles))
        closed = (Visibility.CONFIDENTIAL, Visibility.CIRCLE)
        hidden = Ticket.objects.filter(pk__in=ids, visibility__in=closed).defer("description")
        return {**dict.fromkeys(ids, people), **{row.pk: row.readers_among(people) for row in hidden}}

    def title(self, row: Any) -> str:
        """Key and title."""
        return f"{row.key} {row.title}"
