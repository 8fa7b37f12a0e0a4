"""The clocks of issues and announcements: their first policies, which the lead may change, and their actions."""

from __future__ import annotations

from ops.clocks import registry
from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.deadlines import TicketAdapter
from ops.workflow.deadlines import StatefulAdapter
from ops.workflow.services import perform

RETURN_FROM_WAITING = "return-from-waiting"


class IssueAdapter(TicketAdapter):
    """Issues, as the clocks see them."""

    concrete = Issue
    actions = {RETURN_FROM_WAITING: "returns to the state it came from"}

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Let an issue go on when its waiting is over; one that has moved on by itself is left alone."""
        issue = Issue.objects.get(pk=target_id)
        if action == RETURN_FROM_WAITING and issue.state == Issue.State.WAITING:
            perform(issue, "resume", actor=actor)


class AnnouncementAdapter(StatefulAdapter):
    """Announcements, as the clocks see them."""

    concrete = Announcement


registry.register(Issue.workflow.kind, IssueAdapter())
registry.register(Announcement.workflow.kind, AnnouncementAdapter())
