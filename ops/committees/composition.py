"""The checks that rules of composition are made of: each says what it wants, and what is wrong with a set of people.

A check is a function of the places of a committee, its size and the parameters of the rule; it answers with the
sentence of the breach, or with nothing. A new check is one more function under `@check`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


class Place(Protocol):
    """What the checks may know of somebody who would sit."""

    @property
    def name(self) -> str:
        """The person."""

    @property
    def country(self) -> str:
        """Where they work."""

    @property
    def institution(self) -> str:
        """For whom they work."""

    @property
    def is_from_small_institution(self) -> bool:
        """Whether that is a small one."""

    @property
    def is_staff(self) -> bool:
        """Whether the observatory employs them."""


Breach = Callable[..., str]
Made = TypeVar("Made", bound=Breach)


@dataclass(frozen=True)
class Check:
    """A registered check: its name, its words with the parameters in braces, and the type of each parameter."""

    name: str
    words: str
    parameters: Mapping[str, type]
    find: Breach


_checks: dict[str, Check] = {}


def check(words: str, **parameters: type) -> Callable[[Made], Made]:
    """Register a check under the name of its function."""

    def registered(find: Made) -> Made:
        _checks[find.__name__] = Check(find.__name__, words, parameters, find)
        return find

    return registered


def choices() -> list[tuple[str, str]]:
    """Return every check with its words, for a form."""
    return [(name, made.words) for name, made in _checks.items()]


def words_of(name: str, parameters: Mapping[str, Any]) -> str:
    """Return a rule in words, such as “At least 1 from Chile”; the bare words where a parameter is missing."""
    made = _checks[name]
    if problem_with(name, parameters):
        return made.words
    return made.words.format(**parameters)


def problem_with(name: str, parameters: Any) -> str:
    """Return what is wrong with the parameters of a rule, in a sentence; nothing where they fit."""
    made = _checks.get(name)
    if made is None:
        return f"There is no check called “{name}”."
    wanted = ", ".join(f"{each} ({kind.__name__})" for each, kind in made.parameters.items()) or "nothing"
    if not isinstance(parameters, dict) or set(parameters) != set(made.parameters):
        return f"This check takes {wanted}."
    wrong = [each for each, kind in made.parameters.items() if type(parameters[each]) is not kind]
    return f"This check takes {wanted}; {wrong[0]} is something else." if wrong else ""


def breach_of(name: str, parameters: Mapping[str, Any], people: Sequence[Place], size: int) -> str:
    """Return what is wrong with these people by one rule, in a sentence; nothing where the rule is met."""
    return _checks[name].find(people, size, **parameters)


@check("As many people as the committee has seats")
def number_of_seats(people: Sequence[Place], size: int) -> str:
    """Neither fewer nor more than the seats (RDO-051)."""
    difference = len(people) - size
    if not difference:
        return ""
    way = "more" if difference > 0 else "fewer"
    return f"The slate has {_people(len(people))}, {abs(difference)} {way} than the {size} seats."


@check("At least {at_least} from {country}", country=str, at_least=int)
def minimum_from_country(people: Sequence[Place], size: int, *, country: str, at_least: int) -> str:
    """Enough members who work in a country."""
    found = [place for place in people if place.country.strip().casefold() == country.strip().casefold()]
    return _too_few(len(found), at_least, f"from {country}")


@check("At least {at_least} from small institutions", at_least=int)
def minimum_from_small_institutions(people: Sequence[Place], size: int, *, at_least: int) -> str:
    """Enough members from small institutions."""
    return _too_few(
        sum(place.is_from_small_institution for place in people), at_least, "from small institutions"
    )


@check("At most {at_most} from one institution", at_most=int)
def maximum_from_one_institution(people: Sequence[Place], size: int, *, at_most: int) -> str:
    """No institution that outweighs the others."""
    counted = Counter(place.institution.strip() for place in people if place.institution.strip())
    over = [f"{_people(count)} from {name}" for name, count in sorted(counted.items()) if count > at_most]
    return f"The slate has {' and '.join(over)}; at most {at_most} may be from one." if over else ""


@check("Nobody who is employed by the observatory")
def none_from_observatory(people: Sequence[Place], size: int) -> str:
    """The committee speaks for users (RDO-051)."""
    found = [place.name for place in people if place.is_staff]
    if not found:
        return ""
    return f"{' and '.join(found)} {'works' if len(found) == 1 else 'work'} at the observatory."


def _too_few(found: int, wanted: int, whence: str) -> str:
    if found >= wanted:
        return ""
    return f"The slate has {_people(found)} {whence}; at least {wanted} must be."


def _people(count: int) -> str:
    return {0: "nobody", 1: "1 person"}.get(count, f"{count} people")
