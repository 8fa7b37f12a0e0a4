"""The words in which the schema says what an answer looks like."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBER: Schema = {"type": "integer"}
NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}
YES_OR_NO: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
DAY_OR_NULL: Schema = {"type": ["string", "null"], "format": "date"}
AMOUNT: Schema = {**TEXT, "description": "A decimal number as text, so that nothing is rounded."}
ANYTHING: Schema = {}


def object_with(**properties: Schema) -> Schema:
    """Return the schema of an object that always has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_of(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def results_of(item: Schema, **beside: Schema) -> Schema:
    """Return the schema of a list that stands under `results`, as pages of lists do, with what stands beside it."""
    return object_with(**beside, results=list_of(item))
