"""The lives of acceptance testing, on one screen each: a case, a campaign, a tester, an execution."""

from __future__ import annotations

from ops.acceptance import parties
from ops.acceptance.rules import (
    campaign_is_open,
    campaign_is_running,
    entry_criteria_are_settled,
    every_product_has_an_owner,
    every_step_expects_something,
    has_cases,
    has_environments,
    has_exit_criteria,
    has_products,
    has_steps,
    has_testers,
    has_yet_to_approve,
    has_yet_to_sign,
    is_author,
    is_being_planned,
    is_being_written,
    is_coordinator,
    is_its_tester,
    is_not_over,
    is_reporting,
    is_the_one_asked,
    is_unended,
    no_step_went_wrong,
    no_test_is_running,
    nothing_is_left,
    owns_the_component,
    report_is_current,
    runs_its_campaign,
    runs_this_campaign,
    tests_are_given_out,
)
from ops.people.authority import is_staff, is_system
from ops.tickets.parties import assignee, reporter, watchers
from ops.workflow.declaration import Back, Creation, Phase, States, Workflow, transition

_CONTENT = (
    "title", "component", "aspect", "priority", "objective", "preconditions", "steps_text", "requirements", "minutes",
    "change_note",
)  # fmt: skip


class CaseWorkflow(Workflow):
    """How a test case matures, and how another version of it comes about (RTN-006 §2.6.2)."""

    kind, title, plural = "case", "Test case", "Test cases"

    class State(States):
        """How mature a case is."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        DEFINED = "defined", Phase.GOOD_END, "Defined"
        APPROVED = "approved", Phase.GOOD_END, "Approved"
        RETIRED = "retired", Phase.BAD_END, "Retired"

    writes = is_staff | is_coordinator
    held_by = {State.DRAFT: parties.author}
    creation = Creation(to=State.DRAFT, by=writes, asks=("identifier", "title"), offers=_CONTENT[1:-1])
    edits = ((is_being_written & (writes | is_author), _CONTENT),)

    @transition(State.DRAFT, to=State.DEFINED, by=is_staff | is_coordinator | is_author, asks=("objective",),
                offers=("change_note",), only_if=(has_steps, every_step_expects_something))  # fmt: skip
    def define(self):
        """Freeze what is written as the next version; campaigns can run it from now on."""
        self.freeze(self.performance)
        self.change_note = ""

    @transition(State.DEFINED, to=State.APPROVED, by=is_coordinator | owns_the_component,
                tells=(parties.author,))  # fmt: skip
    def approve(self):
        """Agree that this version tests what it should."""
        self.approved_numbers = [*self.approved_numbers, self.number]

    @transition(State.DEFINED, State.APPROVED, to=State.DRAFT, by=is_staff | is_coordinator | is_author,
                label="Write another version")  # fmt: skip
    def revise(self):
        """Go on writing; versions frozen before stay as they are, and campaigns keep running those they pinned."""

    @transition(State.DRAFT, State.DEFINED, to=State.RETIRED, by=is_coordinator, reason=True,
                tells=(parties.author,))  # fmt: skip
    def retire(self):
        """Take it out of the library; what was run of it stays on record."""

    @transition(State.RETIRED, to=State.DRAFT, by=is_coordinator, tells=(parties.author,))
    def restore(self):
        """Take it back into the library as a draft."""


class CampaignWorkflow(Workflow):
    """How a campaign goes from its plan to a signed report (RTN-006 §2.6.2)."""

    kind, prefix, title, plural = "campaign", "UAT", "Campaign", "Campaigns"

    class State(States):
        """Where a campaign stands."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        PLANNED = "planned", Phase.ACTIVE, "Planned"
        READY = "ready", Phase.WAITING, "Ready"
        APPROVED = "approved", Phase.ACTIVE, "Approved"
        RECRUITING = "recruiting", Phase.ACTIVE, "Recruiting"
        RUNNING = "running", Phase.ACTIVE, "Running"
        RESULTS_FROZEN = "results_frozen", Phase.ACTIVE, "Results frozen"
        REPORT_DRAFTED = "report_drafted", Phase.ACTIVE, "Report drafted"
        AWAITING_SIGN_OFF = "awaiting_sign_off", Phase.WAITING, "Awaiting sign-off"
        SIGNED_OFF = "signed_off", Phase.GOOD_END, "Signed off"
        SIGNED_OFF_WITH_CONDITIONS = (
            "signed_off_with_conditions",
            Phase.GOOD_END,
            "Signed off with conditions",
        )
        REFUSED = "refused", Phase.ACTIVE, "Sign-off refused"
        CLOSED = "closed", Phase.GOOD_END, "Closed"
        CANCELLED = "cancelled", Phase.BAD_END, "Cancelled"

    _before_the_tests = (State.DRAFT, State.PLANNED, State.READY, State.APPROVED, State.RECRUITING)
    _with_results = (
        State.RUNNING,
        State.RESULTS_FROZEN,
        State.REPORT_DRAFTED,
        State.AWAITING_SIGN_OFF,
        State.REFUSED,
    )
    _signed = (State.SIGNED_OFF, State.SIGNED_OFF_WITH_CONDITIONS)

    final = (State.CLOSED, State.CANCELLED)
    facts = ("opens_at", "closes_at")
    held_by = {
        **dict.fromkeys((*_before_the_tests, *_with_results, *_signed), parties.coordinator),
        State.READY: parties.owners_to_approve,
        State.AWAITING_SIGN_OFF: parties.owners_to_sign,
    }
    creation = Creation(
        to=State.DRAFT,
        by=is_coordinator,
        asks=("title",),
        offers=(
            "scope",
            "release",
            "products",
            "opens_at",
            "closes_at",
            "previous",
            "description",
            "visibility",
        ),
    )
    runs_it = is_coordinator | runs_this_campaign
    told_as = {
        "approve": "approved the plan",
        "sign": "signed the report",
        "add_environment": "added the environment",
        "change_environment": "described an environment better:",
        "remove_environment": "took out the environment",
        "pin_cases": "chose to run",
        "unpin_case": "took out the case",
        "add_criterion": "added the criterion",
        "remove_criterion": "took out the criterion",
        "tick_criterion": "showed that a criterion is met:",
        "waive_criterion": "waived the criterion",
        "reopen_criterion": "opened again the criterion",
        "set_quotas": "set the places for testers:",
        "hand_out": "gave out tests:",
    }
    edits = (
        (runs_it & is_being_planned, (
            "title", "scope", "release", "products", "opens_at", "closes_at", "coverage", "testers_per_case",
            "testers_per_critical_case", "previous",
        )),
        (runs_it & is_not_over, ("assignee", "description", "visibility", "labels", "watchers")),
        (runs_it & is_reporting, ("assessment", "recommendations")),
    )  # fmt: skip

    @transition(State.DRAFT, to=State.PLANNED, by=runs_it, asks=("scope", "opens_at", "closes_at"),
                only_if=(has_products, has_environments, has_cases, has_exit_criteria),
                tells=(watchers,))  # fmt: skip
    def plan(self):
        """Say that the plan is complete: what is tested, where, by which cases, until when, and what suffices."""

    @transition(State.PLANNED, to=State.READY, by=runs_it,
                only_if=(entry_criteria_are_settled, every_product_has_an_owner),
                tells=(parties.owners, watchers), label="Ask for approval")  # fmt: skip
    def make_ready(self):
        """Say that testing could begin, and ask every product owner concerned to approve."""

    @transition(State.READY, to=Back("after_approval", State.READY, State.APPROVED), by=has_yet_to_approve,
                tells=(parties.coordinator, watchers))  # fmt: skip
    def approve(self):
        """Agree to the plan for your products; with the last owner's approval the campaign is approved."""
        self.keep_approval(self.performance)

    @transition(State.APPROVED, to=State.RECRUITING, by=runs_it, tells=(watchers,), label="Begin recruiting")
    def recruit(self):
        """Look for testers: members of the committee, volunteers, staff."""

    @transition(State.READY, State.APPROVED, to=State.PLANNED, by=runs_it | has_yet_to_approve, reason=True,
                tells=(parties.coordinator, parties.owners, watchers), label="Back to planning")  # fmt: skip
    def replan(self):
        """Say what has to change in the plan; it needs every approval again."""
        self.forget_approvals()

    @transition(State.RECRUITING, to=State.RUNNING, by=runs_it, only_if=(has_testers, tests_are_given_out),
                tells=(parties.owners, watchers), label="Begin testing")  # fmt: skip
    def start(self):
        """Let the testers begin; everybody is told which tests are theirs."""
        self.send_testers_off(self.performance)

    @transition(State.RUNNING, to=State.RESULTS_FROZEN, by=runs_it, only_if=(no_test_is_running,),
                tells=(parties.owners, watchers), label="Freeze the results")  # fmt: skip
    def freeze(self):
        """End the testing: from now on the database itself refuses every change of a result; testers are thanked."""
        self.let_testers_go("The tests are over.", self.performance)

    @transition(State.RECRUITING, to=State.RECRUITING, by=runs_it, asks=("closes_at",), anew=True, reason=True,
                tells=(parties.participants, parties.owners, watchers), label="Move the end")  # fmt: skip
    @transition(State.RUNNING, to=State.RUNNING, by=runs_it, asks=("closes_at",), anew=True, reason=True,
                tells=(parties.participants, parties.owners, watchers), label="Move the end")  # fmt: skip
    def reschedule(self):
        """Give the testers until another day."""
        self.move_due_dates(self.performance)

    @transition(State.RESULTS_FROZEN, to=State.REPORT_DRAFTED, by=runs_it, tells=(watchers,))
    def draft_report(self):
        """Have the report written from the results; its words can still be changed, its numbers cannot."""

    @transition(State.REPORT_DRAFTED, to=State.AWAITING_SIGN_OFF, by=runs_it, asks=("assessment",),
                offers=("recommendations",), tells=(parties.owners, watchers), label="Ask for sign-off")  # fmt: skip
    def ask_for_sign_off(self):
        """Put the report before every product owner concerned, for signature."""
        self.put_out_report()

    @transition(State.AWAITING_SIGN_OFF, by=has_yet_to_sign, offers=("conditions",),
                to=Back("after_signature", State.AWAITING_SIGN_OFF, *_signed), only_if=(report_is_current,),
                tells=(parties.coordinator, watchers))  # fmt: skip
    def sign(self):
        """Accept the report for your products, with conditions where you have some."""
        self.keep_signatures()

    @transition(State.AWAITING_SIGN_OFF, to=State.REFUSED, by=has_yet_to_sign, reason=True,
                tells=(parties.coordinator, parties.owners, watchers))  # fmt: skip
    def refuse(self):
        """Say why your products are not accepted as they are."""
        self.keep_refusal()

    @transition(State.AWAITING_SIGN_OFF, *_signed, State.REFUSED, to=State.REPORT_DRAFTED,
                by=is_coordinator | runs_this_campaign | is_system, reason=True,
                tells=(parties.owners, watchers))  # fmt: skip
    def revise_report(self):
        """Change the report; signatures under it become void, and say so."""
        self.void_signatures()

    @transition(State.RESULTS_FROZEN, State.REPORT_DRAFTED, State.REFUSED, to=State.RUNNING, by=runs_it, reason=True,
                asks=("closes_at",), anew=True, tells=(parties.owners, watchers), label="Test again")  # fmt: skip
    def retest(self):
        """Open the campaign for further attempts; those made before stay as they are."""
        self.void_signatures()

    @transition(*_signed, State.REFUSED, to=State.CLOSED, by=runs_it, only_if=(report_is_current,),
                tells=(parties.owners, reporter, watchers))  # fmt: skip
    def close(self):
        """Finish: the report is kept with its signatures."""

    @transition(*_before_the_tests, *_with_results, to=State.CANCELLED, by=runs_it, reason=True,
                tells=(parties.owners, assignee, watchers))  # fmt: skip
    def cancel(self):
        """Give it up and say why; what was run stays on record."""
        self.let_testers_go("The campaign was given up.", self.performance)


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


class ExecutionWorkflow(Workflow):
    """How one attempt at one case gets its outcome (domain: user acceptance testing)."""

    kind, title, plural = "execution", "Execution", "Executions"

    class State(States):
        """Where an attempt stands."""

        ASSIGNED = "assigned", Phase.OPEN, "Assigned"
        RUNNING = "running", Phase.ACTIVE, "Running"
        PASSED = "passed", Phase.GOOD_END, "Passed"
        PASSED_WITH_DEVIATION = "passed_with_deviation", Phase.GOOD_END, "Passed with deviation"
        INITIAL_PASS = "initial_pass", Phase.GOOD_END, "Initial pass"
        FAILED = "failed", Phase.BAD_END, "Failed"
        BLOCKED = "blocked", Phase.BAD_END, "Blocked"
        WAIVED = "waived", Phase.BAD_END, "Waived"

    final = (
        State.PASSED, State.PASSED_WITH_DEVIATION, State.INITIAL_PASS, State.FAILED, State.BLOCKED, State.WAIVED,
    )  # fmt: skip
    runs_it = is_coordinator | runs_its_campaign
    held_by = {State.ASSIGNED: parties.tester, State.RUNNING: parties.tester}
    creation = Creation(
        to=State.ASSIGNED,
        by=is_coordinator | is_system,
        asks=("campaign", "case_version", "environment", "tester"),
        offers=("repeats",),
    )
    edits = ((is_its_tester & is_unended, ("comment",)),)

    @transition(State.ASSIGNED, to=State.RUNNING, by=is_its_tester, only_if=(campaign_is_running,))
    def begin(self):
        """Open the test and go through it step by step."""
        self.begin_now(self.performance)

    @transition(State.RUNNING, to=State.PASSED, by=is_its_tester, offers=("comment",),
                only_if=(campaign_is_running, no_step_went_wrong), label="Passed")  # fmt: skip
    def mark_passed(self):
        """Everything happened as expected."""
        self.end(self.performance)

    @transition(State.RUNNING, to=State.PASSED_WITH_DEVIATION, by=is_its_tester, asks=("defects",),
                offers=("comment",), only_if=(campaign_is_running,), label="Passed with deviation")  # fmt: skip
    def mark_deviation(self):
        """It does what it should, but not quite as written: name the issue that says how it differs."""
        self.end(self.performance)

    @transition(State.RUNNING, to=State.INITIAL_PASS, by=is_its_tester, asks=("remains",),
                offers=("comment", "defects"), only_if=(campaign_is_running,), label="Initial pass")  # fmt: skip
    def mark_initial_pass(self):
        """Good so far: say what remains to be shown for a full pass."""
        self.end(self.performance)

    @transition(State.RUNNING, to=State.FAILED, by=is_its_tester, asks=("defects",), offers=("comment",),
                only_if=(campaign_is_running,), label="Failed")  # fmt: skip
    def mark_failed(self):
        """It does not do what it should: name the issue that describes it."""
        self.end(self.performance)

    @transition(State.ASSIGNED, State.RUNNING, to=State.BLOCKED, by=is_its_tester, asks=("blocker",),
                offers=("comment", "defects"), only_if=(campaign_is_running,), label="Blocked")  # fmt: skip
    def mark_blocked(self):
        """It cannot be run: say what keeps it."""
        self.end(self.performance)

    @transition(State.ASSIGNED, State.RUNNING, to=State.WAIVED, by=runs_it, reason=True,
                only_if=(campaign_is_running,), tells=(parties.tester,))  # fmt: skip
    def waive(self):
        """Go without this test and say why; it is never counted as passed."""
        self.waived_by, self.waived_because = self.performance.actor, self.performance.reason
        self.end(self.performance)

    @transition(State.RUNNING, to=State.ASSIGNED, by=is_its_tester | runs_it)
    def put_back(self):
        """Leave it for later; what was typed stays."""

    @transition(State.ASSIGNED, to=State.ASSIGNED, by=runs_it, asks=("tester",), anew=True, offers=("why",),
                only_if=(campaign_is_open,), label="Give to somebody else")  # fmt: skip
    def reassign(self):
        """Let another tester run it."""
        self.count_attempts()
