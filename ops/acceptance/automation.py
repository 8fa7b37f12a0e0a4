"""A file of outside automation becomes attempts: one for each case that its testcases name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ops.acceptance.junit import JUnitCase, Verdict, plain, read_junit
from ops.acceptance.models import Campaign, PinnedCase, Received, SentFile, Source, StepOutcome
from ops.acceptance.results import (
    Result,
    StepSaid,
    record_result,
    refuse_unless_running,
    refuse_unless_taking_part,
)
from ops.people.models import User
from ops.tickets.files import accepted_name
from ops.workflow import errors
from ops.workflow.services import record

MOST_NAMED = 20
MOST_WORDS = 10
LONGEST_COMMENT = 15_000

Tell = Callable[[float, str], None]


@dataclass
class Outcome:
    """What became of a file, in numbers, and the names of what could not be used."""

    testcases: int = 0
    recorded: int = 0
    failed: int = 0
    again: int = 0
    skipped: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unknown_count: int = 0
    refused: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Return it for keeping."""
        return {**vars(self)}


@transaction.atomic
def keep_file(campaign: Campaign, *, actor: User, upload: UploadedFile, environment: str) -> SentFile:
    """Keep a JUnit file with its campaign, once it is known that it can be read and names cases of the campaign.

    Raises as `record_result` does, and `InvalidInput` in a sentence that says what is wrong with the file, and where.
    """
    name = accepted_name(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    refuse_unless_running(campaign)
    refuse_unless_taking_part(campaign, actor)
    places = list(campaign.environments.values_list("name", flat=True))
    if environment not in places:
        sentence = f"Name one of: {'; '.join(places)}."
        raise errors.InvalidInput(sentence, fields={"environment": [sentence]})
    known = _known(campaign)
    if not any(found.named_in(known) for found in list(read_junit(upload))):
        example = f"“test_login[{next(iter(known.values()), 'RSP-12')}]”"
        sentence = (
            f"No testcase names a case of {campaign.key}; use a property “case”, or a name such as {example}."
        )
        raise errors.InvalidInput(sentence, fields={"file": [sentence]})
    upload.seek(0)
    upload.name = f"{secrets.token_urlsafe(24)}.xml"
    kept = SentFile.objects.create(campaign=campaign, file=upload, name=name, sent_by=actor)
    record(campaign, "send_results", actor=actor, changes={"file": {"old": None, "new": name}})
    return kept


def record_file(
    campaign: Campaign, source: IO[bytes], *, actor: User, environment: str, tell: Tell
) -> Outcome:
    """Keep what a JUnit file says as attempts of the actor's, one for each case.

    The content names the file: recorded again, after a worker has died or because it was sent twice, nothing is kept
    twice. What was skipped, what names no case of the campaign, and what a case refuses makes no attempt; all of it
    is listed.
    """
    outcome, name = Outcome(), f"junit {_digest(source)} {environment}"
    known = _known(campaign)
    by_case = _by_case(read_junit(source), known, outcome)
    before = _recorded_before(campaign, name)
    for at, (case, found) in enumerate(by_case.items(), 1):
        reference = f"{name} {case}"
        if reference in before:
            outcome.again += 1
        else:
            _record(campaign, _result(case, environment, found, reference), case, actor, outcome)
        tell(at / len(by_case), f"{at} of {len(by_case)} cases")
    return outcome


def _record(campaign: Campaign, result: Result | None, case: str, actor: User, outcome: Outcome) -> None:
    if result is None:
        outcome.skipped.append(case)
        return
    try:
        _, is_new = record_result(campaign, result, actor=actor, source=Source.JUNIT)
    except errors.InvalidInput as refusal:
        outcome.refused.append(f"{case}: {' '.join(chain(*refusal.fields.values()))}")
        return
    outcome.recorded += is_new
    outcome.again += not is_new
    outcome.failed += is_new and result.outcome == "failed"


def _digest(source: IO[bytes]) -> str:
    found = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
    source.seek(0)
    return found[:40]


def _recorded_before(campaign: Campaign, name: str) -> set[str]:
    known = Received.objects.filter(campaign=campaign, reference__startswith=f"{name} ")
    return set(known.values_list("reference", flat=True))


def _known(campaign: Campaign) -> Mapping[str, str]:
    names = PinnedCase.objects.filter(campaign=campaign).values_list("case__identifier", flat=True)
    return {plain(name): name for name in names}


def _by_case(
    found: Iterable[JUnitCase], known: Mapping[str, str], outcome: Outcome
) -> Mapping[str, Sequence[JUnitCase]]:
    by_case: dict[str, list[JUnitCase]] = {}
    for each in found:
        outcome.testcases += 1
        case = each.named_in(known)
        if case is not None:
            by_case.setdefault(case, []).append(each)
            continue
        outcome.unknown_count += 1
        if len(outcome.unknown) < MOST_NAMED:
            outcome.unknown.append(str(each))
    return by_case


def _result(case: str, environment: str, found: Sequence[JUnitCase], reference: str) -> Result | None:
    ran = [each for each in found if each.verdict is not Verdict.SKIPPED]
    if not ran:
        return None
    failed = [each for each in ran if each.verdict is Verdict.FAILED]
    return Result(
        case=case,
        environment=environment,
        outcome="failed" if failed else "passed",
        steps=_steps(ran),
        comment=_comment(found, failed),
        reference=reference,
    )


def _steps(ran: Sequence[JUnitCase]) -> list[StepSaid]:
    by_step: dict[int, list[JUnitCase]] = {}
    for each in ran:
        if each.step is not None:
            by_step.setdefault(each.step, []).append(each)
    return [_step(number, of_step) for number, of_step in sorted(by_step.items())]


def _step(number: int, of_step: Sequence[JUnitCase]) -> StepSaid:
    words = [f"{each}: {each.words}" for each in of_step if each.verdict is Verdict.FAILED]
    outcome = StepOutcome.FAILED if words else StepOutcome.PASSED
    return StepSaid(number, outcome.value, "\n\n".join(words)[:LONGEST_COMMENT])


def _comment(found: Sequence[JUnitCase], failed: Sequence[JUnitCase]) -> str:
    skipped = sum(each.verdict is Verdict.SKIPPED for each in found)
    seconds = sum(each.seconds or 0 for each in found)
    counts = [
        f"{len(found)} testcase{'' if len(found) == 1 else 's'}",
        f"{len(failed)} failed" if failed else "",
        f"{skipped} skipped" if skipped else "",
        f"{seconds:.1f} s" if seconds else "",
    ]
    lines = [", ".join(part for part in counts if part) + "."]
    lines += [f"`{str(each).replace('`', ' ')}`: {each.words}" for each in failed[:MOST_WORDS]]
    if len(failed) > MOST_WORDS:
        lines.append(f"And {len(failed) - MOST_WORDS} more failed.")
    return "\n\n".join(lines)[:LONGEST_COMMENT]
