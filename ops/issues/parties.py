"""Who holds an issue, and who hears of an announcement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from ops.people import authority
from ops.people.models import Role, User
from ops.people.selectors import products_owned_by, with_answering_owner
from ops.tickets.models import Visibility, Watcher
from ops.workflow.declaration import EVERYTHING, NOTHING, Party


def _on_watch(issue: Any) -> Iterable[User]:
    terms = [term for term in authority.roster(authority.COMMUNITY_SCIENCE) if term.person.is_active]
    if issue.visibility == Visibility.CONFIDENTIAL:  # which the watcher does not even see
        return [term.person for term in terms if term.role in (Role.LEAD, Role.DEPUTY)]
    on_watch = [term.person for term in terms if term.role == Role.WATCHER]
    return on_watch or [term.person for term in terms]


def _watched_by(person: User) -> Q:
    held = authority.authority_of(person)
    if not held.holds(authority.COMMUNITY_SCIENCE):
        return NOTHING
    confidential = Q(visibility=Visibility.CONFIDENTIAL)
    watches = held.holds(authority.COMMUNITY_SCIENCE, Role.WATCHER)
    if not watches and authority.holders_of(authority.COMMUNITY_SCIENCE, Role.WATCHER).exists():
        return confidential if authority.is_lead_member(person) else NOTHING
    return EVERYTHING if authority.is_lead_member(person) else ~confidential


def _acceptors(issue: Any) -> Iterable[User | None]:
    owner = issue.component.effective_owner if issue.component else None
    people = [issue.reporter, owner]
    return [person for person in people if person and person.pk != issue.assignee_id] or list(
        authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)
    )


def _acceptable_by(person: User) -> Q:
    asked = (Q(reporter=person) | Q(component__in=products_owned_by(person))) & ~Q(assignee=person)
    if not authority.is_lead_member(person):
        return asked
    others = with_answering_owner().filter(pk=OuterRef("component"), answering__isnull=False)
    nobody_else = Q(~Exists(others.exclude(answering=OuterRef("assignee"))), reporter=F("assignee"))
    return asked | nobody_else


def _community(announcement: Any) -> Iterable[User | str]:
    addresses = Watcher.objects.filter(ticket__announcements=announcement, user=None).values_list(
        "email", flat=True
    )
    return [*User.objects.filter(is_active=True), *addresses.distinct()]


forum_watcher = Party(
    "forum_watcher",
    "the forum watcher, or the leads where it is confidential",
    _on_watch,
    whose=_watched_by,
    alike=lambda issue: issue.visibility == Visibility.CONFIDENTIAL,
)
acceptors = Party(
    "acceptors",
    "the reporter or the product owner",
    _acceptors,
    whose=_acceptable_by,
    alike=lambda issue: (issue.component_id, issue.reporter_id, issue.assignee_id),
)
whoever_waits = Party(
    "whoever_waits",
    "the assignee, who waits for others",
    lambda issue: [issue.assignee],
    whose=lambda person: Q(assignee=person),
)
community = Party("community", "everybody with an account", _community)
