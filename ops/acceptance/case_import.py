"""Taking cases from a file into the library: by identifier, as often as one likes, without making one twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ops.acceptance.case_files import (
    FORMATS,
    MOST_CASES,
    FileUnreadable,
    Problem,
    ReadCase,
    ReadFile,
    each_once,
    steps_text_of,
)
from ops.acceptance.models import SentFile, TestCase
from ops.acceptance.order import each_in_order
from ops.acceptance.steps import StepsUnreadable
from ops.jobs.models import Job
from ops.jobs.services import start
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create, edit, perform

LARGEST = 10 * 1024 * 1024
AT_ONCE = 64 * 1024  # some dozens of cases; more would keep whoever sent them waiting
IMPORT_FILE = "acceptance.cases"
Tell = Callable[[float, str], None]
_FIELDS = (
    "title",
    "aspect",
    "priority",
    "component",
    "objective",
    "preconditions",
    "requirements",
    "minutes",
)


class CaseFileForm(forms.Form):
    """The file to bring in."""

    file = forms.FileField(
        help_text="CSV or YAML, at most 10 MiB and 5,000 cases. A large one is read in the background.",
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": ".csv,.yaml,.yml"}),
    )


@dataclass
class Imported:
    """What became of a file, case by case."""

    new: list[TestCase] = field(default_factory=list)
    changed: list[TestCase] = field(default_factory=list)
    same: list[TestCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether everything in the file was taken."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Return it by the identifiers of the cases, as the API tells it and a piece of work keeps it."""
        told: dict[str, Any] = {
            name: [case.identifier for case in getattr(self, name)] for name in ("new", "changed", "same")
        }
        told["problems"] = [
            {"where": each.where, "case": each.identifier, "reason": each.reason} for each in self.problems
        ]
        return told


def bring_in(upload: UploadedFile | None, *, actor: User) -> Imported | tuple[SentFile, Job]:
    """Take in a small file now; keep a large one, and have it taken in by a worker.

    Raises as `import_cases` does, of a large file only what can be seen from outside.
    """
    _refuse_unless_taken(upload, actor)
    assert upload is not None  # noqa: S101  # refused above
    if (upload.size or 0) <= AT_ONCE:
        return import_cases(upload, actor=actor)
    name = str(upload.name)
    upload.name = f"{secrets.token_urlsafe(24)}.{_ending(name)}"
    kept = SentFile.objects.create(file=upload, name=name[-200:], sent_by=actor)
    return kept, start(IMPORT_FILE, actor=actor, about=kept)


def import_cases(upload: File | None, *, actor: User, tell: Tell | None = None) -> Imported:
    """Take in a file; what cannot be taken is named and the rest is taken.

    Raises `InvalidInput` where nothing can be read at all. A case whose content differs from the library's gets its
    next version; versions before, and the campaigns that pinned them, stay as they are. `tell` hears how far it is.
    """
    read = _read(upload, actor)
    done = Imported(problems=list(read.problems))
    for at, (case, earlier) in enumerate(each_once(read.cases), 1):
        if earlier is None:
            _take(case, actor, done)
        else:
            said = f"It stands in {earlier.where} already."
            done.problems.append(Problem(case.where, case.identifier, said))
        if tell is not None:
            tell(at / len(read.cases), f"{at} of {len(read.cases)} cases")
    return done


def _refuse_unless_taken(upload: File | None, actor: User) -> None:
    if not TestCase.creation.by.test(actor, None):
        raise errors.NotAllowed("Only staff or a coordinator of acceptance tests may bring in test cases.")
    if upload is None:
        raise _refusal("Choose a file.")
    if _ending(upload.name) not in FORMATS:
        raise _refusal("The file should end in .csv or .yaml.")
    if not upload.size or upload.size > LARGEST:
        raise _refusal(
            "The file is empty." if not upload.size else "The file has more than 10 MiB; split it."
        )


def _ending(name: str | None) -> str:
    return str(name or "").lower().replace(".yml", ".yaml").rpartition(".")[2]


def _read(upload: File | None, actor: User) -> ReadFile:
    _refuse_unless_taken(upload, actor)
    assert upload is not None  # noqa: S101  # refused above
    try:
        read = FORMATS[_ending(upload.name)].read(upload.read())
    except FileUnreadable as problem:
        raise _refusal(str(problem)) from None
    if len(read.cases) > MOST_CASES:
        raise _refusal(f"The file has {len(read.cases):,} cases; bring in at most {MOST_CASES:,} at once.")
    return read


def _refusal(sentence: str) -> errors.InvalidInput:
    return errors.InvalidInput(sentence, fields={"file": [sentence]})


def _take(read: ReadCase, actor: User, done: Imported) -> None:
    try:
        with transaction.atomic():
            data: dict[str, Any] = {name: read.values[name] for name in _FIELDS if name in read.values}
            if read.steps or "steps" in read.values:
                data["steps_text"] = steps_text_of(read)
            data = {
                name: value
                for name, value in data.items()
                if value != "" or name in {"component", "objective"}
            }
            case = TestCase.objects.select_related("component").filter(identifier=read.identifier).first()
            where = done.new
            if case is None:
                case = create(TestCase, actor=actor, data={"identifier": read.identifier, **data})
            else:
                case, was_changed = _bring_up_to_date(case, data, actor)
                where = done.changed if was_changed else done.same
            case, matured = _mature(case, read.values.get("maturity", ""), actor)
            if matured and where is done.same:
                where = done.changed
        where.append(case)
    except StepsUnreadable as problem:
        done.problems.append(Problem(read.where, read.identifier, str(problem)))
    except errors.Refusal as refusal:
        said = [f"{name}: {' '.join(texts)}" for name, texts in refusal.fields.items()]
        done.problems.append(Problem(read.where, read.identifier, "; ".join(said) or refusal.detail))


def _bring_up_to_date(case: TestCase, data: dict[str, Any], actor: User) -> tuple[TestCase, bool]:
    if case.state == TestCase.State.RETIRED:
        raise errors.GuardUnmet("It is retired; restore it before it is changed.")
    other = {name: value for name, value in data.items() if _plain(value, name) != _kept(case, name)}
    if not other:
        return case, False
    if case.state != TestCase.State.DRAFT:
        case = perform(case, "revise", actor=actor)
    return edit(case, actor=actor, data=other), True


def _plain(value: str, name: str) -> str:
    if name != "requirements":
        return str(value)
    return ", ".join(each_in_order(value.split(",")))


def _kept(case: TestCase, name: str) -> str:
    if name == "component":
        return case.component.slug if case.component else ""
    if name == "requirements":
        return ", ".join(each_in_order(case.requirements))
    return str(getattr(case, name))


def _mature(case: TestCase, wanted: str, actor: User) -> tuple[TestCase, bool]:
    """Let a case stand as high as the file says; where it says nothing, it is defined once it can be run."""
    matured = False
    if case.state == TestCase.State.DRAFT and wanted != "draft":
        step = next(step for step in case.workflow.steps_from(case.state) if step.name == "define")
        if not wanted and (step.unmet(case) or not case.objective):
            return case, False
        case, matured = perform(case, "define", actor=actor), True
    if case.state == TestCase.State.DEFINED and wanted == "approved":
        case, matured = perform(case, "approve", actor=actor), True
    return case, matured
