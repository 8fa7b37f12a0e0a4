"""What a tester keeps while a test runs: how each step went, and the files that show it.

Every step is saved by itself, at once. Whoever saves says what they had before their eyes; where somebody else has
saved the step since then, nothing is written over and both are shown.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from ops.acceptance.models import CaseStep, Evidence, Execution, StepOutcome, StepResult
from ops.acceptance.rules import is_its_tester
from ops.people.models import User
from ops.tickets.files import accepted_name
from ops.workflow import errors
from ops.workflow.forms import is_text
from ops.workflow.services import perform, record

LONGEST = 20_000
MOST_EVIDENCE = 50
# What a browser may draw by itself; everything else is only ever handed out as a download.
IMAGES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


class SavedMeanwhile(errors.Stale):
    """The same step was saved since this person looked at it; `theirs` is what stands there now."""

    def __init__(self, theirs: StepResult, actor: User) -> None:
        who = "You have" if theirs.saved_by == actor else f"{theirs.saved_by.name} has"
        where = " in another window" if theirs.saved_by == actor else ""
        super().__init__(
            f"{who} saved step {theirs.step.number}{where} meanwhile; choose which of the two stands."
        )
        self.theirs = theirs


@transaction.atomic
def save_step(
    execution: Execution,
    number: int,
    *,
    actor: User,
    outcome: str,
    actual: str,
    seen: str = "",
    moment: datetime.datetime | None = None,
) -> StepResult:
    """Keep how a step went; the first one begins the test. `seen` is the `seen_as` of the result that one looked at.

    Raises `NotFound`, `NotAllowed`, `InvalidInput`, `IllegalTransition` where the test has ended, and
    `SavedMeanwhile`. A change of the outcome stands in the history; text that grows does not.
    """
    _refuse_bad_step(outcome, actual)
    running = _running(execution, actor, moment)
    step = _step_of(running, number)
    known = StepResult.objects.filter(execution=running, step=step).select_related("saved_by", "step").first()
    if known is not None and (known.outcome, known.actual) == (outcome, actual):
        return known
    if known is not None and seen_as(known) != seen:
        raise SavedMeanwhile(known, actor)
    before = known.outcome if known else ""
    result, _ = StepResult.objects.update_or_create(
        execution=running,
        step=step,
        defaults={
            "outcome": outcome, "actual": actual, "saved_by": actor, "updated_at": moment or timezone.now(),
        },
    )  # fmt: skip
    if outcome != before:
        changes = {f"step {number}": {"old": before or None, "new": outcome or None}}
        record(running, "step", actor=actor, changes=changes, moment=moment)
    return result


def seen_as(result: StepResult | None) -> str:
    """Return what names one wording of a step's result, for `save_step` to compare with."""
    return result.updated_at.isoformat() if result else ""


@transaction.atomic
def keep_evidence(
    execution: Execution, *, actor: User, upload: UploadedFile, number: int | None = None
) -> Evidence:
    """Keep a file that shows what happened, of one step or of the whole test.

    The same file sent twice for the same step is kept once, so that a browser may try again.
    Raises `InvalidInput` for a file that is too large, empty or of a refused type.
    """
    name = accepted_name(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    digest = _digest(upload)
    running = _running(execution, actor)
    step = _step_of(running, number) if number is not None else None
    kept = running.evidence.filter(step=step)
    again = kept.filter(digest=digest).first()
    if again is not None:
        return again
    if running.evidence.count() >= MOST_EVIDENCE:
        sentence = f"A test keeps at most {MOST_EVIDENCE} files; put the others where they can be downloaded."
        raise errors.InvalidInput(sentence, fields={"file": [sentence]})
    ending = PurePosixPath(name).suffix.lower()
    upload.name = f"{secrets.token_urlsafe(24)}{ending}"
    made = Evidence.objects.create(
        execution=running,
        step=step,
        file=upload,
        name=name,
        content_type=IMAGES.get(ending, "application/octet-stream"),
        size=upload.size or 0,
        digest=digest,
        uploaded_by=actor,
    )
    record(running, "evidence", actor=actor, changes={"evidence": {"old": None, "new": name}})
    return made


def _digest(upload: UploadedFile) -> str:
    sum_of = hashlib.sha256()
    for chunk in upload.chunks():
        sum_of.update(chunk)
    upload.seek(0)
    return sum_of.hexdigest()


def _running(execution: Execution, actor: User, moment: datetime.datetime | None = None) -> Execution:
    """Return the locked row of a test that runs; one that was only given out begins now."""
    rows = Execution.objects.visible_to(actor).locked().select_related(*Execution.lock_related)
    found: Execution | None = rows.filter(pk=execution.pk).first()
    if found is None:
        raise errors.NotFound
    if not is_its_tester.test(actor, found):
        raise errors.NotAllowed(f"Only {found.tester.name}, to whom it was given, may run {found}.")
    states = Execution.State
    if found.state == states.ASSIGNED:
        return perform(found, "begin", actor=actor, moment=moment)
    if found.state != states.RUNNING or found.campaign.state != found.campaign.State.RUNNING:
        raise errors.IllegalTransition(
            f"{found} is {found.state_label.lower()}; what it found is not changed any more. Try it again instead."
        )
    return found


def _step_of(execution: Execution, number: int) -> CaseStep:
    step = CaseStep.objects.filter(version=execution.case_version_id, number=number).first()
    if step is None:
        raise errors.NotFound(f"{execution.case_version} has no step {number}.")
    return step


def _refuse_bad_step(outcome: str, actual: str) -> None:
    problems = {}
    if outcome and outcome not in StepOutcome.values:
        problems["outcome"] = [f"Choose one of {', '.join(StepOutcome.values)}."]
    if len(actual) > LONGEST:
        problems["actual"] = [f"Write at most {LONGEST:,} characters; these are {len(actual):,}."]
    elif not is_text(actual):
        problems["actual"] = ["This text holds characters that cannot be stored."]
    if problems:
        raise errors.InvalidInput(f"Please correct {', '.join(problems)}.", fields=problems)
