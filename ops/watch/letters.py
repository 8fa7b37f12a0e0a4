"""What messages about the watch say."""

from __future__ import annotations

from ops.watch.models import WatchWeek
from ops.workflow.letters import Letters, state_reached
from ops.workflow.models import Event


def words(week: WatchWeek, event: Event) -> str:
    """Say who is on watch where that is the news, else how far the week is."""
    if event.name in {"create", "give"}:
        return f"{week.person.name} is on watch"
    return state_reached(week, event)


Letters(WatchWeek, "watch/letter", words, waits=lambda _: "Your week on watch.").register("Forum watch")
