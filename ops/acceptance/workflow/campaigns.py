"""The life of a campaign, on one screen."""

from __future__ import annotations

from ops.acceptance import parties
from ops.acceptance.rules import (
    entry_criteria_are_settled,
    every_product_has_an_owner,
    has_cases,
    has_environments,
    has_exit_criteria,
    has_products,
    has_testers,
    has_yet_to_approve,
    has_yet_to_sign,
    is_being_planned,
    is_coordinator,
    is_not_over,
    is_reporting,
    no_test_is_running,
    report_is_current,
    runs_this_campaign,
    tests_are_given_out,
)
from ops.people.authority import is_system
from ops.tickets.parties import assignee, reporter, watchers
from ops.workflow.declaration import Back, Creation, Phase, States, Workflow, Workplace, transition


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
    workplaces = {
        State.READY: Workplace("Read and approve", "plan"),
        State.AWAITING_SIGN_OFF: Workplace("Read and sign", "reports"),
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
        "send_results": "sent a file of results:",
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
