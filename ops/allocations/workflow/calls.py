"""The life of a call, on one screen."""

from __future__ import annotations

from ops.allocations.award_rules import (
    decisions_fit,
    every_request_is_decided,
    every_request_is_recommended_on,
)
from ops.allocations.parties import (
    committee,
    committee_chairs,
    operations_director,
    proposers,
    the_clock,
)
from ops.allocations.rules import (
    all_requests_are_assessed,
    closing_is_set,
    criteria_are_given,
    is_in_preparation,
    is_operations_director,
    is_rac_chair,
    is_standing_call,
    offers_are_made,
)
from ops.people.authority import is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

DATES = ("opens_at", "closes_at", "reviews_due_at", "award_starts_on", "award_ends_on")
TERMS = (
    "title",
    "description",
    "is_standing",
    "blindness",
    *DATES,
    "quorum",
    "reviews_wanted",
    "most_reviews",
)


class CallWorkflow(Workflow):
    """How resources are offered, asked for and awarded together (RTN-006 §2.5.4)."""

    kind, title, plural = "call", "Call", "Calls"

    class State(States):
        """Where a call stands."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        OPEN = "open", Phase.ACTIVE, "Open"
        CLOSED = "closed", Phase.ACTIVE, "Closed"
        UNDER_REVIEW = "under_review", Phase.ACTIVE, "Under review"
        RANKED = "ranked", Phase.ACTIVE, "Ranked"
        DECIDED = "decided", Phase.ACTIVE, "Decided"
        PUBLISHED = "published", Phase.GOOD_END, "Published"

    final = (State.PUBLISHED,)
    facts = ("opens_at", "closes_at", "reviews_due_at", "is_standing")
    held_by = {
        State.DRAFT: committee_chairs,
        State.OPEN: the_clock,
        State.CLOSED: committee_chairs,
        State.UNDER_REVIEW: committee_chairs,
        State.RANKED: operations_director,
        State.DECIDED: operations_director,
    }
    creation = Creation(
        to=State.DRAFT,
        by=is_rac_chair | is_operations_director,
        asks=("slug", "title", "award_starts_on", "award_ends_on"),
        offers=tuple(name for name in TERMS if name not in {"title", "award_starts_on", "award_ends_on"}),
        tells=(committee_chairs,),
    )
    edits = (
        ((is_rac_chair | is_operations_director) & is_in_preparation, TERMS),
        # What proposers have read stays as it is; who reviews how much is the committee's own affair.
        (is_rac_chair, ("reviews_due_at", "quorum", "reviews_wanted", "most_reviews")),
    )

    @transition(State.DRAFT, to=State.OPEN, by=is_rac_chair | is_operations_director,
                only_if=(offers_are_made, criteria_are_given, closing_is_set),
                tells=(committee, operations_director))  # fmt: skip
    def open(self):
        """Take requests from now on; what the call asks and offers stays as it is from here."""
        self.draw_seed()

    @transition(State.OPEN, to=State.CLOSED, by=is_system | is_rac_chair & is_standing_call,
                tells=(committee_chairs, operations_director))  # fmt: skip
    def close(self):
        """Take no more requests. A periodic call closes by itself at its date; a standing one when the chair says."""

    @transition(State.OPEN, to=State.OPEN, by=is_rac_chair | is_operations_director, asks=("closes_at",), anew=True,
                reason=True, tells=(proposers, committee), label="Move the closing date")  # fmt: skip
    def extend(self):
        """Give everybody another closing date, and say why."""

    @transition(State.CLOSED, to=State.UNDER_REVIEW, by=is_rac_chair, only_if=(all_requests_are_assessed,),
                tells=(committee,))  # fmt: skip
    def begin_review(self):
        """Hand the assessed requests to the reviewers."""
        self.hand_over_to_reviewers()

    @transition(State.UNDER_REVIEW, to=State.RANKED, by=is_rac_chair, only_if=(every_request_is_recommended_on,),
                tells=(committee, operations_director))  # fmt: skip
    def rank(self):
        """Say that the committee has drawn the line; its recommendations go to the Operations Director."""
        self.bring_before_the_director()

    @transition(State.RANKED, to=State.DECIDED, by=is_operations_director,
                only_if=(every_request_is_decided, decisions_fit), tells=(committee_chairs,))  # fmt: skip
    def decide(self):
        """Say that every request has its decision; nobody outside hears of it before the results are published."""

    @transition(State.RANKED, to=State.UNDER_REVIEW, by=is_rac_chair, reason=True,
                tells=(committee, operations_director), label="Meet again")  # fmt: skip
    def meet_again(self):
        """Open the committee's meeting once more, because something has changed."""

    @transition(State.DECIDED, to=State.PUBLISHED, by=is_operations_director, only_if=(every_request_is_decided,),
                tells=(committee,))  # fmt: skip
    def publish(self):
        """Give every proposer their letter, all at once."""
        self.tell_results()
