"""The people around a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from ops.people import authority
from ops.people.models import Role, User
from ops.tickets.mentions import mentioned_in
from ops.workflow.declaration import EVERYTHING, NOTHING, Party


def _watchers_of(ticket: Any) -> Iterable[User | str]:
    if ticket.new_followers is not None:
        return ticket.new_followers
    return [watcher.recipient for watcher in ticket.watchers.select_related("user")]


def _owner_of_component(ticket: Any) -> Iterable[User | None]:
    return [ticket.component.effective_owner] if ticket.component else []


def _mentioned(ticket: Any) -> Iterable[User]:
    return mentioned_in(ticket.description)


reporter = Party("reporter", "the reporter", lambda ticket: [ticket.reporter])
assignee = Party(
    "assignee", "the assignee", lambda ticket: [ticket.assignee], whose=lambda person: Q(assignee=person)
)
watchers = Party("watchers", "everybody who follows it", _watchers_of)
mentioned = Party("mentioned", "everybody named in the description", _mentioned)
product_owner = Party("product_owner", "the product owner", _owner_of_component)
community_scientists = Party(
    "community_scientists",
    "the community scientists",
    lambda _ticket: authority.holders_of(authority.COMMUNITY_SCIENCE),
    whose=lambda person: EVERYTHING if authority.is_community_scientist(person) else NOTHING,
    alike=lambda _ticket: None,
)
leads = Party(
    "leads",
    "the lead community scientists",
    lambda _ticket: authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY),
    whose=lambda person: EVERYTHING if authority.is_lead_member(person) else NOTHING,
    alike=lambda _ticket: None,
)
