"""The life of a review, on one screen."""

from __future__ import annotations

from ops.allocations.award_rules import decision_is_not_told
from ops.allocations.parties import chairs_of_its_request, reviewer
from ops.allocations.rules import is_chair_of_its_request, is_rac_chair, is_reviewer, request_is_in_review
from ops.people.authority import is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

JUDGEMENT = ("scores", "confidence")
COMMENTS = ("comment_to_committee", "comment_to_proposer")


class ReviewWorkflow(Workflow):
    """How a member of the committee judges one request (RTN-006 §2.5.4)."""

    kind, title, plural = "review", "Review", "Reviews"

    class State(States):
        """Where a review stands."""

        ASSIGNED = "assigned", Phase.OPEN, "Assigned"
        ACCEPTED = "accepted", Phase.ACTIVE, "Accepted"
        SUBMITTED = "submitted", Phase.GOOD_END, "Submitted"
        DECLINED = "declined", Phase.BAD_END, "Declined"
        RETURNED = "returned", Phase.BAD_END, "Returned to the chair"

    final = (State.DECLINED, State.RETURNED)
    facts = ("due_at",)
    held_by = {State.ASSIGNED: reviewer, State.ACCEPTED: reviewer}
    creation = Creation(
        to=State.ASSIGNED,
        by=is_rac_chair | is_system,
        asks=("request", "reviewer"),
        offers=("why",),
        tells=(reviewer,),
    )

    @transition(State.ASSIGNED, to=State.ACCEPTED, by=is_reviewer, label="Accept")
    def accept(self):
        """Say that you will review it."""

    @transition(State.ACCEPTED, to=State.SUBMITTED, by=is_reviewer, asks=JUDGEMENT, offers=COMMENTS,
                only_if=(request_is_in_review,), label="Send the review")  # fmt: skip
    def submit(self):
        """Give your scores; from then on you see the reviews of the others."""
        self.submitted_at = self.performance.moment
        self.weigh()

    @transition(State.SUBMITTED, to=State.SUBMITTED, by=is_reviewer, asks=JUDGEMENT, offers=COMMENTS, anew=True,
                only_if=(request_is_in_review,), label="Change the review")  # fmt: skip
    def revise(self):
        """Change your mind, until the panel has discussed the request."""
        self.weigh()

    @transition(State.ASSIGNED, State.ACCEPTED, to=State.DECLINED, by=is_reviewer, reason=True,
                tells=(chairs_of_its_request,))  # fmt: skip
    def decline(self):
        """Say why you will not review it, soon, so that somebody else can."""

    @transition(State.ASSIGNED, State.ACCEPTED, to=State.RETURNED, by=is_chair_of_its_request | is_system,
                reason=True, tells=(reviewer, chairs_of_its_request), label="Return to the chair")  # fmt: skip
    @transition(State.SUBMITTED, to=State.RETURNED, by=is_chair_of_its_request | is_system,
                only_if=(decision_is_not_told,), reason=True, tells=(reviewer, chairs_of_its_request),
                label="Return to the chair")  # fmt: skip
    def release(self):
        """Take the review from its reviewer: a term has ended, a conflict has come up, time has run out."""
