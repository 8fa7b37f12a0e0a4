"""The life of a piece of feedback, on one screen."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from ops.committees.reports.rules import is_users_committee_member, writes_for_the_committee
from ops.committees.rules import OFFICERS
from ops.people import authority
from ops.people.authority import is_system
from ops.people.models import User
from ops.workflow.declaration import (
    EVERYTHING,
    NOTHING,
    Creation,
    Party,
    Phase,
    States,
    Workflow,
    guard,
    transition,
)


def _writes(person: User) -> Q:
    return EVERYTHING if writes_for_the_committee(person) else NOTHING


def _giver_of(feedback: Any) -> list[User]:
    return [feedback.source.person]


readers = Party(
    "feedback_readers",
    "chair and secretary of the Users Committee",
    lambda _feedback: authority.holders_of(authority.USERS_COMMITTEE, *OFFICERS),
    whose=_writes,
    alike=lambda _feedback: None,
)
giver = Party("giver", "who gave it", _giver_of)


@guard("Attach it to an item of a report first.", about="items")
def is_attached(feedback: Any) -> bool:
    """Some item rests on it."""
    return feedback.uses.exists()


class FeedbackWorkflow(Workflow):
    """How what users tell the committee finds its way into a report (RTN-006 §2.5.3).

    The automation writes it down, whoever gives it: a history that named its actors would tell who did.
    """

    kind, title, plural = "feedback", "Feedback", "Feedback"

    class State(States):
        """Where a piece of feedback stands."""

        GIVEN = "given", Phase.OPEN, "Given"
        TAKEN_UP = "taken_up", Phase.GOOD_END, "Taken up"
        NOTED = "noted", Phase.GOOD_END, "Noted"
        WITHDRAWN = "withdrawn", Phase.BAD_END, "Withdrawn"

    final = (State.WITHDRAWN,)
    told_as = {"attach_item": "attached it to", "detach_item": "took it off"}
    held_by = {State.GIVEN: readers}
    creation = Creation(
        to=State.GIVEN, by=is_system, asks=("text",), offers=("is_confidential", "area"), tells=(readers,)
    )

    # Whoever gave it agrees to be named, or takes that back; the automation writes it down for them.
    edits = ((is_system, ("is_confidential",)),)

    @transition(State.GIVEN, State.NOTED, to=State.TAKEN_UP, by=is_users_committee_member, only_if=(is_attached,),
                tells=(giver,))  # fmt: skip
    def take_up(self):
        """Say that an item of a report rests on it."""

    @transition(State.TAKEN_UP, to=State.GIVEN, by=is_system, label="Put back")
    def put_back(self):
        """No item rests on it any more, and the committee decides anew what becomes of it."""

    @transition(State.GIVEN, to=State.NOTED, by=is_users_committee_member, offers=("answer",), tells=(giver,))
    def note(self):
        """Say that it was read, and perhaps what the committee thinks of it."""

    @transition(State.GIVEN, State.NOTED, State.TAKEN_UP, to=State.WITHDRAWN, by=is_system)
    def withdraw(self):
        """Take it back, as whoever gave it wishes; the committee reads it no longer."""
        self.text = ""
