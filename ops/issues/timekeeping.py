"""The clocks of issues and announcements: their first policies, which the lead may change, and their actions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.contrib.contenttypes.models import ContentType

from ops.clocks import registry
from ops.clocks.course import Happening
from ops.clocks.registry import Adapter, Label
from ops.issues.models import Announcement, Issue
from ops.people.models import User
from ops.tickets.deadlines import TicketAdapter
from ops.tickets.letters import as_reader
from ops.workflow.models import Event
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


class AnnouncementAdapter(Adapter):
    """Announcements, as the clocks see them."""

    model = Announcement
    states = {state.value: str(state.label) for state in Announcement.State}
    final_states = (Announcement.State.PUBLISHED.value,)

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who has the next move."""
        return {row.pk: row.holders for row in Announcement.objects.filter(pk__in=ids)}

    def thread(self, target_id: int) -> str:
        """Messages of deadlines belong to the thread of their announcement."""
        return Announcement(pk=target_id).thread

    def ids_in(self, states: Collection[str]) -> Iterable[int]:
        """Announcements in one of these states."""
        return Announcement.objects.filter(state__in=states).values_list("pk", flat=True)

    def labels(self, ids: Collection[int], reader: User | str) -> Mapping[int, Label]:
        """Name the announcements that this reader may see."""
        rows = Announcement.objects.visible_to(as_reader(reader)).filter(pk__in=ids)
        return {row.pk: Label(row.title, row.get_absolute_url()) for row in rows}

    def history(self, ids: Collection[int]) -> Mapping[int, Iterable[Happening]]:
        """Return the states that each announcement went through."""
        kind = ContentType.objects.get_for_model(Announcement)
        events = Event.objects.filter(content_type=kind, object_id__in=ids).order_by("pk")
        return {
            pk: [Happening(event.created_at, event.target) for event in events if event.object_id == pk]
            for pk in ids
        }


registry.register(Issue.workflow.kind, IssueAdapter())
registry.register(Announcement.workflow.kind, AnnouncementAdapter())
