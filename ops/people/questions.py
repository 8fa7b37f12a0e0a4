"""Small questions with names, from which permissions are composed, and the words in which each is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rules import Predicate, predicate


@dataclass(frozen=True)
class Said:
    """How a question is said: of whom it is true, or, where it asks about the object alone, when it is."""

    who: str
    when: str = ""

    @property
    def role(self) -> str:
        """The role by itself, as the head of a column: “product owner”."""
        return re.sub(r"^(the|an|a) ", "", self.who)


_said: dict[str, Said] = {}


def question(who: str = "", *, when: str = "") -> Callable[[Callable[..., bool]], Predicate]:
    """Make a predicate out of a question about a person and perhaps an object.

    `who` says of whom it is true, with its article: “the product owner”; by default the name of the question does.
    `when` says when a question about the object alone is true: “while it is a draft”. Its full name carries the
    room it was asked in, so that two rooms may ask the same in different words.
    """

    def made(test: Callable[..., bool]) -> Predicate:
        name = f"{test.__module__.split('.')[1]}.{test.__name__}"
        _said[name] = Said(who or _by_name(test.__name__), when)
        return predicate(test, name=name)

    return made


def said_of(name: str) -> Said:
    """Return how a question is said; one that nobody gave words is said by its name."""
    return _said.get(name) or Said(_by_name(name))


def _by_name(name: str) -> str:
    words = name.rpartition(".")[2].removeprefix("is_").replace("_", " ")
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
