"""Pages of small lists, found by the number of their last row and never by counting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from ops.api.schemas import Schema
from ops.tabular.numbers import whole_number
from ops.tickets.queue import LARGEST_PAGE, PAGE_SIZE
from ops.workflow.errors import BadQuery

CURSOR: Schema = {
    "type": "string",
    "description": "Where the page begins, as `next` of the page before says.",
}
SIZE: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
PARAMETERS: dict[str, Schema] = {"cursor": CURSOR, "page_size": SIZE}


@dataclass(frozen=True)
class Page:
    """Some rows, and the address at which the list goes on."""

    rows: list[Any]
    next: str | None


def page_of(request: Request, rows: QuerySet[Any], *, newest_first: bool = False) -> Page:
    """Return the page that the address asks for; raises `BadQuery` for a cursor or size that cannot be."""
    size = _number(request, "page_size", default=PAGE_SIZE)
    if not 1 <= size <= LARGEST_PAGE:
        raise _bad("page_size", f"must be a whole number from 1 to {LARGEST_PAGE}")
    if after := _number(request, "cursor", default=0):
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    taken = list(rows.order_by("-pk" if newest_first else "pk")[: size + 1])
    if len(taken) <= size:
        return Page(taken, None)
    taken = taken[:size]
    return Page(taken, replace_query_param(request.build_absolute_uri(), "cursor", taken[-1].pk))


def parameters(request: Request, known: Iterable[str]) -> dict[str, str]:
    """Return the parameters of the address; raises `BadQuery` for one that is not known.

    One that is given several times counts as given once with commas: `?state=open&state=waiting`.
    """
    given = {name: ",".join(values) for name, values in request.query_params.lists()}
    for name in given:
        if name not in known:
            raise BadQuery(
                f"Unknown parameter {name}; known are {', '.join(sorted(known)) or 'none'}.",
                fields={name: ["Unknown."]},
            )
    return given


def _number(request: Request, name: str, *, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    number = whole_number(text)
    if number is None:
        raise _bad(name, "must be a whole number")
    return number


def _bad(name: str, sentence: str) -> BadQuery:
    return BadQuery(f"“{name}” {sentence}.", fields={name: [f"It {sentence}."]})
