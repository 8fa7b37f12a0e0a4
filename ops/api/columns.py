"""How a record reads in JSON: one table from model field to value, which also describes it in the schema.

People stand there by username, products by slug, other tickets by key, exactly as they are given; a ticket that the
reader may not see is left out as if it were not referred to.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from ops.api.schemas import MOMENT, MOMENT_OR_NULL, TEXT, TEXT_OR_NULL, TEXTS, Schema, list_of
from ops.people.models import Product, User
from ops.tickets.models import Ticket
from ops.workflow.declaration import Phase
from ops.workflow.models import Stateful


@dataclass(frozen=True)
class Known:
    """What a reader may know of the tickets that some records refer to."""

    keys: Mapping[int, str] = field(default_factory=dict)
    keys_of: Mapping[tuple[str, int], list[str]] = field(default_factory=dict)


Value = Callable[[Any, Known], Any]


@dataclass(frozen=True)
class Column:
    """One field of a record as the API gives it."""

    name: str
    schema: Schema
    value: Value
    is_long: bool = False


def moment_text(moment: datetime.datetime | None) -> str | None:
    """Write a moment in UTC."""
    if moment is None:
        return None
    text = moment.isoformat()  # moments come in UTC from the database, so that this is the rule
    if not text.endswith("+00:00"):
        text = moment.astimezone(datetime.UTC).isoformat()
    return f"{text[:-6]}Z"


@cache
def columns_of(model: type[Stateful]) -> tuple[Column, ...]:
    """Return every column of a model that the API gives: first what it is and where it stands, then its fields."""
    head = _head(model)
    own = [
        _column(column)
        for column in [*model._meta.concrete_fields, *model._meta.many_to_many]
        if _is_given(column)
    ]
    named = {column.name for column in head}
    return (*head, *(column for column in own if column.name not in named))


def _head(model: type[Stateful]) -> tuple[Column, ...]:
    workflow = getattr(model, "workflow", None)  # the common table has none: a row's kind says which
    states = {**TEXT, "enum": workflow.State.values} if workflow else TEXT
    return (
        Column("key", TEXT, lambda row, _: row.key)
        if issubclass(model, Ticket)
        else Column("id", {"type": "integer"}, lambda row, _: row.pk),
        Column("kind", TEXT, lambda row, _: row.workflow.kind),
        Column("state", states, lambda row, _: row.state),
        Column("state_label", TEXT, lambda row, _: row.state_label),
        Column("phase", {**TEXT, "enum": Phase.values}, lambda row, _: row.phase.value),
        Column("held_by", {**TEXT_OR_NULL, "description": "Who has the next move, in words."}, _held_by),
    )


def _held_by(row: Any, known: Known) -> str | None:
    party = row.workflow.held_by.get(row.state)
    return party.words if party else None


@cache
def joined(model: type[Stateful]) -> tuple[str, ...]:
    """Return the relations that are read together with a record, so that none costs a query of its own."""
    named = [
        column.name
        for column in model._meta.concrete_fields
        if _related(column) in {User, Product} or _is_named_by_a_word(column)
    ]
    return tuple(dict.fromkeys([*model.lock_related, *named]))


def people_in(row: models.Model) -> list[User]:
    """Return the people that a record refers to by itself."""
    return [person for name in _references_to_people(type(row)) if (person := getattr(row, name)) is not None]


@cache
def _references_to_people(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(column.name for column in model._meta.concrete_fields if _related(column) is User)


@cache
def long_columns(model: type[Stateful]) -> tuple[str, ...]:
    """Return the names of the columns that lists leave out."""
    return tuple(column.name for column in columns_of(model) if column.is_long)


def known_to(reader: User | AnonymousUser, model: type[Stateful], rows: Sequence[Any]) -> Known:
    """Ask once which of the tickets that these rows refer to the reader may see."""
    to_one = [c.attname for c in model._meta.concrete_fields if _is_ticket(c) and _is_given(c)]
    wanted = {getattr(row, name) for row in rows for name in to_one} - {None}
    keys = {}
    if wanted:
        keys = dict(Ticket.objects.visible_to(reader).filter(pk__in=wanted).values_list("pk", "key"))
    keys_of: dict[tuple[str, int], list[str]] = {}
    for many in model._meta.many_to_many:
        through: Any = many.remote_field.through
        links = through._default_manager.filter(
            **{f"{many.m2m_field_name()}__in": [row.pk for row in rows]},
            ticket__in=Ticket.objects.visible_to(reader),
        )
        keys_of |= {(many.name, row.pk): [] for row in rows}
        for pk, key in links.order_by("ticket_id").values_list(many.m2m_column_name(), "ticket__key"):
            keys_of[many.name, pk].append(key)
    return Known(keys, keys_of)


def _is_given(column: Any) -> bool:
    return not column.primary_key and not column.generated


def _related(column: Any) -> type[models.Model] | None:
    related: type[models.Model] | None = column.related_model
    return related


def _is_named_by_a_word(column: Any) -> bool:
    related = _related(column)
    return related is not None and not _is_ticket(column) and getattr(related, "lookup_name", "pk") != "pk"


def _is_ticket(column: Any) -> bool:
    related = _related(column)
    return related is not None and issubclass(related, Ticket)


def _column(column: Any) -> Column:
    for kind, read in _READERS:
        if kind(column):
            schema, value = read(column)
            if column.help_text:
                schema = {**schema, "description": str(column.help_text)}
            return Column(column.name, schema, value, is_long=type(column) is models.TextField)
    raise LookupError(f"Say in ops/api/columns.py how {column} reads in JSON.")


Reading = tuple[Schema, Value]


def _name_of_ticket(column: Any) -> Reading:
    return TEXT_OR_NULL, lambda row, known: known.keys.get(getattr(row, column.attname))


def _names_of_tickets(column: Any) -> Reading:
    return TEXTS, lambda row, known: known.keys_of[column.name, row.pk]


def _name_of_row(column: Any, attribute: str) -> Reading:
    def name(row: Any, known: Known) -> str | None:
        related = getattr(row, column.name)
        return getattr(related, attribute) if related is not None else None

    return (TEXT_OR_NULL if column.null else TEXT), name


def _name_of_any_row(column: Any) -> Reading:
    attribute = getattr(column.related_model, "lookup_name", "pk")
    if attribute != "pk":
        return _name_of_row(column, attribute)
    schema: Schema = {"type": ["integer", "null"] if column.null else "integer"}
    return schema, lambda row, _: getattr(row, column.attname)


def _moment(column: Any) -> Reading:
    schema = MOMENT_OR_NULL if column.null else MOMENT
    return schema, lambda row, _: moment_text(getattr(row, column.name))


def _day(column: Any) -> Reading:
    def text(row: Any, known: Known) -> str | None:
        day = getattr(row, column.name)
        return day.isoformat() if day is not None else None

    return {**(TEXT_OR_NULL if column.null else TEXT), "format": "date"}, text


def _list(column: Any) -> Reading:
    words = [value for value, _ in column.base_field.flatchoices]
    items = {**TEXT, "enum": words} if words else TEXT
    return list_of(items), lambda row, _: getattr(row, column.name)


def _word(column: Any) -> Reading:
    words = [value for value, _ in column.flatchoices if value != ""]
    schema: Schema = {"type": ["string", "null"], "enum": [*words, None]}
    if not (column.blank or column.null):
        schema = {"type": "string", "enum": words}
    return schema, lambda row, _: getattr(row, column.name) or None


def _plain(column: Any, *, schema: Schema) -> Reading:
    if column.null:
        schema = {**schema, "type": [schema["type"], "null"]}
    return schema, lambda row, _: getattr(row, column.name)


def _is_a(*kinds: type[models.Field]) -> Callable[[Any], bool]:
    return lambda column: isinstance(column, kinds)


# The first that fits counts.
_READERS: Iterable[tuple[Callable[[Any], bool], Callable[[Any], Reading]]] = (
    (lambda column: column.many_to_many and _is_ticket(column), _names_of_tickets),
    (_is_ticket, _name_of_ticket),
    (lambda column: _related(column) is User, partial(_name_of_row, attribute="username")),
    (lambda column: _related(column) is Product, partial(_name_of_row, attribute="slug")),
    (lambda column: isinstance(column, models.ForeignKey), _name_of_any_row),
    (lambda column: bool(column.choices), _word),
    (_is_a(ArrayField), _list),
    (_is_a(models.DateTimeField), _moment),
    (_is_a(models.DateField), _day),
    (_is_a(models.BooleanField), partial(_plain, schema={"type": "boolean"})),
    (_is_a(models.IntegerField), partial(_plain, schema={"type": "integer"})),
    (_is_a(models.FloatField), partial(_plain, schema={"type": "number"})),
    (_is_a(models.CharField, models.TextField), partial(_plain, schema=TEXT)),
)
