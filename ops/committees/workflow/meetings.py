"""The life of a meeting, on one screen."""

from __future__ import annotations

from ops.committees.parties import facilitators, members, officers, officers_from_its_beginning
from ops.committees.rules import (
    is_chair,
    is_committee_officer,
    is_secretary,
    meeting_has_begun,
    minutes_are_settled,
    minutes_are_written,
)
from ops.people.authority import is_lead
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

WHEN_AND_WHERE = (
    "title", "starts_at", "minutes_long", "place", "video_link", "listening_at", "listening_link", "papers",
)  # fmt: skip
RUNS_IT = is_chair | is_secretary | is_lead


class MeetingWorkflow(Workflow):
    """How a committee meets: planned long ahead, held, and told to those whom it speaks for (RDO-051)."""

    kind, title, plural = "meeting", "Meeting", "Meetings"

    class State(States):
        """Where a meeting stands."""

        PLANNED = "planned", Phase.OPEN, "Planned"
        HELD = "held", Phase.ACTIVE, "Held"
        MINUTES_PUBLISHED = "minutes_published", Phase.GOOD_END, "Minutes published"
        CANCELLED = "cancelled", Phase.BAD_END, "Cancelled"

    final = (State.CANCELLED,)
    facts = ("ends_at",)
    held_by = {State.PLANNED: officers_from_its_beginning, State.HELD: officers}
    creation = Creation(
        to=State.PLANNED,
        by=is_committee_officer | is_lead,
        asks=("committee", "starts_at"),
        offers=("title", "minutes_long", "place", "video_link", "listening_at", "listening_link", "papers"),
        tells=(members,),
    )
    edits = ((RUNS_IT, WHEN_AND_WHERE),)
    tells_of_edits = (members,)

    @transition(
        State.PLANNED, to=State.HELD, by=RUNS_IT, only_if=(meeting_has_begun,), label="Note that it was held"
    )
    def hold(self):
        """Say that it took place; the minutes are next."""

    @transition(State.HELD, to=State.MINUTES_PUBLISHED, by=RUNS_IT,
                only_if=(minutes_are_written, minutes_are_settled), tells=(members, facilitators),
                label="Publish the minutes")  # fmt: skip
    def publish_minutes(self):
        """Let everybody read the open part of the minutes; the executive part stays with the members."""

    @transition(State.MINUTES_PUBLISHED, to=State.HELD, by=RUNS_IT, reason=True, tells=(members,),
                label="Correct the minutes")  # fmt: skip
    def correct_minutes(self):
        """Take the minutes back to correct them; every version is kept."""

    @transition(
        State.PLANNED,
        to=State.CANCELLED,
        by=RUNS_IT,
        reason=True,
        tells=(members,),
        label="Cancel the meeting",
    )
    def cancel(self):
        """Call it off; the members hear why."""
