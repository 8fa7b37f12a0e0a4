"""The quota document: one JSON document in which the platform's authorisation service keeps every limit.

Nothing here knows Django. Unknown keys are refused at every level, as the service refuses them (422): what it would
not take must not leave the desk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

TOP = ("default", "groups", "bypass")
PARTS = ("api", "disk", "notebook", "tap")


class NotADocument(ValueError):
    """What was read is no quota document; `problems` says where and why, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


@dataclass(frozen=True)
class Notebook:
    """The size of a notebook: processors, memory in GiB, and whether one may be started at all."""

    cpu: float
    memory: float
    spawn: bool = True


@dataclass(frozen=True)
class Quota:
    """Limits: requests per minute by service, bytes by mount, the notebook, queries at once by TAP service.

    A service, a mount or a notebook that is absent is not limited.
    """

    api: Mapping[str, int] = field(default_factory=dict)
    disk: Mapping[str, int] = field(default_factory=dict)
    notebook: Notebook | None = None
    tap: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Quota) -> Quota:
        """Add as the service adds default and groups: numbers sum, `spawn` holds only where both say so."""
        return Quota(
            api=_summed(self.api, other.api),
            disk=_summed(self.disk, other.disk),
            notebook=_both(self.notebook, other.notebook),
            tap=_summed(self.tap, other.tap),
        )

    def replaced_by(self, other: Quota) -> Quota:
        """Put an override over it: per service for `api`, per mount for `disk`, the whole of `notebook` and `tap`."""
        return Quota(
            api={**self.api, **other.api},
            disk={**self.disk, **other.disk},
            notebook=other.notebook or self.notebook,
            tap=other.tap or self.tap,
        )

    def as_json(self) -> dict[str, Any]:
        """The limits as the document writes them; what is not limited is left out."""
        notebook = self.notebook
        written = {
            "api": dict(sorted(self.api.items())),
            "disk": dict(sorted(self.disk.items())),
            "notebook": notebook
            and {"cpu": notebook.cpu, "memory": notebook.memory, "spawn": notebook.spawn},
            "tap": {service: {"concurrent": number} for service, number in sorted(self.tap.items())},
        }
        return {part: value for part, value in written.items() if value}

    def limits(self) -> Iterator[tuple[str, float]]:
        """Yield every limit by its path, such as `tap.qserv`, in the order of the document."""
        yield from ((f"api.{service}", float(number)) for service, number in sorted(self.api.items()))
        yield from ((f"disk.{mount}", float(number)) for mount, number in sorted(self.disk.items()))
        if self.notebook:
            yield "notebook.cpu", self.notebook.cpu
            yield "notebook.memory", self.notebook.memory
        yield from ((f"tap.{service}", float(number)) for service, number in sorted(self.tap.items()))


@dataclass(frozen=True)
class Document:
    """The whole document: what everybody has, what members of a group have besides, and who has no limits."""

    default: Quota = field(default_factory=Quota)
    groups: Mapping[str, Quota] = field(default_factory=dict)
    bypass: tuple[str, ...] = ()

    def of_member(self, groups: Iterable[str]) -> Quota:
        """Return what a member of these groups has: the default and the sum of the groups, each counted once."""
        quota = self.default
        for name in sorted(set(groups) & self.groups.keys()):
            quota += self.groups[name]
        return quota

    def as_json(self) -> dict[str, Any]:
        """The document as the service reads it."""
        written = {
            "default": self.default.as_json(),
            "groups": {name: quota.as_json() for name, quota in sorted(self.groups.items())},
            "bypass": sorted(self.bypass),
        }
        return {key: value for key, value in written.items() if value}


def written(document: Document) -> str:
    """Write a document out; the same document always gives the same text."""
    return json.dumps(document.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def parsed(text: str | bytes) -> Document:
    """Read a document from its text. Raises `NotADocument`."""
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise NotADocument([f"This is not JSON: {problem}."]) from None
    return read(value)


def read(value: Any) -> Document:
    """Read a document from parsed JSON. Raises `NotADocument` naming every key that does not belong there."""
    reader = _Reader()
    document = reader.document(value)
    if reader.problems:
        raise NotADocument(reader.problems)
    return document


class _Reader:
    """Collects every problem of a document, so that one reading finds them all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def document(self, value: Any) -> Document:
        top = self.mapping(value, "the document", TOP)
        groups = self.mapping(top.get("groups", {}), "groups")
        bypass = top.get("bypass", [])
        if not isinstance(bypass, list) or not all(isinstance(name, str) for name in bypass):
            self.problems.append("bypass must be a list of names of groups.")
            bypass = []
        return Document(
            default=self.quota(top.get("default", {}), "default"),
            groups={name: self.quota(quota, f"groups.{name}") for name, quota in groups.items()},
            bypass=tuple(bypass),
        )

    def quota(self, value: Any, place: str) -> Quota:
        parts = self.mapping(value, place, PARTS)
        tap = self.mapping(parts.get("tap", {}), f"{place}.tap")
        return Quota(
            api=self.counts(parts.get("api", {}), f"{place}.api"),
            disk=self.counts(parts.get("disk", {}), f"{place}.disk"),
            notebook=self.notebook(parts["notebook"], f"{place}.notebook") if parts.get("notebook") is not None
            else None,
            tap={service: self.concurrent(limit, f"{place}.tap.{service}") for service, limit in tap.items()},
        )  # fmt: skip

    def notebook(self, value: Any, place: str) -> Notebook:
        given = self.mapping(value, place, ("cpu", "memory", "spawn"))
        spawn = given.get("spawn", True)
        if not isinstance(spawn, bool):
            self.problems.append(f"{place}.spawn must be true or false.")
        return Notebook(self.size(given, "cpu", place), self.size(given, "memory", place), spawn is True)

    def concurrent(self, value: Any, place: str) -> int:
        given = self.mapping(value, place, ("concurrent",))
        if "concurrent" not in given:
            self.problems.append(f"{place}.concurrent is missing.")
        return self.count(given.get("concurrent", 0), f"{place}.concurrent")

    def counts(self, value: Any, place: str) -> dict[str, int]:
        return {
            name: self.count(number, f"{place}.{name}") for name, number in self.mapping(value, place).items()
        }

    def count(self, value: Any, place: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.problems.append(f"{place} must be a whole number from 0 up.")
            return 0
        return value

    def size(self, given: Mapping[str, Any], name: str, place: str) -> float:
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.problems.append(f"{place}.{name} must be a number from 0 up; it is required.")
            return 0.0
        return float(value)

    def mapping(self, value: Any, place: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.problems.append(f"{place} must be an object.")
            return {}
        if known:
            self.problems += [f"{place}.{key} is unknown; {', '.join(known)} are known."
                              for key in value if key not in known]  # fmt: skip
        return value


@dataclass(frozen=True)
class Difference:
    """One place in which what is served is not what should be; None stands for nothing there."""

    place: str
    expected: Any
    served: Any

    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected_words}, served {self.served_words}"

    @property
    def expected_words(self) -> str:
        """What should be there."""
        return _said(self.expected)

    @property
    def served_words(self) -> str:
        """What is there."""
        return _said(self.served)


def differences(expected: Document, served: Document, *, ours: str) -> list[Difference]:
    """Compare the groups whose names begin with `ours`; what else the served document holds is not our business."""
    names = sorted(name for name in expected.groups.keys() | served.groups.keys() if name.startswith(ours))
    found = []
    for name in names:
        wanted, there = expected.groups.get(name), served.groups.get(name)
        if wanted is None or there is None:
            found.append(Difference(f"groups.{name}", wanted and wanted.as_json(), there and there.as_json()))
        else:
            found += _differing_limits(name, wanted, there)
    return found


def _differing_limits(name: str, wanted: Quota, there: Quota) -> Iterator[Difference]:
    should, does = dict(wanted.limits()), dict(there.limits())
    for path in sorted(should.keys() | does.keys()):
        if should.get(path) != does.get(path):
            yield Difference(f"groups.{name}.{path}", should.get(path), does.get(path))
    if wanted.notebook and there.notebook and wanted.notebook.spawn != there.notebook.spawn:
        yield Difference(f"groups.{name}.notebook.spawn", wanted.notebook.spawn, there.notebook.spawn)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _summed(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return {name: first.get(name, 0) + second.get(name, 0) for name in first.keys() | second.keys()}


def _both(first: Notebook | None, second: Notebook | None) -> Notebook | None:
    if first is None or second is None:
        return first or second
    return Notebook(first.cpu + second.cpu, first.memory + second.memory, spawn=first.spawn and second.spawn)


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, sort_keys=True)
