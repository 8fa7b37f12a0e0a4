"""Reads what the allocations of the demonstration are made of. An unknown word in the files is an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Means:
    """A resource, what every account has of it in a quarter, and where the platform limits it."""

    slug: str
    name: str
    unit: str
    basic: int
    why: str
    path: str = ""


@dataclass(frozen=True)
class Asking:
    """A request: who asks for what, how good it is, and what becomes of it."""

    by: str
    title: str
    words: tuple[str, ...]
    asks: Mapping[str, int]
    why: str
    how: str
    quality: float = 4.0
    co: tuple[str, ...] = ()
    kind: str = "new"
    earlier: str = ""
    becomes: str = ""
    used: float = 0.0
    call: str = ""
    ago: int = 0


@dataclass(frozen=True)
class Calling:
    """A call: what it offers, when things happen in it (days from today), and where it stands now."""

    slug: str
    title: str
    about: str
    days: Mapping[str, Any]
    offers: Mapping[str, Mapping[str, Any]]
    quorum: int = 5
    standing: bool = False
    blindness: str = "reviewers_hidden"
    questions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Committee:
    """What its members know about and how strict they are, what they write, what they have declared."""

    expertise: Mapping[str, list[str]]
    strictness: Mapping[str, int]
    to_committee: Mapping[str, list[str]]
    to_proposer: Mapping[str, list[str]]
    declared: list[Mapping[str, str]] = field(default_factory=list)


@cache
def resources() -> list[Means]:
    """Everything that is allocated."""
    return [Means(**entry) for entry in _read("resources")]


@cache
def calls() -> list[Calling]:
    """The calls, the oldest first."""
    return [Calling(questions=tuple(entry.pop("questions", ())), **entry) for entry in _read("calls")]


@cache
def requests_of(name: str) -> list[Asking]:
    """The requests of one file."""
    return [
        Asking(words=tuple(entry.pop("words")), co=tuple(entry.pop("co", ())), **entry)
        for entry in _read(f"requests-{name}")
    ]


@cache
def committee() -> Committee:
    """The committee."""
    return Committee(**_read("committee"))


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
