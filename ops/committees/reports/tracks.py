"""The two independent tracks of an item, each on one screen: what is answered, and what is done."""

from __future__ import annotations

from ops.committees.reports.parties import committee, directors_office, followers, judges, recheckers, workers
from ops.committees.reports.rules import (
    is_chair_or_secretary,
    is_directors_office,
    is_in_charge,
    is_review_facilitator,
    is_unjudged,
    is_unverified,
)
from ops.people.authority import is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

ANSWER = ("disposition", "text", "timescale", "answered_on")
PROGRESS = ("assignee", "status_text", "due_at")
speaks_for_the_committee = is_chair_or_secretary | is_review_facilitator
speaks_for_the_observatory = is_directors_office | is_review_facilitator


class ResponseWorkflow(Workflow):
    """What the observatory answers to an item, and what the committee thinks of the answer (RDO-051)."""

    kind, title, plural = "response", "Response", "Responses"

    class State(States):
        """Where the response to an item stands."""

        AWAITING = "awaiting", Phase.OPEN, "Awaiting"
        RECEIVED = "received", Phase.ACTIVE, "Received"
        ACCEPTABLE = "acceptable", Phase.GOOD_END, "Acceptable"
        ACCEPTABLE_ALTERNATE = "acceptable_alternate", Phase.GOOD_END, "Acceptable alternate"
        UNACCEPTABLE = "unacceptable", Phase.BAD_END, "Unacceptable"
        CLARIFICATION_REQUESTED = "clarification_requested", Phase.WAITING, "Clarification requested"
        WITHDRAWN = "withdrawn", Phase.BAD_END, "Withdrawn"

    JUDGED = (State.ACCEPTABLE, State.ACCEPTABLE_ALTERNATE, State.UNACCEPTABLE)
    final = (State.WITHDRAWN,)
    facts = ("due_at",)
    held_by = {
        State.AWAITING: directors_office,
        State.RECEIVED: judges,
        State.CLARIFICATION_REQUESTED: directors_office,
    }
    creation = Creation(to=State.AWAITING, by=is_system, asks=())
    edits = (
        (speaks_for_the_observatory, ("due_at",)),
        (is_directors_office & is_unjudged | is_review_facilitator, ANSWER),
    )
    tells_of_edits = (committee, followers)

    @transition(State.AWAITING, to=State.RECEIVED, by=speaks_for_the_observatory, asks=("disposition", "text"),
                offers=("timescale", "answered_on"), tells=(committee, followers))  # fmt: skip
    @transition(State.CLARIFICATION_REQUESTED, State.UNACCEPTABLE, to=State.RECEIVED,
                by=speaks_for_the_observatory, asks=("disposition", "text"), anew=True,
                offers=("timescale", "answered_on"), tells=(committee, followers))  # fmt: skip
    def answer(self):
        """Say what the observatory will do about the item, until when, or why not."""
        self.answered_on = self.answered_on or self.performance.moment.date()

    @transition(State.RECEIVED, to=State.ACCEPTABLE, by=speaks_for_the_committee, offers=("verdict_note",),
                tells=(directors_office, committee, followers))  # fmt: skip
    def accept(self):
        """Agree that this answers the item."""

    @transition(State.RECEIVED, to=State.ACCEPTABLE_ALTERNATE, by=speaks_for_the_committee,
                offers=("verdict_note",), tells=(directors_office, committee, followers),
                label="Accept the alternate")  # fmt: skip
    def accept_alternate(self):
        """Agree to another way than the one that was recommended."""

    @transition(State.RECEIVED, to=State.UNACCEPTABLE, by=speaks_for_the_committee, asks=("verdict_note",),
                anew=True, tells=(directors_office, committee, followers))  # fmt: skip
    def refuse(self):
        """Say why this does not answer the item; the observatory may answer again."""

    @transition(State.RECEIVED, to=State.CLARIFICATION_REQUESTED, by=speaks_for_the_committee,
                asks=("verdict_note",), anew=True, offers=("due_at",),
                tells=(directors_office, committee, followers))  # fmt: skip
    def ask_for_clarification(self):
        """Say what is not clear."""

    @transition(*JUDGED, to=State.RECEIVED, by=speaks_for_the_committee, reason=True,
                tells=(directors_office, committee, followers))  # fmt: skip
    def reconsider(self):
        """Say why the verdict has to be given again."""

    @transition(State.AWAITING, State.RECEIVED, State.CLARIFICATION_REQUESTED, to=State.WITHDRAWN,
                by=speaks_for_the_committee, reason=True, tells=(directors_office, committee, followers),
                label="Ask no longer")  # fmt: skip
    def withdraw(self):
        """Say why no response is needed any more."""


class WorkWorkflow(Workflow):
    """What is done about an item, until the committee says that it is done (RDO-051)."""

    kind, title, plural = "work", "Work", "Work"

    class State(States):
        """Where the work on an item stands."""

        NOT_STARTED = "not_started", Phase.OPEN, "Not started"
        IN_PROGRESS = "in_progress", Phase.ACTIVE, "In progress"
        CLAIMED_DONE = "claimed_done", Phase.ACTIVE, "Claimed done"
        VERIFIED = "verified", Phase.GOOD_END, "Verified"
        CLOSED = "closed", Phase.GOOD_END, "Closed"

    facts = ("due_at", "recheck_at")
    told_as = {"open_ticket": "opened a ticket:"}
    held_by = {
        State.NOT_STARTED: workers,
        State.IN_PROGRESS: workers,
        State.CLAIMED_DONE: judges,
        State.VERIFIED: recheckers,
        State.CLOSED: recheckers,
    }
    creation = Creation(to=State.NOT_STARTED, by=is_system, asks=())
    edits = (
        (speaks_for_the_observatory, PROGRESS),
        (is_in_charge, ("status_text", "due_at")),
        # What the committee has looked at stays as it looked at it.
        ((is_directors_office | is_in_charge) & is_unverified | is_review_facilitator, ("evidence",)),
        (speaks_for_the_committee, ("recheck_at",)),
        (is_review_facilitator, ("status_word",)),
    )
    tells_of_edits = (committee, followers)

    @transition(State.NOT_STARTED, to=State.IN_PROGRESS, by=speaks_for_the_observatory | is_in_charge,
                offers=("assignee", "status_text", "due_at"), tells=(committee, followers))  # fmt: skip
    def start(self):
        """Begin; say who is in charge, and until when."""

    @transition(State.IN_PROGRESS, State.NOT_STARTED, to=State.CLAIMED_DONE,
                by=speaks_for_the_observatory | is_in_charge, asks=("evidence",), offers=("status_text",),
                tells=(committee, followers))  # fmt: skip
    def claim_done(self):
        """Say where the committee can see that it is done."""

    @transition(State.CLAIMED_DONE, to=State.VERIFIED, by=speaks_for_the_committee, offers=("recheck_at",),
                tells=(directors_office, workers, committee, followers))  # fmt: skip
    def verify(self):
        """Agree that it is done, and say when to look again whether it still is."""
        self.closing_reason = ""

    @transition(State.CLAIMED_DONE, to=State.IN_PROGRESS, by=speaks_for_the_committee, reason=True,
                tells=(directors_office, workers, committee, followers))  # fmt: skip
    def send_back(self):
        """Say what is still missing."""

    @transition(State.VERIFIED, to=State.VERIFIED, by=speaks_for_the_committee, reason=True,
                offers=("recheck_at",), tells=(directors_office, committee, followers),
                label="Checked again")  # fmt: skip
    @transition(State.CLOSED, to=State.CLOSED, by=speaks_for_the_committee, reason=True,
                offers=("recheck_at",), tells=(directors_office, committee, followers),
                label="Checked again")  # fmt: skip
    def recheck(self):
        """Write down what was found on looking again, and when to look next; nothing when never."""
        self.forget_past_check(self.performance.moment)

    @transition(State.NOT_STARTED, State.IN_PROGRESS, State.CLAIMED_DONE, State.VERIFIED, to=State.CLOSED,
                by=speaks_for_the_committee, asks=("closing_reason",), anew=True,
                offers=("closing_note", "recheck_at"),
                tells=(directors_office, workers, committee, followers), label="Close the item")  # fmt: skip
    def close(self):
        """Say why nothing more is to be done about it."""
        self.let_go(self.performance)

    @transition(State.VERIFIED, State.CLOSED, to=State.IN_PROGRESS,
                by=speaks_for_the_committee | is_directors_office, reason=True,
                tells=(directors_office, workers, committee, followers), label="Reopen the item")  # fmt: skip
    def reopen(self):
        """Say what is not done after all."""
        self.closing_reason, self.recheck_at = "", None
