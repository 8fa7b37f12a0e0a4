"""The life of one attempt at a case, on one screen."""

from __future__ import annotations

from ops.acceptance import parties
from ops.acceptance.rules import (
    campaign_is_open,
    campaign_is_running,
    is_coordinator,
    is_its_tester,
    is_unended,
    no_step_went_wrong,
    runs_its_campaign,
)
from ops.people.authority import is_system
from ops.workflow.declaration import Creation, Phase, States, Workflow, Workplace, transition


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
    workplaces = {
        State.ASSIGNED: Workplace("Open the test", "run"),
        State.RUNNING: Workplace("Go on with the test", "run"),
    }
    creation = Creation(
        to=State.ASSIGNED,
        by=is_system | is_coordinator,
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
