"""Brings the records of another tracker in, once each, however often it is asked.

A record is known by its source and its key there. What the other tracker said last is kept (`ImportedRecord`),
so that a repeated import brings over what has changed *there*, and leaves alone what was changed *here*.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.clocks.services import meet
from ops.issues.foreign import RESOLUTIONS, Directory, Meaning, comment_texts, meaning_of
from ops.issues.jira_csv import Record
from ops.issues.models import ImportedRecord, Issue
from ops.notify.services import one_mail_each, silence
from ops.people.models import User
from ops.tickets.models import Visibility
from ops.tickets.services import ANSWERED_CLOCKS, comment
from ops.workflow.errors import InvalidInput, Refusal
from ops.workflow.forms import validated
from ops.workflow.services import create, edit, perform

LONGEST_KEY = Issue._meta.get_field("external_key").max_length or 64
NOT_TYPED_AT_CREATION = ("due_at", "workaround", "documentation_url")


@dataclass(frozen=True)
class Settings:
    """How records are brought in."""

    actor: User
    source: str = "jira"
    visibility: str = Visibility.STAFF
    component: str = ""
    dry_run: bool = False


class Fate(Enum):
    """What became of a record."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "not imported"


@dataclass(frozen=True)
class Difference:
    """One field that the import sets or changes."""

    name: str
    old: Any
    new: Any


@dataclass
class Outcome:
    """A record, what became of it, and whatever a person should know about it."""

    record: Record
    fate: Fate
    issue: Issue | None = None
    differences: list[Difference] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def import_records(records: Sequence[Record], settings: Settings) -> Iterator[Outcome]:
    """Bring records in, one transaction each, and tell of each as soon as it is done.

    New issues are made silently, as history; of changes to known ones people hear as usual, in one mail each.
    In a dry run nothing is written, and the outcomes tell what would be.
    """
    directory = Directory()
    with one_mail_each():
        for record in records:
            yield _import(record, directory, settings)


def _import(record: Record, directory: Directory, settings: Settings) -> Outcome:
    meaning = meaning_of(record, source=settings.source, directory=directory, component=settings.component)
    key = record.key.upper()
    try:
        if len(key) > LONGEST_KEY:
            raise InvalidInput(f"Its key is longer than {LONGEST_KEY} characters.")
        with transaction.atomic():
            known = _known(key, settings.source)
            if known is None:
                return _create(record, key, meaning, settings)
            return _update(record, known, meaning, settings)
    except Refusal as refusal:
        fields = [f"{name}: {' '.join(texts)}" for name, texts in refusal.fields.items()]
        return Outcome(record, Fate.REFUSED, remarks=[refusal.detail, *fields])
    except IntegrityError:
        return Outcome(record, Fate.REFUSED, remarks=["Another import brought it in at this moment."])


def _known(key: str, source: str) -> Issue | None:
    # The lock keeps two imports of the same record apart, so that neither repeats the other's comments.
    found = Issue.objects.filter(external_source=source, external_key=key)
    return found.select_for_update(of=("ticket_ptr",), no_key=True).first()


def _create(record: Record, key: str, meaning: Meaning, settings: Settings) -> Outcome:
    outcome = Outcome(record, Fate.CREATED)
    outcome.differences = [Difference(name, None, value) for name, value in meaning.values.items() if value]
    typed = {
        name: v for name, v in meaning.values.items() if name not in (*NOT_TYPED_AT_CREATION, "assignee")
    }
    typed["visibility"] = settings.visibility
    if meaning.watchers:
        typed["watchers"] = list(meaning.watchers)
    given = {name: meaning.values[name] for name in NOT_TYPED_AT_CREATION if meaning.values.get(name)}
    given |= {"external_source": settings.source, "external_key": key}
    given["reporter"] = meaning.reporter or settings.actor
    if meaning.values.get("assignee"):
        given["assignee"] = User.objects.get(username=meaning.values["assignee"])
    if settings.dry_run:
        creation = Issue.workflow.creation
        validated(
            Issue(**given), asks=creation.asks, offers=creation.offers, actor=settings.actor, data=typed
        )
        return outcome
    now = timezone.now()
    moment = min(meaning.created_at or now, now)
    with silence():
        issue = create(Issue, actor=settings.actor, data=typed, moment=moment, **given)
        # Whether it was answered, and when, is the other tracker's story; nobody waits for a first word here.
        for clock in ANSWERED_CLOCKS:
            meet(issue.anchor, policy=clock, moment=moment)
        said = _sayings(meaning, settings, otherwise_at=moment)
        _say(issue, said, settings)
        outcome.issue = _settle(issue, meaning, settings, outcome)
    digests = [saying.digest for saying in said]
    ImportedRecord.objects.create(issue=issue, values=_as_json(meaning), comments=digests)
    return outcome


def _update(record: Record, issue: Issue, meaning: Meaning, settings: Settings) -> Outcome:
    base = ImportedRecord.objects.filter(issue=issue).first() or ImportedRecord(issue=issue)
    now_there = _as_json(meaning)
    changed = {name for name, value in now_there.items() if value != base.values.get(name)}
    data = {name: meaning.values[name] for name in changed & meaning.values.keys()}
    if "labels" in data:
        data["labels"] = _merged(issue.labels, base.values.get("labels", []), data["labels"])
    outcome = Outcome(record, Fate.UNCHANGED, issue)
    outcome.differences = [
        Difference(name, _current(issue, name), value)
        for name, value in data.items()
        if _current(issue, name) != value
    ]
    said = [
        saying
        for saying in _sayings(meaning, settings, otherwise_at=timezone.now())
        if saying.digest not in base.comments
    ]
    outcome.differences += [Difference("comment", None, saying.text) for saying in said]
    if outcome.differences:
        outcome.fate = Fate.CHANGED
    if settings.dry_run or not (changed or said):
        return outcome
    if data:
        issue = edit(issue, actor=settings.actor, data=data)
    _say(issue, said, settings)
    base.comments += [saying.digest for saying in said]
    base.values = now_there
    base.save()
    outcome.issue = _settle(issue, meaning, settings, outcome)
    return outcome


def _settle(issue: Issue, meaning: Meaning, settings: Settings, outcome: Outcome) -> Issue:
    """Take an untriaged issue to where it stands in the other tracker, as far as the actor may; else say why not.

    Done there is closed here, declined there is declined here. An issue that has moved here is left alone.
    """
    if issue.state != Issue.State.REPORTED or not (meaning.is_done or meaning.is_declined):
        return issue
    moment = max(min(meaning.settled_at or timezone.now(), timezone.now()), issue.state_since)
    there = f"It is “{meaning.status or meaning.resolution}” in {settings.source}."
    try:
        with transaction.atomic():
            if meaning.is_done:
                return _close(issue, meaning, settings, there, moment)
            return perform(issue, "decline", actor=settings.actor, reason=there, moment=moment)
    except Refusal as refusal:
        outcome.remarks.append(f"{there} Here it stays reported: {refusal.detail}")
        return issue


def _close(
    issue: Issue, meaning: Meaning, settings: Settings, there: str, moment: datetime.datetime
) -> Issue:
    actor = settings.actor
    triage = {"assignee": _finisher(issue, actor), "component": issue.component and issue.component.slug}
    # Of a finished issue without a priority nothing is known; low does least to the figures.
    triage["importance"] = issue.importance or "low"
    triage["urgency"] = issue.urgency or "low"
    code = _resolution_code(meaning)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("triage", {name: value for name, value in triage.items() if value}),
        (
            "submit_for_review",
            {
                "resolution_code": code,
                "resolution_text": there,
                "skip_reason": Issue.SkipReason.NO_THREAT,
                "documentation": Issue.Documentation.NOT_NEEDED,
            },
        ),
        ("accept", {}),
        ("close", {}),
    )
    for name, data in steps:
        issue = perform(issue, name, actor=actor, data=data, reason=there, moment=moment)
    return issue


def _resolution_code(meaning: Meaning) -> str:
    return RESOLUTIONS.get(meaning.resolution.casefold(), Issue.Resolution.FIXED).value


def _finisher(issue: Issue, actor: User) -> str:
    """Who did it, as far as can be told: never the one who is about to accept it."""
    product = issue.component
    candidates = [issue.assignee, *((product.effective_manager, product.effective_owner) if product else ())]
    return next((person.username for person in candidates if person and person != actor), "")


@dataclass(frozen=True)
class _Saying:
    """A comment to be made here, and the mark by which it is known the next time."""

    digest: str
    text: str
    moment: datetime.datetime


def _sayings(meaning: Meaning, settings: Settings, *, otherwise_at: datetime.datetime) -> list[_Saying]:
    """All that was said there, in order; of what bears no time, the moment is the one given."""
    now = timezone.now()
    times: Counter[str] = Counter()
    sayings = []
    for remark in meaning.comments:
        for text in comment_texts(remark, settings.source):
            times[text] += 1  # the same words may have been said twice
            digest = hashlib.sha256(f"{times[text]} {text}".encode()).hexdigest()[:16]
            sayings.append(_Saying(digest, text, min(remark.written_at or otherwise_at, now)))
    return sayings


def _say(issue: Issue, sayings: Iterable[_Saying], settings: Settings) -> None:
    for saying in sayings:
        comment(issue, actor=settings.actor, body=saying.text, moment=saying.moment)


def _as_json(meaning: Meaning) -> dict[str, Any]:
    values = {
        name: v.isoformat() if isinstance(v, datetime.datetime) else v for name, v in meaning.values.items()
    }
    return {**values, "status": meaning.status, "resolution": meaning.resolution}


def _current(issue: Issue, name: str) -> Any:
    value = getattr(issue, name)
    if isinstance(value, User):
        return value.username
    return value.slug if name == "component" and value is not None else value


def _merged(here: Sequence[str], before: Sequence[str], now: Sequence[str]) -> list[str]:
    """The labels here, without those that were taken away there, with those that were added there."""
    tidy_before, tidy_now = ({label.lower() for label in labels} for labels in (before, now))
    kept = [label for label in here if label not in tidy_before - tidy_now]
    return kept + [label for label in now if label.lower() not in tidy_before | set(kept)]
