"""The life of a seat in a committee, on one screen."""

from __future__ import annotations

from ops.committees.parties import advisors, desk, director, facilitators, members, nominator, nominee
from ops.committees.rules import (
    has_no_other_term,
    is_advisor,
    is_chair,
    is_director,
    is_nominee,
    slate_is_settled,
    term_has_begun,
    term_is_over,
)
from ops.people.authority import is_lead, is_signed_in, is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

ABOUT_THE_PERSON = ("statement", "country", "small_institution")


class SeatWorkflow(Workflow):
    """How somebody comes to sit in a committee, and for how long (RTN-006 §2.5.3, RDO-051)."""

    kind, title, plural = "seat", "Committee seat", "Committee seats"

    class State(States):
        """Where a seat stands."""

        NOMINATED = "nominated", Phase.OPEN, "Nominated"
        VETTED = "vetted", Phase.OPEN, "Vetted"
        ON_SLATE = "on_slate", Phase.ACTIVE, "On the slate"
        APPROVED = "approved", Phase.ACTIVE, "Approved"
        ACCEPTED = "accepted", Phase.WAITING, "Accepted"
        ACTIVE = "active", Phase.GOOD_END, "Active"
        ENDED = "ended", Phase.GOOD_END, "Ended"
        NOT_TAKEN = "not_taken", Phase.BAD_END, "Not taken"

    BEFORE_THE_TERM = (State.NOMINATED, State.VETTED, State.ON_SLATE, State.APPROVED, State.ACCEPTED)
    final = (State.ENDED, State.NOT_TAKEN)
    facts = ("begins_at", "ends_at")
    held_by = {
        State.NOMINATED: facilitators,
        State.VETTED: advisors,
        State.ON_SLATE: director,
        State.APPROVED: nominee,
        State.ACCEPTED: desk,
    }
    creation = Creation(
        to=State.NOMINATED,
        by=is_signed_in,
        asks=("committee", "person"),
        offers=ABOUT_THE_PERSON,
        tells=(facilitators, nominee),
    )
    # What the rules of composition ask is not for the nominee to change.
    edits = ((is_lead, ABOUT_THE_PERSON), (is_nominee, ("statement",)))

    @transition(State.NOMINATED, to=State.VETTED, by=is_lead, asks=("country",), offers=("small_institution",),
                tells=(advisors,))  # fmt: skip
    def vet(self):
        """Say that they may sit: where they work is known, and they know of the nomination."""

    @transition(State.VETTED, to=State.ON_SLATE, by=is_advisor | is_lead, asks=("begins_on",), offers=("ends_on",),
                tells=(director,), label="Put on the slate")  # fmt: skip
    def put_on_slate(self):
        """Propose them to the Director, for a term that begins on a day."""

    @transition(State.ON_SLATE, to=State.APPROVED, by=is_director, only_if=(slate_is_settled,),
                tells=(nominee, advisors))  # fmt: skip
    def approve(self):
        """Appoint them; they are asked whether they accept."""

    @transition(State.ON_SLATE, to=State.VETTED, by=is_advisor | is_director, reason=True,
                tells=(advisors, facilitators), label="Take off the slate")  # fmt: skip
    def take_off_slate(self):
        """Send them back to the nominees, with the reason."""

    @transition(State.APPROVED, to=State.ACCEPTED, by=is_nominee, tells=(facilitators,))
    def accept(self):
        """Take the seat; the term begins by itself on its first day."""

    @transition(State.ACCEPTED, to=State.ACTIVE, by=is_system | is_lead, only_if=(term_has_begun, has_no_other_term),
                tells=(nominee, members), label="Begin the term")  # fmt: skip
    def begin_term(self):
        """Let the term begin: authority begins with it."""
        self.begin_serving()

    @transition(State.ACTIVE, to=State.ENDED, by=is_system | is_lead, only_if=(term_is_over,),
                tells=(nominee, facilitators), label="End the term")  # fmt: skip
    def end_term(self):
        """Let a term that is over be over; it ends by itself."""
        self.stop_serving("term")

    @transition(State.ACTIVE, to=State.ACTIVE, by=is_director, asks=("ends_on",), anew=True, reason=True,
                tells=(nominee, members))  # fmt: skip
    def extend(self):
        """Give the term another last day, within the limit of all terms together."""
        self.extend_service()

    @transition(State.ACTIVE, to=State.ACTIVE, by=is_director, asks=("office_from", "office_until"), anew=True,
                tells=(nominee, members), label="Make chair")  # fmt: skip
    def make_chair(self):
        """Let them chair the committee for some time, at most until their own term ends."""
        self.hold_office("chair")

    @transition(State.ACTIVE, to=State.ACTIVE, by=is_chair | is_lead, asks=("office_from", "office_until"), anew=True,
                tells=(nominee, members), label="Make secretary")  # fmt: skip
    def make_secretary(self):
        """Let them keep the minutes for some time, at most until their own term ends."""
        self.hold_office("secretary")

    @transition(
        State.ACTIVE, to=State.ENDED, by=is_nominee, reason=True, tells=(members, director, facilitators)
    )
    def resign(self):
        """Give the seat back; authority ends at once."""
        self.stop_serving("resigned")

    @transition(State.ACTIVE, to=State.ENDED, by=is_lead, reason=True, tells=(nominee, director, members),
                label="Declare ineligible")  # fmt: skip
    def declare_ineligible(self):
        """End the seat of somebody who may not hold it any more, such as a new employee of the observatory."""
        self.stop_serving("ineligible")

    @transition(
        State.ACTIVE, to=State.ENDED, by=is_director, reason=True, tells=(nominee, members, facilitators)
    )
    def remove(self):
        """End the term early; authority ends at once."""
        self.stop_serving("removed")

    @transition(State.NOMINATED, State.VETTED, to=State.NOT_TAKEN, by=is_lead | is_advisor, reason=True,
                tells=(nominee, nominator), label="Set aside")  # fmt: skip
    def set_aside(self):
        """Not this time; the reason is for the nominee to read."""

    @transition(*BEFORE_THE_TERM, to=State.NOT_TAKEN, by=is_nominee, tells=(facilitators, advisors, director))
    def decline(self):
        """Say that you will not take the seat."""

    @transition(State.APPROVED, State.ACCEPTED, to=State.NOT_TAKEN, by=is_director, reason=True,
                tells=(nominee, advisors, facilitators), label="Take back the appointment")  # fmt: skip
    def take_back(self):
        """Free the place before the term begins: they never answered, or may not sit there after all."""
