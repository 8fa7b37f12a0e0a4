"""The life of a report, on one screen."""

from __future__ import annotations

from ops.committees.reports.parties import committee, directors_office, writers
from ops.committees.reports.rules import (
    comes_from_outside,
    has_items,
    is_answered,
    is_chair_or_secretary,
    is_directors_office,
    is_drafting,
    is_judged,
    is_review_facilitator,
    is_users_committee_officer,
    is_voted_for,
    is_worked_off,
)
from ops.people.authority import is_lead, is_system
from ops.tickets.parties import watchers
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

WRITTEN = ("title", "description", "semester", "due_at")


class ReportWorkflow(Workflow):
    """How a committee advises the observatory, and how the observatory answers (RTN-006 §2.5.3, RDO-051)."""

    kind, prefix, title, plural = "report", "UC", "Report", "Reports"

    class State(States):
        """Where a report stands."""

        DRAFTING = "drafting", Phase.OPEN, "Drafting"
        ADOPTED = "adopted", Phase.ACTIVE, "Adopted"
        DELIVERED = "delivered", Phase.ACTIVE, "Delivered"
        PUBLISHED = "published", Phase.WAITING, "Published"
        RESPONDED = "responded", Phase.ACTIVE, "Responded"
        REVIEWED = "reviewed", Phase.ACTIVE, "Reviewed"
        CLOSED = "closed", Phase.GOOD_END, "Closed"

    facts = ("source", "due_at", "response_due_at")
    told_as = {
        "add_item": "added the item",
        "change_item": "changed the item",
        "remove_item": "took out the item",
        "vote": "voted:",
    }
    held_by = {
        State.DRAFTING: writers,
        State.ADOPTED: writers,
        State.DELIVERED: writers,
        State.PUBLISHED: directors_office,
        State.RESPONDED: writers,
        State.REVIEWED: writers,
    }
    creation = Creation(
        to=State.DRAFTING,
        by=is_users_committee_officer | is_directors_office | is_lead | is_system,
        asks=("title",),
        offers=("source", "semester", "description", "due_at"),
        tells=(committee,),
    )
    edits = (
        ((is_chair_or_secretary | is_review_facilitator) & is_drafting, WRITTEN),
        (is_chair_or_secretary | is_review_facilitator | is_directors_office, ("response_due_at", "labels")),
    )

    @transition(State.DRAFTING, to=State.ADOPTED, by=is_chair_or_secretary, only_if=(has_items, is_voted_for),
                tells=(committee,))  # fmt: skip
    def adopt(self):
        """Write down that the members voted for it; from here nobody changes a word."""
        self.adopt_at(self.performance.moment)

    @transition(State.DRAFTING, to=State.DELIVERED, by=is_lead | is_directors_office | is_system,
                offers=("response_due_at",), only_if=(comes_from_outside, has_items),
                tells=(directors_office, watchers))  # fmt: skip
    def take_in(self):
        """Take in what a review from outside has handed over; every item then waits for its response."""
        self.hand_over(self.performance.moment)

    @transition(State.ADOPTED, to=State.DRAFTING, by=is_chair_or_secretary, reason=True, tells=(committee,),
                label="Back to drafting")  # fmt: skip
    def revise(self):
        """Take it back to change it; the members vote again."""
        self.adopted_at = None

    @transition(State.ADOPTED, to=State.DELIVERED, by=is_chair_or_secretary, asks=("response_due_at",),
                tells=(directors_office, committee, watchers))  # fmt: skip
    def deliver(self):
        """Send it to the Director, and say until when the response is due: the next meeting."""
        self.hand_over(self.performance.moment)

    @transition(State.DELIVERED, to=State.PUBLISHED,
                by=is_chair_or_secretary | is_review_facilitator | is_directors_office,
                tells=(directors_office, committee, watchers))  # fmt: skip
    def publish(self):
        """Show it to everybody, with its items and what becomes of them."""
        self.show_to_everybody(self.performance.moment)

    @transition(State.PUBLISHED, to=State.RESPONDED, by=is_directors_office | is_review_facilitator,
                only_if=(is_answered,), tells=(committee, watchers), label="Response is complete")  # fmt: skip
    def respond(self):
        """Say that every item has its response, so that the committee can judge them at its meeting."""

    @transition(State.RESPONDED, to=State.REVIEWED, by=is_chair_or_secretary | is_review_facilitator,
                only_if=(is_judged,), tells=(directors_office, committee, watchers),
                label="Responses reviewed")  # fmt: skip
    def review(self):
        """Write down that the committee has looked at every response; the work on the items goes on."""

    @transition(State.REVIEWED, to=State.CLOSED, by=is_chair_or_secretary | is_review_facilitator,
                only_if=(is_worked_off,), tells=(directors_office, committee, watchers),
                label="Close the report")  # fmt: skip
    def close(self):
        """Finish: every item is verified or closed."""

    @transition(State.CLOSED, to=State.REVIEWED, by=is_chair_or_secretary | is_review_facilitator, reason=True,
                tells=(directors_office, committee, watchers), label="Reopen the report")  # fmt: skip
    def reopen(self):
        """Say what is open after all."""
