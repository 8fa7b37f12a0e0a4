"""The life of a request for resources, from a draft to the end of its award, on one screen.

Until the results of a call are published a request is `recommended`, whatever is recommended and decided: where a
request stands is read by its proposer. What the committee recommends and the Operations Director decides is kept in
rows of its own, and `award` and `decline` are taken for all of them when the call is published.
"""

from __future__ import annotations

from ops.allocations.award_rules import (
    appeal_is_in_time,
    award_has_moved,
    award_is_decided,
    award_is_enforced,
    earlier_award_can_give,
    is_told_at_once,
    nothing_was_added,
    recommendation_is_made,
    refusal_is_decided,
    results_are_open,
)
from ops.allocations.parties import (
    assessors,
    chairs,
    co_investigators,
    deciders,
    proposer,
    the_clock,
)
from ops.allocations.rules import (
    amounts_exceed_the_basic_quota,
    call_has_closed,
    call_is_open,
    data_rights_hold,
    form_is_complete,
    is_assessor_for_it,
    is_being_written,
    is_chair_for_it,
    is_decider_for_it,
    is_proposer,
    not_appealed_before,
    purpose_fits_the_call,
    quorum_is_there,
    reviews_are_in,
)
from ops.people.authority import is_signed_in, is_system
from ops.workflow.declaration import Back, Creation, Phase, States, Workflow, Workplace, transition

WORDS = ("title", "purpose", "abstract", "methods", "is_thesis", "keywords", "earlier")
CONTENT = (*WORDS, "co_investigators", "amounts", "justifications", "answers")
ASSESSMENT = ("verdict", "note_to_committee", "note_to_proposer")
# The clock tells the results of a periodic call, when they are published.
TELLS = is_decider_for_it & is_told_at_once | is_system
ELIGIBLE = (form_is_complete, purpose_fits_the_call, data_rights_hold, amounts_exceed_the_basic_quota)


class RequestWorkflow(Workflow):
    """How more than the basic quota is asked for, judged, awarded and used (RTN-006 §2.5.4, LDM-542 §2.5)."""

    kind, prefix, title, plural = "request", "RAC", "Request", "Requests"

    class State(States):
        """Where a request stands."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        SUBMITTED = "submitted", Phase.OPEN, "Submitted"
        RETURNED = "returned", Phase.WAITING, "Returned for revision"
        ASSESSED = "assessed", Phase.ACTIVE, "Assessed"
        IN_REVIEW = "in_review", Phase.ACTIVE, "In review"
        DISCUSSED = "discussed", Phase.ACTIVE, "Discussed"
        RANKED = "ranked", Phase.ACTIVE, "Ranked"
        RECOMMENDED = "recommended", Phase.ACTIVE, "Before the Operations Director"
        AWARDED = "awarded", Phase.WAITING, "Awarded"
        DECLINED = "declined", Phase.BAD_END, "Declined"
        UNDER_APPEAL = "under_appeal", Phase.ACTIVE, "Under appeal"
        ACCEPTED = "accepted", Phase.ACTIVE, "Accepted"
        PROVISIONING = "provisioning", Phase.ACTIVE, "Being set up"
        ACTIVE = "active", Phase.ACTIVE, "Active"
        GRACE = "grace", Phase.WAITING, "In its grace period"
        EXPIRED = "expired", Phase.GOOD_END, "Expired"
        REVOKED = "revoked", Phase.BAD_END, "Revoked"
        WITHDRAWN = "withdrawn", Phase.BAD_END, "Withdrawn"
        LAPSED = "lapsed", Phase.BAD_END, "Lapsed"

    SENT = (
        State.SUBMITTED, State.RETURNED, State.ASSESSED, State.IN_REVIEW,
        State.DISCUSSED, State.RANKED, State.RECOMMENDED,
    )  # fmt: skip
    final = (State.EXPIRED, State.REVOKED, State.WITHDRAWN, State.LAPSED)
    facts = ("purpose", "revise_by", "accept_by", "award_ends_at", "grace_ends_at")
    held_by = {
        State.DRAFT: proposer,
        State.SUBMITTED: assessors,
        State.RETURNED: proposer,
        State.ASSESSED: chairs,
        State.IN_REVIEW: chairs,
        State.DISCUSSED: chairs,
        State.RANKED: chairs,
        State.RECOMMENDED: deciders,
        State.AWARDED: proposer,
        State.UNDER_APPEAL: deciders,
        State.ACCEPTED: assessors,
        State.PROVISIONING: assessors,
        State.ACTIVE: the_clock,
        State.GRACE: the_clock,
    }
    # What is recommended and decided is written down for the whole call, in its tables.
    workplaces = {
        State.DISCUSSED: Workplace("Recommend", "recommendation", settles_many=True),
        State.RANKED: Workplace("Recommend", "recommendation", settles_many=True),
        State.RECOMMENDED: Workplace("Decide", "decision", settles_many=True),
    }
    creation = Creation(
        to=State.DRAFT, by=is_signed_in, asks=("call", "title"),
        offers=tuple(name for name in CONTENT if name != "title"),
    )  # fmt: skip
    edits = ((is_proposer & is_being_written, CONTENT),)

    @transition(State.DRAFT, to=State.SUBMITTED, by=is_proposer, only_if=(call_is_open, *ELIGIBLE),
                tells=(assessors, co_investigators), label="Send the request")  # fmt: skip
    @transition(State.RETURNED, to=State.SUBMITTED, by=is_proposer, only_if=ELIGIBLE,
                tells=(assessors, co_investigators), label="Send it again")  # fmt: skip
    def submit(self):
        """Send it: it is kept as it is now under a number, and the technical assessors look at it first."""
        self.freeze()

    @transition(State.SUBMITTED, to=State.ASSESSED, by=is_assessor_for_it, asks=ASSESSMENT[:2],
                offers=ASSESSMENT[2:], anew=True, tells=(chairs, proposer))  # fmt: skip
    def assess(self):
        """Judge whether it can be carried out as asked, in one note for the committee and one for the proposer."""

    @transition(State.SUBMITTED, State.ASSESSED, to=State.RETURNED, by=is_assessor_for_it | is_chair_for_it,
                asks=("revise_by",), anew=True, reason=True, tells=(proposer, co_investigators),
                label="Return for revision")  # fmt: skip
    def return_for_revision(self):
        """Say what has to change before it can be judged, and until when."""

    @transition(State.ASSESSED, to=State.IN_REVIEW, by=is_chair_for_it | is_system,
                only_if=(call_has_closed,), label="Send to review")  # fmt: skip
    def send_to_review(self):
        """Hand it to the reviewers; all of a periodic call go together, when its review begins."""

    @transition(State.ASSESSED, to=State.ASSESSED, by=is_assessor_for_it, asks=ASSESSMENT[:2],
                offers=ASSESSMENT[2:], anew=True, reason=True, tells=(chairs, proposer))  # fmt: skip
    def reassess(self):
        """Correct the assessment, before anybody reviews on it."""

    @transition(State.IN_REVIEW, to=State.DISCUSSED, by=is_chair_for_it,
                only_if=(reviews_are_in, quorum_is_there))  # fmt: skip
    def discuss(self):
        """Say that the panel has discussed it."""

    @transition(State.DISCUSSED, to=State.RANKED, by=is_chair_for_it | is_system)
    def rank(self):
        """Give it its place in the order of the committee."""

    @transition(State.RANKED, to=State.RECOMMENDED, by=is_chair_for_it | is_system,
                only_if=(recommendation_is_made,))  # fmt: skip
    @transition(State.DISCUSSED, to=State.RECOMMENDED, by=is_chair_for_it, only_if=(recommendation_is_made,),
                tells=(deciders,))  # fmt: skip
    def recommend(self):
        """Bring the recommendation of the committee before the Operations Director; an urgent one is not ranked."""

    @transition(State.RANKED, to=State.DISCUSSED, by=is_chair_for_it, reason=True, label="Discuss again")
    @transition(State.RECOMMENDED, to=State.DISCUSSED, by=is_chair_for_it | is_decider_for_it, reason=True,
                only_if=(results_are_open,), tells=(chairs, deciders), label="Discuss again")  # fmt: skip
    def discuss_again(self):
        """Take it back to the panel, because something has changed."""

    @transition(State.RECOMMENDED, to=State.AWARDED, by=TELLS, only_if=(award_is_decided,),
                tells=(proposer, co_investigators, chairs))  # fmt: skip
    def award(self):
        """Give what was decided, in full or in part; the letter says it."""
        self.tell_decision()

    @transition(State.RECOMMENDED, to=State.DECLINED, by=TELLS, only_if=(refusal_is_decided,),
                tells=(proposer, co_investigators, chairs))  # fmt: skip
    def decline(self):
        """Give nothing, for the reasons that the letter says."""
        self.tell_decision()

    @transition(State.AWARDED, to=State.ACCEPTED, by=is_proposer, only_if=(earlier_award_can_give,),
                tells=(assessors, deciders), label="Accept the award")  # fmt: skip
    def accept(self):
        """Take the award on its terms; its ledger begins with what was decided."""
        self.take_up()

    @transition(State.AWARDED, State.DECLINED, to=State.UNDER_APPEAL, by=is_proposer, reason=True,
                only_if=(not_appealed_before, appeal_is_in_time), tells=(deciders, chairs))  # fmt: skip
    def appeal(self):
        """Say, once, what the decision has overlooked."""
        self.appealed_at, self.state_before_appeal = self.performance.moment, self.state

    @transition(State.UNDER_APPEAL, to=State.RECOMMENDED, by=is_decider_for_it, reason=True,
                tells=(proposer, co_investigators, chairs), label="Decide again")  # fmt: skip
    def grant_appeal(self):
        """Agree that the decision has to be taken again."""

    @transition(State.UNDER_APPEAL, to=Back("state_before_appeal", State.AWARDED, State.DECLINED),
                by=is_decider_for_it, reason=True, tells=(proposer, co_investigators, chairs),
                label="Dismiss the appeal")  # fmt: skip
    def dismiss_appeal(self):
        """Let the decision stand, and say why; an award can be accepted for two weeks from now."""
        self.set_time_to_accept()

    @transition(State.AWARDED, to=State.LAPSED, by=is_decider_for_it, reason=True,
                tells=(proposer, co_investigators, chairs))  # fmt: skip
    def lapse(self):
        """Say that the award was not taken up; only a person does, never the clock."""

    @transition(State.ACCEPTED, to=State.PROVISIONING, by=is_assessor_for_it | is_decider_for_it | is_system,
                label="Set up")  # fmt: skip
    def provision(self):
        """Write the award into the quotas of the platform."""

    @transition(State.PROVISIONING, to=State.ACTIVE, by=is_assessor_for_it | is_decider_for_it | is_system,
                only_if=(award_is_enforced,), tells=(proposer, co_investigators))  # fmt: skip
    def activate(self):
        """Say that the platform gives what was awarded."""
        self.set_award_period()

    @transition(State.ACTIVE, State.GRACE, to=State.ACTIVE, by=is_system, only_if=(award_has_moved,),
                tells=(proposer, co_investigators), label="Follow its award")  # fmt: skip
    def reschedule(self):
        """Run to the last day of its award, which an extension has moved."""
        self.set_award_period()

    @transition(State.ACTIVE, to=State.GRACE, by=is_system, tells=(proposer, co_investigators))
    def end(self):
        """Let the award period end; what is stored can still be fetched."""

    @transition(State.GRACE, to=State.EXPIRED, by=is_system, tells=(proposer, co_investigators, assessors))
    def expire(self):
        """Take the award out of the quotas; what is left of it is written off."""
        self.write_off()

    @transition(State.ACCEPTED, State.PROVISIONING, State.ACTIVE, State.GRACE, to=State.REVOKED,
                by=is_decider_for_it, reason=True, only_if=(nothing_was_added,),
                tells=(proposer, co_investigators, assessors, chairs))  # fmt: skip
    def revoke(self):
        """Take the award back, and say why."""
        self.write_off()

    @transition(
        State.DRAFT, to=State.WITHDRAWN, by=is_proposer, tells=(co_investigators,), label="Throw away"
    )
    @transition(*SENT, State.AWARDED, to=State.WITHDRAWN, by=is_proposer,
                tells=(co_investigators, assessors, chairs))  # fmt: skip
    def withdraw(self):
        """Take the request back; nothing of it is used."""
