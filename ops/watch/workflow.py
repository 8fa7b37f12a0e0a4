"""The life of one week of the forum watch, on one screen."""

from __future__ import annotations

from ops.people.authority import is_lead, is_system
from ops.watch.parties import leads, next_watcher, watcher
from ops.watch.rules import is_on_this_watch
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition


class WatchWorkflow(Workflow):
    """How one community scientist a week keeps every report answered within a day (RTN-006 §2.5.1, RTN-097)."""

    kind, title, plural = "watch", "Watch week", "Watch weeks"

    class State(States):
        """Where a week stands."""

        PLANNED = "planned", Phase.OPEN, "Planned"
        ON_WATCH = "on_watch", Phase.ACTIVE, "On watch"
        SWEPT = "swept", Phase.ACTIVE, "Swept"
        HANDED_OVER = "handed_over", Phase.GOOD_END, "Handed over"

    final = (State.HANDED_OVER,)
    facts = ("begins_at", "hands_over_at")
    held_by = {State.PLANNED: watcher, State.ON_WATCH: watcher, State.SWEPT: watcher}
    creation = Creation(to=State.PLANNED, by=is_system | is_lead, asks=("monday", "person"), tells=(watcher,))
    edits = ((is_on_this_watch | is_lead, ("ticked", "handover_note")),)

    @transition(State.PLANNED, to=State.ON_WATCH, by=is_on_this_watch | is_lead | is_system, tells=(watcher,))
    def begin(self):
        """Take up the watch; on Monday it begins by itself."""

    @transition(State.ON_WATCH, to=State.SWEPT, by=is_on_this_watch | is_lead, label="Sweep done")
    def sweep(self):
        """Say that every unsolved issue of the past month has been looked at."""

    @transition(State.ON_WATCH, State.SWEPT, to=State.HANDED_OVER, by=is_on_this_watch | is_lead,
                asks=("handover_note",), tells=(next_watcher, leads))  # fmt: skip
    def hand_over(self):
        """Tell the next one on watch what is open and what to look out for."""

    @transition(State.PLANNED, to=State.PLANNED, by=is_on_this_watch | is_lead | is_system,
                asks=("person",), anew=True,
                offers=("why",), tells=(watcher, leads), label="Give to somebody else")  # fmt: skip
    @transition(State.ON_WATCH, to=State.ON_WATCH, by=is_on_this_watch | is_lead | is_system,
                asks=("person",), anew=True,
                offers=("why",), tells=(watcher, leads), label="Give to somebody else")  # fmt: skip
    def give(self):
        """Let somebody else take the week, because of leave or by agreement."""
        self.put_on_watch()
