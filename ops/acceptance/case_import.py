"""Taking cases from a file into the library: by identifier, as often as one likes, without making one twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ops.acceptance.case_files import (
    FORMATS,
    MOST_CASES,
    FileUnreadable,
    Problem,
    ReadCase,
    each_once,
    steps_text_of,
)
from ops.acceptance.models import TestCase
from ops.acceptance.steps import StepsUnreadable
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create, edit, perform

LARGEST = 5 * 1024 * 1024
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
        help_text="CSV or YAML, at most 5 MiB and 500 cases.",
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


def import_cases(upload: UploadedFile | None, *, actor: User) -> Imported:
    """Take in a file; what cannot be taken is named and the rest is taken.

    Raises `InvalidInput` where nothing can be read at all. A case whose content differs from the library's gets its
    next version; versions before, and the campaigns that pinned them, stay as they are.
    """
    if not TestCase.creation.by.test(actor, None):
        raise errors.NotAllowed("Only staff or a coordinator of acceptance tests may bring in test cases.")
    if upload is None:
        raise _refusal("Choose a file.")
    name = str(upload.name or "").lower().replace(".yml", ".yaml")
    ending = name.rpartition(".")[2]
    if ending not in FORMATS:
        raise _refusal("The file should end in .csv or .yaml.")
    if not upload.size or upload.size > LARGEST:
        raise _refusal("The file is empty." if not upload.size else "The file has more than 5 MiB; split it.")
    try:
        read = FORMATS[ending].read(upload.read())
    except FileUnreadable as problem:
        raise _refusal(str(problem)) from None
    if len(read.cases) > MOST_CASES:
        raise _refusal(f"The file has {len(read.cases)} cases; bring in at most {MOST_CASES} at once.")
    done = Imported(problems=list(read.problems))
    for case, earlier in each_once(read.cases):
        if earlier is not None:
            done.problems.append(
                Problem(case.where, case.identifier, f"It stands in {earlier.where} already.")
            )
            continue
        _take(case, actor, done)
    return done


def _refusal(sentence: str) -> errors.InvalidInput:
    return errors.InvalidInput("Please correct file.", fields={"file": [sentence]})


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
    return ", ".join(dict.fromkeys(word.strip() for word in value.split(",") if word.strip()))


def _kept(case: TestCase, name: str) -> str:
    if name == "component":
        return case.component.slug if case.component else ""
    if name == "requirements":
        return ", ".join(case.requirements)
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
