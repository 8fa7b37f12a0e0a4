"""What a test has found becomes an issue: prefilled, linked to the campaign, and noted with the attempt."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from ops.acceptance.models import CasePriority, CaseStep, Defect, Execution
from ops.acceptance.relating import relate
from ops.acceptance.rules import is_coordinator, is_its_tester, runs_its_campaign
from ops.people.models import User
from ops.tickets.models import Level, Ticket, Visibility
from ops.tickets.services import attach
from ops.workflow import errors, registry
from ops.workflow.services import create, record

ISSUE = "issue"
LONGEST_TITLE = 200
MOST_FILES = 10
# A defect is as grave as the case is important; triage may say otherwise.
GRAVITY: Mapping[str, tuple[Level, Level]] = {
    CasePriority.CRITICAL: (Level.HIGH, Level.HIGH),
    CasePriority.HIGH: (Level.HIGH, Level.MEDIUM),
    CasePriority.MEDIUM: (Level.MEDIUM, Level.MEDIUM),
    CasePriority.LOW: (Level.LOW, Level.LOW),
}

may_report = is_its_tester | is_coordinator | runs_its_campaign


def proposed_issue(execution: Execution, number: int | None = None, words: str = "") -> dict[str, Any]:
    """Return what an issue about a test, or about one step of it, says before anybody has touched it.

    `words` say what happened, where no result of the step does.
    """
    version, case = execution.case_version, execution.case_version.case
    importance, urgency = GRAVITY[version.priority]
    results = {result.step_id: result for result in execution.step_results.select_related("step")}
    steps = list(version.steps.all())
    step = next((each for each in steps if each.number == number), None)
    if number is not None and step is None:
        raise errors.NotFound(f"{version} has no step {number}.")
    result = results.get(step.pk) if step else None
    happened = (result.actual if result else "") or words
    proposed = {
        "title": _title(execution, step, happened),
        "description": _description(execution, steps, step, happened),
        "importance": importance.value,
        "urgency": urgency.value,
        "origin": "test_campaign",
        "visibility": _visibility(execution.campaign),
    }
    component = case.component or getattr(execution.campaign.concerned.first(), "product", None)
    return proposed | ({"component": component.slug} if component else {})


def _title(execution: Execution, step: CaseStep | None, happened: str) -> str:
    said = next((line.strip() for line in happened.splitlines() if line.strip()), "")
    what = said or (
        f"step {step.number} failed: {step.description}" if step else execution.case_version.title
    )
    return " ".join(f"{execution.case_version.case.identifier}: {what}".split())[:LONGEST_TITLE]


def _visibility(campaign: Ticket) -> str:
    # Whoever tests can read the campaign; what they find is for the same readers, unless they say otherwise.
    readable = campaign.visibility in {Visibility.PUBLIC, Visibility.COMMUNITY, Visibility.STAFF}
    return str(campaign.visibility if readable else Visibility.STAFF)


def _description(
    execution: Execution, steps: Sequence[CaseStep], step: CaseStep | None, happened: str
) -> str:
    version, environment = execution.case_version, execution.environment
    where = f"step {step.number} of " if step else ""
    until = [each for each in steps if step is None or each.number <= step.number]
    case = f"{version.case.identifier} v{version.number}, “{version.title}”"
    described = f" ({environment.described})" if environment.described else ""
    parts = [
        f"Found by the acceptance tests {execution.campaign.key}: {where}{case}, attempt {execution.number}.",
        f"**Environment:** {environment.name}{described}",
        f"**Before the first step:** {version.preconditions}" if version.preconditions else "",
        "**Steps**\n\n" + "\n".join(_numbered(each) for each in until) if until else "",
    ]
    parts += [
        f"**What must happen:** {step.expected}" if step and step.expected else "",
        f"**What happened:** {happened}" if happened else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _numbered(step: CaseStep) -> str:
    data = f" (data: `{' '.join(step.test_data.replace('`', ' ').split())}`)" if step.test_data else ""
    return f"{step.number}. {' '.join(step.description.split())}{data}"


@transaction.atomic
def report_issue(
    execution: Execution,
    *,
    actor: User,
    number: int | None = None,
    data: Mapping[str, Any] | None = None,
    words: str = "",
    moment: datetime.datetime | None = None,
) -> Ticket:
    """Make an issue out of what a test has found; `data` stands in place of what is proposed.

    The issue and the campaign are linked, both ways; the files of the step go along.
    Raises `NotFound`, `NotAllowed`, `InvalidInput`, and `IllegalTransition` where the results are frozen.
    """
    found = _open(execution, actor)
    proposed = {**proposed_issue(found, number, words), **(data or {})}
    issue: Any = create(registry.model_of(ISSUE), actor=actor, data=proposed, moment=moment)
    _note(found, issue, number, actor, moment)
    shown = found.evidence.filter(step__number=number) if number else found.evidence.all()
    for evidence in shown[:MOST_FILES]:
        with evidence.file.open() as file:
            attach(issue, actor=actor, upload=SimpleUploadedFile(evidence.name, file.read()))
    made: Ticket = issue
    return made


@transaction.atomic
def note_issue(
    execution: Execution,
    issue: Ticket,
    *,
    actor: User,
    number: int | None = None,
    moment: datetime.datetime | None = None,
) -> None:
    """Say that an issue which is there already describes what a test, or one step of it, has found."""
    found = _open(execution, actor)
    seen = Ticket.objects.visible_to(actor).filter(pk=issue.pk).first()
    if seen is None:
        raise errors.NotFound
    _note(found, seen, number, actor, moment)


def known_issue(execution: Execution, number: int | None, *, reader: User) -> Ticket | None:
    """Return the open issue that an earlier attempt at the same step found in the same campaign, if one is seen.

    Automation that runs every night then reports once, and not every night.
    """
    rows = Defect.objects.filter(
        execution__campaign=execution.campaign_id,
        execution__case_version__case=execution.case_version.case_id,
        ticket__in=Ticket.objects.visible_to(reader),
    )
    rows = rows.filter(step__number=number) if number else rows.filter(step=None)
    noted = rows.select_related("ticket").order_by("-pk")
    return next((row.ticket for row in noted if not row.ticket.has_ended), None)


def _open(execution: Execution, actor: User) -> Execution:
    rows = Execution.objects.visible_to(actor).locked().select_related(*Execution.lock_related)
    found: Execution | None = rows.filter(pk=execution.pk).first()
    if found is None:
        raise errors.NotFound
    if not may_report.test(actor, found):
        raise errors.NotAllowed("Only the tester and the coordinator may say which issue a test has found.")
    if found.campaign.state != found.campaign.State.RUNNING:
        raise errors.IllegalTransition(
            f"The results of {found.campaign.key} are not open; report the issue by itself and link it."
        )
    return found


def _note(
    execution: Execution, issue: Ticket, number: int | None, actor: User, moment: datetime.datetime | None
) -> None:
    step = (
        CaseStep.objects.filter(version=execution.case_version_id, number=number).first() if number else None
    )
    _, is_new = Defect.objects.get_or_create(
        execution=execution, step=step, ticket_id=issue.pk, defaults={"noted_by": actor}
    )
    if is_new:
        changes = {"defects": {"old": None, "new": [issue.pk]}}
        record(execution, "defect", actor=actor, changes=changes, moment=moment)
    relate(issue, execution.campaign, actor=actor, moment=moment)
