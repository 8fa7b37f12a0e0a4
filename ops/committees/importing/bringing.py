"""Brings the recommendations of a list in, once each, however often it is asked.

A record is known by its review and its key. What the file said last is kept (`ImportedRow`), so that the next
import brings over what has changed in the *file* — status, response, due date — and touches nothing else.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.committees.importing.mapping import meaning_of
from ops.committees.importing.reading import (
    COLUMN_OF,
    COLUMNS,
    LONGEST_KEY,
    LONGEST_LABEL,
    LONGEST_NUMBER,
    LONGEST_STATUS,
    Record,
)
from ops.committees.importing.walking import answer, walk
from ops.committees.models import ImportedRow, Item, Report
from ops.committees.models.items import LONGEST
from ops.committees.models.reports import open_tracks
from ops.committees.reports.rules import is_directors_office
from ops.notify.services import one_mail_each, silence
from ops.people.authority import is_lead, is_system
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.errors import Refusal
from ops.workflow.services import create, edit, perform, record
from ops.workflow.words import who_may

may_import = is_lead | is_directors_office | is_system
FOLLOWED = ("status", "status_text", "response", "due", "assignee")


@dataclass(frozen=True)
class Settings:
    """How a list is brought in."""

    actor: User
    as_of: datetime.datetime | None = None
    """The day that the list describes; it is the moment of what it says. Now, where it is not known."""
    dry_run: bool = False


class Fate(Enum):
    """What became of a record."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OLDER = "older than what was imported last"
    REFUSED = "not imported"


@dataclass(frozen=True)
class Difference:
    """One thing that the import sets or changes."""

    name: str
    old: Any
    new: Any

    @property
    def column(self) -> str:
        """The column of the file that says so."""
        return COLUMN_OF[self.name]

    @property
    def was(self) -> str:
        """The value before, in words."""
        return _in_words(self.old)

    @property
    def becomes(self) -> str:
        """The value that comes, in words."""
        return _in_words(self.new)


def _in_words(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime.datetime) else str(value or "(nothing)")


@dataclass
class Outcome:
    """A record, what became of it, and whatever a person should know about it."""

    record: Record
    fate: Fate
    item: Item | None = None
    differences: list[Difference] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def say(self, remark: str) -> None:
        """Keep what a person should know."""
        self.remarks.append(remark)


def bring_in(records: Sequence[Record], settings: Settings) -> list[Outcome]:
    """Bring records in; return what became of each. Raises `NotAllowed` for whoever may not.

    New recommendations are history and told to nobody; of changes people hear, in one mail each. A dry run does
    all of it and takes it back, so that what it tells cannot differ from what would be done.
    """
    if not may_import.test(settings.actor):
        raise errors.NotAllowed(f"Only {who_may(may_import)} may import recommendations.")
    moment = min(settings.as_of or timezone.now(), timezone.now())
    with transaction.atomic() if settings.dry_run else one_mail_each():
        outcomes = [_bring(each, settings.actor, moment) for each in records]
        with silence():
            for label in dict.fromkeys(each.report for each in records):
                _take_in(label, settings.actor, moment)
        if settings.dry_run:
            transaction.set_rollback(True)
    return outcomes


def _bring(read: Record, actor: User, moment: datetime.datetime) -> Outcome:
    try:
        with transaction.atomic():
            _refuse_what_is_too_long(read)
            report = _review(read.report, actor, moment)
            item = report.items.filter(external_key=read.key).select_related("report", "imported").first()
            if item is None:
                with silence():
                    return _create(read, report, actor, moment)
            return _update(read, item, actor, moment)
    except Refusal as refusal:
        fields = [f"{name}: {' '.join(texts)}" for name, texts in refusal.fields.items()]
        return Outcome(read, Fate.REFUSED, remarks=[refusal.detail, *fields])


def _refuse_what_is_too_long(read: Record) -> None:
    for name, text, most in (("key", read.key, LONGEST_KEY), ("review", read.report, LONGEST_LABEL)):
        if len(text) > most:
            raise errors.InvalidInput(f"Its {name} is longer than {most} characters.")


def _review(label: str, actor: User, moment: datetime.datetime) -> Report:
    """Return the report of a review, locked, so that two imports of one list are served one after the other."""
    found = Report.objects.filter(label=label).locked().first()
    if found is not None:
        return found
    data = {"title": f"Review {label}", "source": Report.Source.OUTSIDE}
    with silence():
        return create(Report, actor=actor, data=data, moment=moment, label=label)


def _take_in(label: str, actor: User, moment: datetime.datetime) -> None:
    report = Report.objects.filter(label=label, state=Report.State.DRAFTING).first()
    if report is not None and report.items.exists():
        perform(report, "take_in", actor=actor, moment=max(moment, report.state_since))


def _create(read: Record, report: Report, actor: User, moment: datetime.datetime) -> Outcome:
    outcome = Outcome(read, Fate.CREATED)
    elsewhere = (
        Item.objects.filter(external_key=read.key).exclude(report=report).select_related("report").first()
    )
    if elsewhere is not None:
        outcome.say(
            f"{read.key} stands in {elsewhere.report.label or elsewhere.report} as well; that one stays."
        )
    text = read.text or read.title or "(The file has no text.)"
    item = Item.objects.create(
        report=report,
        position=report.items.count() + 1,
        external_key=read.key,
        number=read.number[:LONGEST_NUMBER],
        title=read.title[:300],
        text=_fitting(text, "description", outcome),
        area=_area_of(read.number),
    )
    open_tracks(item, due_at=None, moment=moment)
    record(
        report, "add_item", actor=actor, changes={"item": {"old": None, "new": item.heading}}, moment=moment
    )
    ImportedRow.objects.create(item=item, cells=read.cells, imported_at=moment)
    outcome.item = item
    told = {name: getattr(read, name) for name in ("number", "title", "text", *FOLLOWED)}
    outcome.differences = [Difference(name, None, value) for name, value in told.items() if value]
    _follow(item, read, FOLLOWED, actor, moment, outcome)
    return outcome


def _update(read: Record, item: Item, actor: User, moment: datetime.datetime) -> Outcome:
    outcome = Outcome(read, Fate.UNCHANGED, item)
    known = item.imported
    if moment < known.imported_at:
        outcome.fate = Fate.OLDER
        return outcome
    before, now = _meant(known.cells), _meant(read.cells or {})
    changed = [name for name in FOLLOWED if name in now and now[name] != before.get(name, "")]
    for name in ("number", "title", "text"):
        if name in now and now[name] != before.get(name, ""):
            outcome.say(f"The file has another {name} now; the one here stays.")
    _follow(item, read, changed, actor, moment, outcome)
    outcome.differences = [Difference(name, before.get(name, ""), now[name]) for name in changed]
    if outcome.differences:
        outcome.fate = Fate.CHANGED
    known.cells, known.imported_at = read.cells, moment
    known.save(update_fields=["cells", "imported_at"])
    return outcome


def _meant(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells by what they mean, without the space around them: what an export may change from day to day."""
    found: dict[str, str] = {}
    for column, raw in cells.items():
        name = COLUMNS.get(" ".join(column.split()).casefold())
        text = raw.replace("\xa0", " ").strip()
        if name and not found.get(name):
            found[name] = "" if text == "None" else text
    return found


def _follow(
    item: Item, read: Record, names: Sequence[str], actor: User, moment: datetime.datetime, outcome: Outcome
) -> None:
    """Let the two tracks follow what the file says of these things; each change is history of its own."""
    if not hasattr(item, "work"):
        outcome.say("It is a commendation here; nothing is followed.")
        return
    moment = max(moment, item.work.state_since)
    work = edit(item.work, actor=actor, data=_told_of_work(read, names, outcome), moment=moment)
    if "status" in names:
        meaning = meaning_of(read.status)
        if meaning is None:
            outcome.say(f"The status “{read.status}” is not known here; it is kept in its words.")
        else:
            walk(work, meaning, read, actor=actor, moment=moment, say=outcome.say)
    if "response" in names:
        words = _fitting(read.response, "response", outcome)
        answer(item.response, words, actor=actor, moment=moment, say=outcome.say)


def _told_of_work(read: Record, names: Sequence[str], outcome: Outcome) -> dict[str, Any]:
    """What the file says of the work beside its state; a date that cannot be read changes nothing."""
    data: dict[str, Any] = {}
    if "status" in names:
        data["status_word"] = read.status[:LONGEST_STATUS]
    if "status_text" in names:
        data["status_text"] = _fitting(read.status_text, "status description", outcome)
    if "due" in names and (read.due or not _meant(read.cells or {}).get("due")):
        data["due_at"] = read.due
    if "assignee" in names and read.assignee:
        person = _person(read.assignee)
        if person is None:
            outcome.say(f"“{read.assignee}” is nobody known here; the name is kept with the row.")
        else:
            data["assignee"] = person.username
    return data


def _fitting(text: str, name: str, outcome: Outcome) -> str:
    if len(text) > LONGEST:
        outcome.say(
            f"The {name} is longer than {LONGEST:,} characters; the whole of it is kept with the row."
        )
    return text[:LONGEST]


def _person(name: str) -> User | None:
    """Return the one account of this name; a name that two people bear is nobody's."""
    people = User.objects.visible_to(None)
    found = [*people.filter(username__iexact=name)[:1]] or [*people.filter(display_name__iexact=name)[:2]]
    return found[0] if len(found) == 1 else None


def _area_of(number: str) -> str:
    """The letters with which a number begins name the part of the observatory."""
    letters = number.partition("-")[0]
    return letters if letters.isalpha() and len(letters) <= 12 else ""


def tell(outcomes: Sequence[Outcome]) -> Iterator[tuple[Fate, int]]:
    """Count what became of the records."""
    for fate in Fate:
        yield fate, sum(outcome.fate is fate for outcome in outcomes)
