"""The page on which a test is done, beside the tested site: its steps as they stand, and what may come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse

from ops.acceptance.defects import may_report
from ops.acceptance.models import CaseStep, Defect, Evidence, Execution, StepOutcome, StepResult, Tester
from ops.acceptance.recording import seen_as
from ops.acceptance.repeating import may_repeat
from ops.acceptance.rules import is_its_tester
from ops.acceptance.verdicts import NOT_RUN
from ops.clocks.explanation import Clock
from ops.clocks.selectors import deadlines_of
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.web.frame import dates
from ops.web.records.actions import Action, Actions, actions
from ops.web.records.standing import Standing, standing

REPORT_FIRST = " Report it on the step first: “Failed” asks for the issue."
BAD = frozenset({StepOutcome.FAILED, StepOutcome.BLOCKED})
# The outcomes of a test in the order in which they are offered.
ENDINGS = ("mark_passed", "mark_deviation", "mark_initial_pass", "mark_failed", "mark_blocked", "waive")


@dataclass(frozen=True)
class RunStep:
    """One step of a test, and what was said about it so far."""

    step: CaseStep
    result: StepResult | None
    evidence: Sequence[Evidence]
    issues: Sequence[Ticket]
    url: str
    evidence_url: str
    issue_url: str

    @property
    def number(self) -> int:
        """Its number in the case."""
        return self.step.number

    @property
    def description(self) -> str:
        """What to do."""
        return self.step.description

    @property
    def test_data(self) -> str:
        """With which data."""
        return self.step.test_data

    @property
    def expected(self) -> str:
        """What must happen."""
        return self.step.expected

    @property
    def outcome(self) -> str:
        """How it went; empty until somebody says so."""
        return self.result.outcome if self.result else ""

    @property
    def actual(self) -> str:
        """What happened."""
        return self.result.actual if self.result else ""

    @property
    def shown(self) -> str:
        """The verdict of which the mark is drawn."""
        return self.outcome or NOT_RUN

    @property
    def words(self) -> str:
        """How it went, in words."""
        return str(self.result.get_outcome_display()) if self.result and self.outcome else "Not run"

    @property
    def is_bad(self) -> bool:
        """Whether an issue should be reported about it."""
        return self.outcome in BAD

    @property
    def seen(self) -> str:
        """What names the wording that the page shows."""
        return seen_as(self.result)

    @property
    def saved_words(self) -> str:
        """When it was saved last."""
        return f"Saved {dates.spoken(self.result.updated_at)}" if self.result else ""


class Run:
    """A test that is being done, for one reader."""

    outcomes = tuple(StepOutcome.choices)

    def __init__(self, request: HttpRequest, execution: Execution) -> None:
        self.request, self.reader = request, request.user
        self.execution = execution
        self.campaign, self.version = execution.campaign, execution.case_version
        self.case, self.environment = execution.case_version.case, execution.environment

    @cached_property
    def _results(self) -> dict[int, StepResult]:
        rows = self.execution.step_results.select_related("saved_by")
        return {result.step_id: result for result in rows}

    @cached_property
    def _issues(self) -> dict[int | None, list[Ticket]]:
        seen = Ticket.objects.visible_to(self.reader)
        rows = Defect.objects.filter(execution=self.execution, ticket__in=seen).select_related("ticket")
        found: dict[int | None, list[Ticket]] = {}
        for row in rows:
            found.setdefault(row.step_id, []).append(row.ticket)
        return found

    @property
    def issues(self) -> list[Ticket]:
        """The issues that it has found, each once, as far as the reader sees them."""
        found = [issue for of_step in self._issues.values() for issue in of_step]
        return list({issue.pk: issue for issue in found}.values())

    @cached_property
    def steps(self) -> list[RunStep]:
        """Its steps in order."""
        evidence: dict[int | None, list[Evidence]] = {}
        for file in self.execution.evidence.all():
            evidence.setdefault(file.step_id, []).append(file)
        may_say = may_report.test(self.reader, self.execution)
        return [
            self._step(step, evidence.get(step.pk, []), may_say=may_say) for step in self.version.steps.all()
        ]

    def _step(self, step: CaseStep, evidence: Sequence[Evidence], *, may_say: bool) -> RunStep:
        at = [self.execution.pk, step.number]
        return RunStep(
            step,
            self._results.get(step.pk),
            evidence,
            self._issues.get(step.pk, []),
            reverse("save-step", args=at),
            reverse("keep-evidence", args=at),
            reverse("report-step", args=at) if may_say else "",
        )

    @property
    def done(self) -> int:
        """Of how many steps it is said how they went."""
        return sum(bool(step.outcome) for step in self.steps)

    @property
    def at(self) -> int:
        """The step to go on with: the first of which nothing is said."""
        return next((step.number for step in self.steps if not step.outcome), 1)

    @property
    def may_record(self) -> bool:
        """Whether the reader may say how a step went."""
        states = Execution.State
        return (
            is_its_tester.test(self.reader, self.execution)
            and self.execution.state in {states.ASSIGNED, states.RUNNING}
            and self.campaign.state == self.campaign.State.RUNNING
        )

    @property
    def why_closed(self) -> str:
        """Why nothing can be said here, in a sentence."""
        if self.execution.has_ended:
            ended = self.execution.ended_at
            when = f" {dates.spoken(ended)}" if ended else ""
            return (
                f"This attempt ended{when}: {self.execution.state_label.lower()}. It is not changed any more."
            )
        if self.campaign.state != self.campaign.State.RUNNING:
            return f"{self.campaign.key} is {self.campaign.state_label.lower()}; tests are run while it runs."
        return f"This test was given to {self.execution.tester.name}."

    @cached_property
    def _before_me(self) -> StepResult | None:
        others = [result for result in self._results.values() if result.saved_by != self.reader]
        return max(others, key=lambda result: result.updated_at, default=None)

    @property
    def companion(self) -> User | None:
        """Who else has said something of this attempt, the last of them."""
        return self._before_me.saved_by if self._before_me and self.may_record else None

    @property
    def companion_at(self) -> datetime | None:
        """When that was."""
        return self._before_me.updated_at if self._before_me else None

    @cached_property
    def earlier(self) -> Sequence[Execution]:
        """The attempts of the same tester before this one."""
        rows = Execution.objects.visible_to(self.reader).filter(
            campaign=self.campaign, case_version=self.version, environment=self.environment, pk__lt=self.execution.pk,
            tester=self.execution.tester_id,
        )  # fmt: skip
        return list(rows.select_related("tester").order_by("pk"))

    @cached_property
    def clocks(self) -> list[Clock]:
        """The deadline of its tester, who has one for all tests."""
        part = Tester.objects.filter(campaign=self.campaign, person=self.execution.tester_id).first()
        return deadlines_of([part])[part.pk] if part and not self.execution.has_ended else []

    @cached_property
    def standing(self) -> Standing:
        """Who holds it, what is next, until when."""
        return replace(standing(self.execution, self.reader, self.clocks), next_step=self._next)

    @property
    def _next(self) -> str:
        if self.execution.has_ended or not self.steps:
            return ""
        left = self.done < len(self.steps)
        return f"step {self.at}" if left else "say what came out"

    @cached_property
    def _offered(self) -> Actions:
        return actions(self.execution, self.reader)

    @property
    def _all(self) -> list[Action]:
        offered = self._offered
        return [*([offered.primary] if offered.primary else []), *offered.others]

    @property
    def actions(self) -> Actions:
        """What may be done besides saying what came out; a test begins with the first word about it."""
        others = [each for each in self._all if each.step.name not in {*ENDINGS, "begin"}]
        return Actions(None, others, [])

    @property
    def endings(self) -> list[Action]:
        """The outcomes that this reader may give, in the order in which they are offered."""
        found = {each.step.name: each for each in self._all}
        return [found[name] for name in ENDINGS if name in found]

    @property
    def suggested(self) -> str:
        """The outcome that the steps amount to; nothing while some are open."""
        said = {step.outcome for step in self.steps}
        if StepOutcome.FAILED in said:
            return "mark_failed"
        if StepOutcome.BLOCKED in said:
            return "mark_blocked"
        return "mark_passed" if said == {StepOutcome.PASSED.value} else ""

    @property
    def proposal(self) -> str:
        """What the steps amount to, in a sentence."""
        if self.execution.state == Execution.State.ASSIGNED and self.may_record:
            return "The test begins with the first thing that you say about a step."
        words = {
            "mark_failed": f"A step has failed.{'' if self.issues else REPORT_FIRST}",
            "mark_blocked": "A step was blocked.",
            "mark_passed": "Every step has passed.",
        }
        left = len(self.steps) - self.done
        still = f"{left} step{' is' if left == 1 else 's are'} still open."
        return words.get(self.suggested, still if left else "Say what they amount to.")

    @property
    def again_url(self) -> str:
        """Where the reader has it tried again; empty where they may not."""
        may = self.execution.has_ended and self.campaign.state == self.campaign.State.RUNNING
        return reverse("try-again", args=[self.execution.pk]) if may and self._may_repeat else ""

    @property
    def _may_repeat(self) -> bool:
        return may_repeat.test(self.reader, self.execution)


def my_tests(reader: User) -> list[Execution]:
    """Return the tests that somebody still has to run, those begun first."""
    rows = Execution.objects.visible_to(reader).filter(
        tester=reader, state__in=(Execution.State.RUNNING, Execution.State.ASSIGNED),
        campaign__state="running",
    )  # fmt: skip
    found = rows.select_related(*Execution.lock_related).order_by("campaign__closes_at", "-state", "pk")
    return list(found)
