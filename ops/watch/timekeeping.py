"""The clocks of the watch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ops.clocks import registry
from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import Role, User
from ops.watch.models import WatchWeek
from ops.workflow.deadlines import StatefulAdapter
from ops.workflow.services import perform

BEGIN = "begin"


class WatchAdapter(StatefulAdapter):
    """Weeks on watch, as the clocks see them."""

    concrete = WatchWeek
    actions = {BEGIN: "begins"}
    audiences = {"lead": "the lead community scientists"}

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told when a week is neglected."""
        people = list(holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY))
        return dict.fromkeys(ids, people)

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Let a week begin on its Monday; one that has begun already is left alone."""
        week = WatchWeek.objects.get(pk=target_id)
        if action == BEGIN and week.state == WatchWeek.State.PLANNED:
            perform(week, "begin", actor=actor)


registry.register(WatchWeek.workflow.kind, WatchAdapter())
