"""Which JSON a form field takes: one table, used to check what comes in and to describe it in the schema.

A form made for pages would turn anything into text: `{"a": 1}` is not a title. What has the right type goes on
to the engine's form, which alone decides whether it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField

from ops.api.schemas import TEXT, TEXTS, Schema
from ops.tickets.fields import TicketsField
from ops.tickets.watching import WatchersField
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import (
    NOT_STORABLE,
    LookupField,
    NamedValuesField,
    PeopleField,
    RowsField,
    form_class,
    is_text,
)
from ops.workflow.models import Stateful

Fields = Mapping[str, forms.Field]


@dataclass(frozen=True)
class Shape:
    """A JSON type: how the schema says it, which values have it, and what to ask for where one has not."""

    schema: Schema
    fits: Callable[[Any], bool]
    wanted: str
    is_empty_as_null: bool = False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    )


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float)


# The nearest class of a field counts. A class of fields that is not here cannot be given by the API: that is an
# error when the addresses are made, not a guess when somebody calls.
SHAPES: Mapping[type[forms.Field], Shape] = {
    forms.CharField: Shape(TEXT, _is_text, "text"),
    forms.EmailField: Shape({**TEXT, "format": "email"}, _is_text, "text"),
    forms.URLField: Shape({**TEXT, "format": "uri"}, _is_text, "text"),
    forms.ChoiceField: Shape(TEXT, _is_text, "one of the known words", is_empty_as_null=True),
    LookupField: Shape(TEXT, _is_text, "the name of one, as text", is_empty_as_null=True),
    forms.DateTimeField: Shape(
        {**TEXT, "format": "date-time"},
        _is_text,
        "a moment, as text like 2026-11-20T17:00:00Z",
        is_empty_as_null=True,
    ),
    forms.DateField: Shape(
        {**TEXT, "format": "date"}, _is_text, "a day, as text like 2026-11-20", is_empty_as_null=True
    ),
    forms.IntegerField: Shape({"type": "integer"}, _is_whole, "a whole number", is_empty_as_null=True),
    forms.DecimalField: Shape({"type": "number"}, _is_number, "a number", is_empty_as_null=True),
    forms.BooleanField: Shape({"type": "boolean"}, lambda value: isinstance(value, bool), "true or false"),
    SimpleArrayField: Shape(TEXTS, _is_texts, "a list of texts"),
    WatchersField: Shape(TEXTS, _is_texts, "a list of usernames and e-mail addresses"),
    PeopleField: Shape(TEXTS, _is_texts, "a list of usernames"),
    RowsField: Shape(
        {"type": "array", "items": {"type": "object"}},
        lambda value: isinstance(value, list),
        "a list of objects",
    ),
    NamedValuesField: Shape(
        {"type": "object"}, lambda value: isinstance(value, dict), "an object of names and values"
    ),
    TicketsField: Shape(TEXTS, _is_texts, "a list of keys"),
}


def shape_of(field: forms.Field) -> Shape:
    """Return the shape of a form field; raises `LookupError` for a class of fields that has none."""
    for base in type(field).__mro__:
        if base in SHAPES:
            return SHAPES[base]
    raise LookupError(f"Say in ops/api/shapes.py which JSON a {type(field).__name__} takes.")


def schema_of(field: forms.Field) -> Schema:
    """Describe what a form field takes, in JSON Schema."""
    shape = shape_of(field)
    schema = {**shape.schema, **_bounds(field)}
    if shape.is_empty_as_null and not field.required:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if field.help_text:
        schema["description"] = str(field.help_text)
    return schema


def _bounds(field: forms.Field) -> Schema:
    if isinstance(field, LookupField):
        return {"minLength": 1}
    if isinstance(field, forms.ChoiceField):
        return {"enum": [value for value, _ in choices_of(field)]}
    if isinstance(field, SimpleArrayField):
        return {"items": schema_of(field.base_field)}
    if isinstance(field, forms.IntegerField):
        bounds = {"minimum": field.min_value, "maximum": field.max_value}
    elif isinstance(field, forms.CharField):
        bounds = {"minLength": 1 if field.required else None, "maxLength": field.max_length}
    else:
        bounds = {}
    return {name: value for name, value in bounds.items() if value is not None}


def choices_of(field: forms.Field) -> list[tuple[str, str]]:
    """Return the words that a field knows, each with its label; nothing for a field that is not of that sort."""
    if isinstance(field, SimpleArrayField):
        return choices_of(field.base_field)
    if isinstance(field, LookupField) or not isinstance(field, forms.ChoiceField):
        return []
    choices: Any = field.choices
    return [(str(value), str(label)) for value, label in choices if value != ""]


def object_of(fields: Fields, required: Iterable[str] = ()) -> Schema:
    """Describe an object with these fields and no others."""
    schema: Schema = {
        "type": "object",
        "properties": {name: schema_of(field) for name, field in fields.items()},
        "additionalProperties": False,
    }
    if names := list(required):
        schema["required"] = names
    return schema


@cache
def fields_of(model: type[Stateful], names: tuple[str, ...], required: tuple[str, ...] = ()) -> Fields:
    """Return the form fields behind some declared fields of a model."""
    fields = {name: copy(field) for name, field in form_class(model, names, required).base_fields.items()}
    for name in required:
        fields[name].required = True
    return fields


def as_object(body: Any) -> dict[str, Any]:
    """Return the body of a request, which must be a JSON object; raises `InvalidInput`."""
    if not isinstance(body, dict):
        raise InvalidInput("Send a JSON object: the names of fields with their values.")
    if not is_text(*body):
        raise InvalidInput("A name of a field holds characters that cannot be stored.")
    return body


def typed(body: Mapping[str, Any], fields: Fields) -> None:
    """Refuse values of another JSON type than their field takes; raises `InvalidInput` naming each.

    Fields that are not known here are left to whoever knows which may be given.
    """
    problems = {
        name: [sentence]
        for name, value in body.items()
        if name in fields and (sentence := _misfit(value, fields[name]))
    }
    if problems:
        raise InvalidInput(f"Please correct {', '.join(problems)}.", fields=problems)


def read(body: Any, fields: Fields) -> dict[str, Any]:
    """Return a body that has these fields at most, each of its type; raises `InvalidInput` naming the others."""
    given = as_object(body)
    unknown = [name for name in given if name not in fields]
    if unknown:
        sentence = f"This field cannot be given here; {', '.join(fields) or 'nothing'} can."
        raise InvalidInput(
            f"Please correct {', '.join(unknown)}.", fields={name: [sentence] for name in unknown}
        )
    typed(given, fields)
    return given


def _misfit(value: Any, field: forms.Field) -> str:
    shape = shape_of(field)
    if shape.is_empty_as_null and not field.required:
        if value is None:
            return ""
        if value == "" or not shape.fits(value):
            return f"Give {shape.wanted}, or null for none."
    if not shape.fits(value):
        return f"Give {shape.wanted}."
    texts = value if isinstance(value, list) else [value]
    if not is_text(*(text for text in texts if isinstance(text, str))):
        return NOT_STORABLE
    return ""
