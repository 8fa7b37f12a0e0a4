"""Who holds an issue, and who hears of an announcement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ops.people import authority
from ops.people.models import Role, User
from ops.tickets.models import Visibility, Watcher
from ops.workflow.declaration import Party


def _on_watch(issue: Any) -> Iterable[User]:
    terms = list(authority.roster(authority.COMMUNITY_SCIENCE))
    if issue.visibility == Visibility.CONFIDENTIAL:  # which the watcher does not even see
        return [term.person for term in terms if term.role in (Role.LEAD, Role.DEPUTY)]
    on_watch = [term.person for term in terms if term.role == Role.WATCHER]
    return on_watch or [term.person for term in terms]


def _acceptors(issue: Any) -> Iterable[User | None]:
    owner = issue.component.effective_owner if issue.component else None
    people = [issue.reporter, owner]
    return [person for person in people if person and person.pk != issue.assignee_id] or list(
        authority.holders_of(authority.COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY)
    )


def _community(announcement: Any) -> Iterable[User | str]:
    addresses = Watcher.objects.filter(ticket__announcements=announcement, user=None).values_list(
        "email", flat=True
    )
    return [*User.objects.filter(is_active=True), *addresses.distinct()]


forum_watcher = Party("forum_watcher", "the forum watcher, or the leads where it is confidential", _on_watch)
acceptors = Party("acceptors", "the reporter or the product owner", _acceptors)
whoever_waits = Party("whoever_waits", "the assignee, who waits for others", lambda issue: [issue.assignee])
community = Party("community", "everybody with an account", _community)
