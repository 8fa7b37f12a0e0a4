"""Reads what the demonstration observatory is made of. An unknown word in the files is an error.

An issue is reported some time `ago`; each step of its `path` follows `after` the one before: a transition (`do`,
with the values that it asks for in `with`), a comment (`says`, `to` an audience), a correction (`edit`), or a
link to another issue (`link`, `other`). Texts may hold `{key:name}` for the key of another issue, `{day:-3}` and
`{dayobs:-3}` for a date; moments are written `in 3d` or `2d 4h ago`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class Part:
    """A role in a team, from and until so many years ago; a negative number lies ahead."""

    team: str
    role: str
    since: float
    until: float | None = None


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    username: str
    name: str
    institution: str
    zone: str
    data_rights_for_days: int | None = None
    administrator: bool = False
    roles: tuple[Part, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether this person keeps office hours at the observatory."""
        return any(part.team == "staff" for part in self.roles)


@dataclass(frozen=True)
class Node:
    """A node of the product tree."""

    slug: str
    parent: str
    name: str
    about: str = ""
    manager: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Step:
    """One thing that somebody does."""

    by: str
    after: timedelta | None = None  # None: when the waiting that came before is over
    do: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    says: str = ""
    to: str = "public"
    edit: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    other: str = ""


@dataclass(frozen=True)
class Story:
    """An issue and what became of it. `report` are the fields with which it was reported."""

    name: str
    by: str
    ago: timedelta
    report: Mapping[str, Any]
    invited: tuple[str, ...] = ()
    path: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Notice:
    """An announcement, about issues given by name, and what became of it."""

    title: str
    body: str
    by: str
    ago: timedelta
    about: tuple[str, ...]
    path: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Week:
    """A week on the forum watch, so many weeks ago. One without a note is not over."""

    weeks_ago: int
    person: str
    note: str = ""
    ticked: tuple[str, ...] = ()


def weeks() -> list[Week]:
    """The weeks on watch, oldest first."""
    return [Week(ticked=tuple(entry.pop("ticked", ())), **entry) for entry in _read("watch.yaml")]


def users_committee() -> dict[str, Any]:
    """The Users Committee: its charge, its seats, its meetings. Days are counted from today."""
    return dict(_read("committees.yaml"))


def people() -> list[Person]:
    """Everybody, in the order of the file."""
    return [
        Person(username, roles=tuple(Part(**part) for part in entry.pop("roles", ())), **entry)
        for username, entry in _read("people.yaml").items()
    ]


def products() -> list[Node]:
    """The product tree, each node after the one above it."""
    return list(_nodes(_read("products.yaml"), ""))


def stories() -> list[Story]:
    """All issues."""
    files = sorted((FOLDER / "issues").glob("*.yaml"))
    return [_story(dict(entry)) for file in files for entry in _read(f"issues/{file.name}")]


def notices() -> list[Notice]:
    """All announcements."""
    return [
        Notice(
            ago=duration(entry.pop("ago")),
            about=tuple(entry.pop("about")),
            path=tuple(_step(step) for step in entry.pop("path", ())),
            **entry,
        )
        for entry in _read("announcements.yaml")
    ]


@cache
def duration(text: str) -> timedelta:
    """What `2d 4h 30m` means."""
    parts = [re.fullmatch(r"(\d+)([dhm])", word) for word in text.split()]
    if not parts or None in parts:
        raise ValueError(f"“{text}” is not a duration like 2d 4h 30m.")
    return timedelta(**{UNITS[part[2]]: int(part[1]) for part in parts if part})


def _read(name: str) -> Any:
    return _flowing(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def _flowing(value: Any) -> Any:
    """Undo the line breaks that only keep the files readable: people write a paragraph as one line."""
    if isinstance(value, str):
        return flowing(value) if "\n" in value else value
    if isinstance(value, list):
        return [_flowing(item) for item in value]
    if isinstance(value, dict):
        return {key: _flowing(item) for key, item in value.items()}
    return value


# What keeps its own line in Markdown: tables, quotations, headings, items of a list.
_OWN_LINE = re.compile(r"\s*(\||>|#|[-*+] |\d+[.)] )|\s*$|\s{4}")


def flowing(text: str) -> str:
    """Join the lines of each paragraph and of each item of a list; code, tables and quotations stay as they are."""
    lines: list[str] = []
    in_code = False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        joins = not (in_code or fence or _OWN_LINE.match(line)) and lines and _may_go_on(lines[-1])
        if joins:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
        in_code ^= fence
    return "\n".join(lines)


def _may_go_on(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("|", ">", "#", "```"))


def _nodes(below: Mapping[str, Any], parent: str) -> Iterator[Node]:
    for slug, entry in below.items():
        children = entry.pop("below", {})
        yield Node(slug, parent, **entry)
        yield from _nodes(children, slug)


def _story(entry: dict[str, Any]) -> Story:
    return Story(
        name=entry.pop("name"),
        by=entry.pop("reporter"),
        ago=duration(entry.pop("ago")),
        invited=tuple(entry.pop("invited", ())),
        path=tuple(_step(step) for step in entry.pop("path", ())),
        report=entry,
    )


def _step(entry: dict[str, Any]) -> Step:
    after = entry.pop("after", None)
    return Step(after=duration(after) if after else None, given=entry.pop("with", {}), **entry)
