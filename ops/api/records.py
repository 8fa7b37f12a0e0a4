"""Tickets and other records with a life, as dictionaries for one reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.text import slugify
from rest_framework.request import Request

from ops.api.columns import columns_of, known_to, moment_text, people_in
from ops.api.schemas import MOMENT, MOMENT_OR_NULL, TEXT, TEXTS, Schema
from ops.clocks.explanation import Clock, Look
from ops.clocks.selectors import deadlines_by_id
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow import registry
from ops.workflow.models import Stateful

CLOCK_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "name": {**TEXT, "description": "What has to be done."},
        "look": {**TEXT, "enum": [look.value for look in Look]},
        "words": {**TEXT, "description": "How it stands: “2 working days left”."},
        "started_at": MOMENT,
        "due_at": {**MOMENT_OR_NULL, "description": "Null while it is paused with time left."},
    },
    "required": ["name", "look", "words", "started_at", "due_at"],
}
_PEOPLE: Schema = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": "The names of the people in this record, by username.",
}


def summaries(model: type[Stateful], rows: Sequence[Any], request: Request) -> list[dict[str, Any]]:
    """Return records of a list, without their long texts; the number of queries does not depend on how many."""
    known = known_to(request.user, model, rows)
    columns = [column for column in columns_of(model) if not column.is_long]
    clocks = deadlines_by_id(model.anchor_model(), [row.pk for row in rows])
    return [
        {
            **{column.name: column.value(row, known) for column in columns},
            "clocks": [_clock(clock) for clock in clocks.get(row.pk, [])],
            "people": names_of(people_in(row)),
            "url": address(request, row),
        }
        for row in rows
    ]


def details(obj: Any, request: Request) -> dict[str, Any]:
    """Return a whole record, with those who hold it."""
    model: type[Stateful] = type(obj)
    known = known_to(request.user, model, [obj])
    clocks = deadlines_by_id(model.anchor_model(), [obj.pk])[obj.pk] if obj.clocks is None else obj.clocks
    holders = [person for person in obj.holders if isinstance(person, User)]
    kept = obj.kept_from(request.user)
    return {
        **{
            column.name: "" if column.name in kept else column.value(obj, known)
            for column in columns_of(model)
        },
        "holders": [person.username for person in holders],
        "clocks": [_clock(clock) for clock in clocks],
        "people": names_of([*people_in(obj), *holders]),
        "url": address(request, obj),
    }


def names_of(people: Iterable[User]) -> dict[str, str]:
    """Return the names of people by their usernames."""
    return {person.username: person.name for person in people}


def address(request: Request, obj: Any) -> str:
    """Return where a record is found in this API."""
    return f"{request.build_absolute_uri(_list_of(obj.workflow.kind))}{identity(obj)}/"


@cache
def _list_of(kind: str) -> str:
    # A list of fifty would otherwise ask the resolver fifty times.
    return reverse(f"api:{kind}-all")


def identity(obj: Any) -> str | int:
    """Return by what a record is called: a ticket by its key, anything else by its number."""
    return obj.key if isinstance(obj, Ticket) else obj.pk


def summary_schema(model: type[Stateful]) -> Schema:
    """Describe a record of a list."""
    return _schema(model, {column.name: column.schema for column in columns_of(model) if not column.is_long})


def details_schema(model: type[Stateful]) -> Schema:
    """Describe a whole record."""
    own = {column.name: column.schema for column in columns_of(model)}
    return _schema(model, {**own, "holders": TEXTS})


def prefix_of(model: type[Stateful]) -> str:
    """Return under which word the records of a kind are found: `issues`."""
    return slugify(model.workflow.plural)


def kinds_of_tickets() -> list[type[Ticket]]:
    """Return every registered kind of ticket."""
    return [model for model in registry.models() if issubclass(model, Ticket)]


def _schema(model: type[Stateful], properties: Mapping[str, Schema]) -> Schema:
    clocks = {"type": "array", "items": {"$ref": "#/components/schemas/Clock"}}
    properties = {**properties, "clocks": clocks, "people": _PEOPLE, "url": {**TEXT, "format": "uri"}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "name": clock.name,
        "look": clock.look.value,
        "words": clock.words,
        "started_at": moment_text(clock.course.started_at),
        "due_at": moment_text(clock.due_at),
    }
