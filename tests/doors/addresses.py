"""Every address there is, read from the resolver: a door that is added tomorrow is tried tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_ARGUMENT = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
# Django's own pages; those who enter them are operators, who are tried by themselves.
ADMIN = "admin/"
# What stands where a test names nothing: a number, or a word, that leads somewhere or nowhere.
_ANYTHING = {
    "int": "1", "api_number": "1", "slug": "x", "str": "x", "api_name": "x",
    "uuid": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip
_OF_ANY_TICKET = ("tickets/", "attachments/", "api/v1/tickets/", "api/v1/attachments/")


@dataclass(frozen=True)
class Door:
    """One address with its open places."""

    route: str

    @property
    def arguments(self) -> list[str]:
        """What is named in the address."""
        return [found["name"] for found in _ARGUMENT.finditer(self.route)]

    @property
    def names_a_ticket(self) -> bool:
        """Whether it leads to a ticket, or to something that stands on one."""
        return bool({"key", "attachment_id"} & set(self.arguments))

    def leads_to(self, plural: str) -> bool:
        """Whether tickets of a kind are found there: pages of one process lead to its own alone."""
        return self.route.startswith((*_OF_ANY_TICKET, f"{plural}/", f"api/v1/{plural}/"))

    @property
    def is_api(self) -> bool:
        """Whether programs enter here."""
        return self.route.startswith("api/v1/")

    def opened(self, values: Mapping[str, Any]) -> str:
        """The address with its places filled; something of a ticket is told by what stands before its number."""

        def filled(place: re.Match[str]) -> str:
            name = place["name"]
            if name == "number":
                before = re.findall(r"(\w+)/$", self.route[: place.start()])
                name = before[0] if before else name
            if name not in values and place["converter"] in _ANYTHING:
                return _ANYTHING[place["converter"]]
            assert name in values, f"Say in tests/doors what stands for <{name}> in {self.route}."
            return str(values[name])

        return "/" + _ARGUMENT.sub(filled, self.route)


def doors() -> list[Door]:
    """Every address but those of Django's own pages."""
    return [Door(route) for route in sorted(set(_routes(get_resolver()))) if not route.startswith(ADMIN)]


def operator_doors() -> list[Door]:
    """The lists of Django's own pages, which operators enter."""
    found = (route for route in sorted(set(_routes(get_resolver()))) if route.startswith(ADMIN))
    return [Door(route) for route in found if not _ARGUMENT.search(route) and "logout" not in route]


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if "^" not in route and "(" not in route:  # what answers for all that is not there
                yield route
        else:
            yield from _routes(pattern, route)
