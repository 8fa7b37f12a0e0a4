"""The life of a tester in a campaign, on one screen."""

from __future__ import annotations

from ops.acceptance import parties
from ops.acceptance.rules import (
    is_coordinator,
    is_the_one_asked,
    nothing_is_left,
    runs_its_campaign,
)
from ops.people.authority import is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, Workplace, transition


class TesterWorkflow(Workflow):
    """How somebody becomes a tester, is chased, and is thanked."""

    kind, title, plural = "tester", "Tester", "Testers"

    class State(States):
        """Where a tester stands."""

        INVITED = "invited", Phase.WAITING, "Invited"
        CONSENTED = "consented", Phase.OPEN, "Takes part"
        TESTING = "testing", Phase.ACTIVE, "Testing"
        FINISHED = "finished", Phase.GOOD_END, "Finished"
        THANKED = "thanked", Phase.GOOD_END, "Thanked"
        DECLINED = "declined", Phase.BAD_END, "Declined"
        WITHDRAWN = "withdrawn", Phase.BAD_END, "Withdrawn"

    facts = ("due_at",)
    runs_it = is_coordinator | runs_its_campaign
    final = (State.DECLINED, State.WITHDRAWN)
    workplaces = {State.TESTING: Workplace("Run the tests", "tests")}
    held_by = {
        State.INVITED: parties.whoever_was_asked,
        State.CONSENTED: parties.coordinator_of_campaign,
        State.TESTING: parties.whoever_was_asked,
    }
    creation = Creation(
        to=State.INVITED,
        by=is_coordinator | is_system,
        asks=("campaign", "person"),
        offers=("group", "capacity"),
        tells=(parties.whoever_was_asked,),
    )
    edits = ((runs_it | is_the_one_asked, ("capacity", "setup")), (runs_it, ("group",)))

    @transition(State.INVITED, to=State.CONSENTED, by=is_the_one_asked, asks=("agrees", "capacity"),
                offers=("setup",), tells=(parties.coordinator_of_campaign,), label="Take part")  # fmt: skip
    def consent(self):
        """Agree to test, and say how many tests you can take."""

    @transition(
        State.INVITED, to=State.DECLINED, by=is_the_one_asked, tells=(parties.coordinator_of_campaign,)
    )
    def decline(self):
        """Not this time; nobody asks why."""

    @transition(State.CONSENTED, State.FINISHED, State.THANKED, to=State.TESTING,
                by=is_coordinator | runs_its_campaign | is_system,
                tells=(parties.whoever_was_asked,), label="Send off")  # fmt: skip
    def take_up(self):
        """Tell the tester that there are tests to run, and until when."""
        self.due_at = self.campaign.closes_at

    @transition(State.TESTING, to=State.FINISHED, only_if=(nothing_is_left,),
                by=is_the_one_asked | is_coordinator | runs_its_campaign)  # fmt: skip
    def finish(self):
        """Every test is done; it happens by itself with the last result."""

    @transition(State.TESTING, to=State.FINISHED, by=is_system, label="Finish")
    def run_out(self):
        """The last result of this person came in a moment ago."""

    @transition(State.CONSENTED, State.TESTING, State.FINISHED, to=State.THANKED,
                by=is_coordinator | runs_its_campaign | is_system, tells=(parties.whoever_was_asked,))  # fmt: skip
    def thank(self):
        """Thank the tester and credit the hours of service; it happens by itself when the results are frozen."""
        self.credit_hours(self.performance)

    @transition(State.TESTING, to=State.TESTING, by=is_coordinator | runs_its_campaign | is_system,
                asks=("due_at",), anew=True, label="Move the end")  # fmt: skip
    def take_longer(self):
        """Give this person until another day; a campaign whose end moves takes everybody along."""

    @transition(State.INVITED, State.CONSENTED, State.TESTING, to=State.WITHDRAWN,
                by=is_the_one_asked | is_coordinator | runs_its_campaign, reason=True,
                tells=(parties.coordinator_of_campaign, parties.whoever_was_asked))  # fmt: skip
    def withdraw(self):
        """Leave the campaign; tests that were not run are given to others."""
