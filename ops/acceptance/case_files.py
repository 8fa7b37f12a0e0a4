"""Test cases as files: CSV and YAML, as people really have them and as the export writes them.

Nothing is guessed in silence: what is not understood is a `Problem` with its line, and the rest is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops.acceptance.models import Aspect, CasePriority, TestCase
from ops.acceptance.steps import WrittenStep, read_steps, write_steps
from ops.tabular.writing import guarded, unguarded

COLUMNS = (
    "identifier", "title", "aspect", "priority", "component", "objective", "preconditions", "requirements", "minutes",
    "maturity", "steps",
)  # fmt: skip
STEP_COLUMNS = ("step", "test_data", "expected")
# How the columns are called elsewhere; compared in lower case, without anything but letters.
CALLED = {
    "id": "identifier", "key": "identifier", "testcase": "identifier", "testcaseid": "identifier", "name": "title",
    "summary": "title", "area": "aspect", "product": "component", "precondition": "preconditions",
    "requirement": "requirements", "estimatedtime": "minutes", "duration": "minutes", "status": "maturity",
    "state": "maturity", "teststep": "step", "description": "step", "action": "step", "data": "test_data",
    "testdata": "test_data", "expectedresult": "expected", "expectedresults": "expected",
}  # fmt: skip
NOTHING_SAID = frozenset({"", "none", "n/a", "na", "-", "null", "nan"})
WORDS = {
    "aspect": {
        **{value: value for value in Aspect.values},
        "notebooks": "notebook", "nublado": "notebook", "apis": "api", "tap": "api", "docs": "documentation",
    },
    "priority": {
        **{value: value for value in CasePriority.values},
        "p1": "critical", "blocker": "critical", "p2": "high", "p3": "medium", "normal": "medium", "p4": "low",
    },
    "maturity": {value: value for value in ("draft", "defined", "approved")},
}  # fmt: skip
MOST_CASES = 5_000
HEADER_WITHIN = 10


@dataclass(frozen=True)
class Problem:
    """Something in a file that could not be taken: where, whose, why."""

    where: str
    identifier: str
    reason: str


@dataclass
class ReadCase:
    """A case as a file gives it; only what the file speaks of is there."""

    where: str
    identifier: str
    values: dict[str, str] = field(default_factory=dict)
    steps: list[WrittenStep] = field(default_factory=list)


@dataclass
class ReadFile:
    """What was found in a file."""

    cases: list[ReadCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class FileUnreadable(ValueError):
    """Nothing at all can be read from a file; the sentence says what would be right."""


def read_csv(data: bytes) -> ReadFile:
    """Read a table of cases: one row a case, or one row a step with the case named in the first of them.

    Title lines above the header, other separators, other names of columns, a byte order mark and Windows letters
    are all met in practice. Raises `FileUnreadable` where no line names the columns.
    """
    text = _decoded(data)
    for separator in (",", ";", "\t"):
        rows = list(enumerate(_rows(text, separator), 1))
        for at, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
            columns = [_column(cell) for cell in cells]
            if "identifier" in columns and ("title" in columns or "step" in columns):
                return _from_rows(columns, rows[at + 1 :])
    raise FileUnreadable("No line names the columns; the first should read “identifier,title,…,steps”.")


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as problem:
        raise FileUnreadable(f"This is not CSV: {problem}.") from None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _column(cell: str) -> str:
    plain = "".join(char for char in cell.lower() if char.isalpha())
    known = {name.replace("_", ""): name for name in (*COLUMNS, *STEP_COLUMNS)}
    return known.get(plain) or CALLED.get(plain, "")


def _from_rows(columns: list[str], rows: Iterable[tuple[int, list[str]]]) -> ReadFile:
    found = ReadFile()
    current: ReadCase | None = None
    for number, cells in rows:
        row = {name: cell for name, cell in zip(columns, map(_tidy, cells), strict=False) if name}
        if not any(row.values()):
            continue
        identifier = as_identifier(row.get("identifier", ""))
        is_next_step = current is not None and identifier == current.identifier and row.get("step")
        if identifier and not is_next_step:
            current = ReadCase(f"row {number}", identifier, _values(row, f"row {number}", identifier, found))
            found.cases.append(current)
        elif current is None:
            found.problems.append(Problem(f"row {number}", "", "The row names no case."))
            continue
        if row.get("step"):
            parts = (row["step"], row.get("test_data", ""), row.get("expected", ""))
            current.steps.append(WrittenStep(*parts))
    return found


def _tidy(cell: str) -> str:
    # Neither is a letter, and the database keeps neither: a zero byte, and half of a pair as \\ud800 of YAML.
    text = cell.strip().replace("\r\n", "\n").replace("\x00", "").encode("utf-8", "ignore").decode()
    text = unguarded(text)
    return "" if text.lower() in NOTHING_SAID else text


def _values(row: Mapping[str, str], where: str, identifier: str, found: ReadFile) -> dict[str, str]:
    values = {}
    for name in COLUMNS[1:]:
        if name not in row:
            continue
        value = row[name]
        if name in WORDS and value:
            known = WORDS[name].get(value.lower())
            if known is None:
                words = ", ".join(dict.fromkeys(WORDS[name].values()))
                found.problems.append(Problem(where, identifier, f"“{value}” is no {name}; {words} are."))
                continue
            value = known
        values[name] = value
    return values


def as_identifier(text: str) -> str:
    """Return an identifier as the library writes it: capitals, and a hyphen where there was a space."""
    return "-".join(text.upper().split())


class _PlainLoader(yaml.BaseLoader):
    """YAML whose every value is the text that stands there: “1.10” stays, so does “no”, and no tag makes anything.

    And without references: a few lines of them can stand for gigabytes.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise FileUnreadable("References (*name) are not read; write each case out.")
        return super().compose_node(parent, index)


# But for what says that nothing is said.
_NULL = "tag:yaml.org,2002:null"
_PlainLoader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_PlainLoader.add_constructor(_NULL, lambda _loader, _node: None)


def read_yaml(data: bytes) -> ReadFile:
    """Read a list of cases, or a mapping with one under `cases`; raises `FileUnreadable`."""
    try:
        loaded = yaml.load(_decoded(data), Loader=_PlainLoader)  # noqa: S506  # it makes nothing but text
    except RecursionError:
        raise FileUnreadable("This is nested too deeply to be a list of cases.") from None
    except yaml.YAMLError as problem:
        raise FileUnreadable(f"This is not YAML: {' '.join(str(problem).split())}.") from None
    entries = loaded.get("cases") if isinstance(loaded, dict) else loaded
    if not isinstance(entries, list):
        raise FileUnreadable("Give a list of cases, each with identifier and title.")
    found = ReadFile()
    for number, entry in enumerate(entries, 1):
        where = f"entry {number}"
        if not isinstance(entry, dict) or not entry.get("identifier"):
            found.problems.append(Problem(where, "", "It names no case: give an identifier."))
            continue
        found.cases.append(_entry(entry, where, found))
    return found


def _entry(entry: Mapping[Any, Any], where: str, found: ReadFile) -> ReadCase:
    identifier = as_identifier(_tidy(str(entry["identifier"])))
    listed = entry.get("steps") if isinstance(entry.get("steps"), list) else None
    plain = {
        str(name): ", ".join(map(str, value)) if isinstance(value, list) else _tidy(str(value))
        for name, value in entry.items()
        if value is not None and not (name == "steps" and listed is not None)
    }
    case = ReadCase(where, identifier, _values(plain, where, identifier, found))
    for number, step in enumerate(listed or (), 1):
        parts = step if isinstance(step, dict) else {"description": step}
        if not parts.get("description"):
            found.problems.append(Problem(where, identifier, f"Step {number} has no description."))
            continue
        texts = [_tidy(str(parts.get(name) or "")) for name in ("description", "test_data", "expected")]
        case.steps.append(WrittenStep(*texts))
    return case


def write_csv(cases: Iterable[TestCase]) -> str:
    """Write cases as the import reads them back; what a spreadsheet would calculate is quoted."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for case in cases:
        rows.writerow([guarded(value) for value in _flat(case).values()])
    return written.getvalue()


def _flat(case: TestCase) -> dict[str, str]:
    return {
        "identifier": case.identifier,
        "title": case.title,
        "aspect": case.aspect,
        "priority": case.priority,
        "component": case.component.slug if case.component else "",
        "objective": case.objective,
        "preconditions": case.preconditions,
        "requirements": ", ".join(case.requirements),
        "minutes": str(case.minutes),
        "maturity": case.state,
        "steps": case.steps_text,
    }


def write_yaml(cases: Iterable[TestCase]) -> str:
    """Write cases as the import reads them back."""
    return str(yaml.safe_dump(list(map(_nested, cases)), sort_keys=False, allow_unicode=True, width=100))


def _nested(case: TestCase) -> dict[str, Any]:
    flat: dict[str, Any] = _flat(case)
    flat["requirements"], flat["minutes"] = list(case.requirements), case.minutes
    flat["steps"] = [
        {name: value for name, value in step.as_dict().items() if value} for step in case.written_steps
    ]
    return {name: value for name, value in flat.items() if value not in ("", [])}


@dataclass(frozen=True)
class Format:
    """A form in which cases are brought in and taken out."""

    content_type: str
    read: Callable[[bytes], ReadFile]
    write: Callable[[Iterable[TestCase]], str]


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", read_csv, write_csv),
    "yaml": Format("application/yaml; charset=utf-8", read_yaml, write_yaml),
}


def steps_text_of(case: ReadCase) -> str:
    """Return the steps of a read case as the library keeps them; raises `StepsUnreadable`."""
    if case.steps:
        return write_steps(case.steps)
    return write_steps(read_steps(case.values.get("steps", "")))


def each_once(cases: Iterable[ReadCase]) -> Iterator[tuple[ReadCase, ReadCase | None]]:
    """Yield each case with the earlier one of the same identifier, if the file has two."""
    seen: dict[str, ReadCase] = {}
    for case in cases:
        yield case, seen.get(case.identifier)
        seen.setdefault(case.identifier, case)
