"""Results that come as a whole: by API, and from files of outside automation.

One result is one attempt with all of its steps, kept in one transaction: it is there whole, or not at all. A result
that names itself (`reference`) is kept once, however often it is sent.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.acceptance.defects import known_issue, note_issue, report_issue
from ops.acceptance.models import (
    Campaign,
    CaseStep,
    CaseVersion,
    Environment,
    Execution,
    PinnedCase,
    Received,
    Source,
    StepOutcome,
    StepResult,
    Tester,
)
from ops.acceptance.rules import is_coordinator
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create, perform_in_turn

# The outcome of an attempt, and the step of its life that gives it. Nobody is waived by a machine.
ENDINGS: Mapping[str, str] = {
    "passed": "mark_passed",
    "passed_with_deviation": "mark_deviation",
    "initial_pass": "mark_initial_pass",
    "failed": "mark_failed",
    "blocked": "mark_blocked",
}
NEEDS_AN_ISSUE = frozenset({"failed", "passed_with_deviation"})
OPEN = frozenset({Execution.State.ASSIGNED, Execution.State.RUNNING})
_BAD = (StepOutcome.FAILED, StepOutcome.BLOCKED)


@dataclass(frozen=True)
class StepSaid:
    """How one step went, as a result says it."""

    number: int
    outcome: str
    actual: str = ""


@dataclass(frozen=True)
class Result:
    """One attempt, as it is told; an outcome that is not said follows from the steps."""

    case: str
    environment: str = ""
    outcome: str = ""
    steps: Sequence[StepSaid] = field(default_factory=tuple)
    comment: str = ""
    remains: str = ""
    blocker: str = ""
    defects: Sequence[str] = field(default_factory=tuple)
    reference: str = ""

    @property
    def implied(self) -> str:
        """The outcome that is said, else the one that the steps amount to; nothing where they leave it open."""
        if self.outcome or not self.steps:
            return self.outcome
        outcomes = {step.outcome for step in self.steps}
        worst = next((bad.value for bad in _BAD if bad in outcomes), "")
        return worst or ("passed" if outcomes == {StepOutcome.PASSED} else "")


def record_result(
    campaign: Campaign,
    result: Result,
    *,
    actor: User,
    source: str = Source.API,
    moment: datetime.datetime | None = None,
) -> tuple[Execution, bool]:
    """Keep a result as an attempt of the actor's in a campaign that they see; return it, and whether it is new.

    It ends the test that was given to them for this case and environment, or is another attempt. What failed
    without naming an issue is noted with the open issue of the same step, else with a new one.
    Raises `NotAllowed`, `IllegalTransition` where the campaign does not run, `InvalidInput`.
    """
    try:
        return _kept_once(campaign, result, actor, source, moment)
    except IntegrityError:
        # Two came at once. What bears the same name is what the first has kept; what has none found the same test
        # waiting, and is another attempt now that the first has taken it.
        return _kept_once(campaign, result, actor, source, moment)


@transaction.atomic
def _kept_once(
    campaign: Campaign, result: Result, actor: User, source: str, moment: datetime.datetime | None
) -> tuple[Execution, bool]:
    refuse_unless_running(campaign)
    before = _sent_before(campaign, result, actor)
    return (before, False) if before else (_keep(campaign, result, actor, source, moment), True)


def _keep(
    campaign: Campaign, result: Result, actor: User, source: str, moment: datetime.datetime | None
) -> Execution:
    version, environment = _place(campaign, result)
    outcome, steps = _checked(result, version)
    execution = _attempt(campaign, version, environment, actor, moment)
    Received.objects.create(
        execution=execution,
        campaign=campaign,
        source=source,
        reference=result.reference,
        received_at=moment or timezone.now(),
    )
    _keep_steps(execution, result, steps, actor, moment)
    _find_issue(execution, result, outcome, actor, moment)
    said = {name: getattr(result, name) for name in ("comment", "remains", "blocker", "defects")}
    ending = (ENDINGS[outcome], {name: value for name, value in said.items() if value})
    begun = execution.state != Execution.State.ASSIGNED
    return perform_in_turn(
        execution, [ending] if begun else [("begin", {}), ending], actor=actor, moment=moment
    )


def _sent_before(campaign: Campaign, result: Result, actor: User) -> Execution | None:
    if not result.reference:
        return None
    known = Received.objects.filter(campaign=campaign, reference=result.reference)
    attempt = known.values_list("execution", flat=True).first()
    if attempt is None:
        return None
    before: Execution = Execution.objects.select_related(*Execution.lock_related).get(pk=attempt)
    if before.tester_id != actor.pk:
        raise _wrong(
            reference=f"Somebody else has sent a result called “{result.reference}”; choose another name."
        )
    return before


def refuse_unless_running(campaign: Campaign) -> None:
    """Raise `IllegalTransition` where the campaign takes no results; within a transaction it goes on taking them."""
    state = campaign.state_held()
    if state != Campaign.State.RUNNING:
        label = Campaign.State(state).label.lower()
        raise errors.IllegalTransition(f"{campaign.key} is {label}; results are taken while it runs.")


def _place(campaign: Campaign, result: Result) -> tuple[CaseVersion, Environment]:
    pins = PinnedCase.objects.filter(campaign=campaign, case__identifier=result.case)
    pin = pins.select_related("version__case").first()
    if pin is None:
        raise _wrong(case=f"{campaign.key} runs no case called “{result.case}”.")
    places = {each.name: each for each in campaign.environments.all()}
    if not result.environment and len(places) == 1:
        return pin.version, next(iter(places.values()))
    if result.environment not in places:
        raise _wrong(environment=f"Name one of: {'; '.join(places)}.")
    return pin.version, places[result.environment]


def _checked(result: Result, version: CaseVersion) -> tuple[str, Mapping[int, CaseStep]]:
    steps = {step.number: step for step in version.steps.all()}
    problems: dict[str, str] = {}
    numbers = [step.number for step in result.steps]
    for at, step in enumerate(result.steps):
        if step.number not in steps:
            problems[f"steps.{at}.number"] = f"{version} has no step {step.number}."
        elif step.outcome not in StepOutcome.values:
            problems[f"steps.{at}.outcome"] = f"Give one of {', '.join(StepOutcome.values)}."
    if len(set(numbers)) < len(numbers):
        problems["steps"] = "Name every step once."
    outcome = result.implied
    if outcome not in ENDINGS:
        why = "" if result.outcome else "; it does not follow from the steps"
        problems["outcome"] = f"Give one of {', '.join(ENDINGS)}{why}."
    if outcome == "passed" and any(step.outcome in _BAD for step in result.steps):
        problems["outcome"] = "A step failed or was blocked, so the whole did not pass."
    if problems:
        raise _wrong(**problems)
    return outcome, steps


def _attempt(
    campaign: Campaign,
    version: CaseVersion,
    environment: Environment,
    actor: User,
    moment: datetime.datetime | None,
) -> Execution:
    of_cell = Execution.objects.filter(
        campaign=campaign, case_version=version, environment=environment, tester=actor
    )
    known = list(of_cell.order_by("pk").values_list("pk", "number", "state", "received"))
    waiting = (pk for pk, _, state, received in known if state in OPEN and received is None)
    given = next(waiting, None)
    if given is not None:
        return of_cell.select_related(*Execution.lock_related).get(pk=given)
    refuse_unless_taking_part(campaign, actor)
    # The rows are at hand: given as they are, none of them is looked up again.
    return create(
        Execution,
        actor=User.objects.system(),
        data={},
        moment=moment,
        campaign=campaign,
        case_version=version,
        environment=environment,
        tester=actor,
        number=1 + max((number for _, number, *_ in known), default=0),
        why=f"Sent by {actor.name}.",
    )


def takes_part(campaign: Campaign, actor: User) -> bool:
    """Whether somebody tests in the campaign, or coordinates."""
    states = (Tester.State.CONSENTED, Tester.State.TESTING, Tester.State.FINISHED, Tester.State.THANKED)
    part = Tester.objects.filter(campaign=campaign, person=actor, state__in=states)
    return is_coordinator.test(actor) or part.exists()


def refuse_unless_taking_part(campaign: Campaign, actor: User) -> None:
    """Raise `NotAllowed` for whoever neither tests in the campaign nor coordinates."""
    if not takes_part(campaign, actor):
        raise errors.NotAllowed(
            f"Only those who take part in {campaign.key} may send results; ask its coordinator to be invited."
        )


def _keep_steps(
    execution: Execution,
    result: Result,
    steps: Mapping[int, CaseStep],
    actor: User,
    moment: datetime.datetime | None,
) -> None:
    now = moment or timezone.now()
    StepResult.objects.bulk_create(
        [
            StepResult(
                execution=execution, step=steps[said.number], outcome=said.outcome, actual=said.actual,
                saved_by=actor, updated_at=now,
            )
            for said in result.steps
        ],
        update_conflicts=True,
        unique_fields=["execution", "step"],
        update_fields=["outcome", "actual", "saved_by", "updated_at"],
    )  # fmt: skip


def _find_issue(
    execution: Execution, result: Result, outcome: str, actor: User, moment: datetime.datetime | None
) -> None:
    if result.defects or outcome not in NEEDS_AN_ISSUE:
        return
    number = next((step.number for step in result.steps if step.outcome in _BAD), None)
    known = known_issue(execution, number, reader=actor)
    if known is None:
        report_issue(execution, actor=actor, number=number, words=result.comment, moment=moment)
    else:
        note_issue(execution, known, actor=actor, number=number, moment=moment)


def _wrong(**problems: str) -> errors.InvalidInput:
    return errors.InvalidInput(
        " ".join(problems.values()), fields={name: [sentence] for name, sentence in problems.items()}
    )
