"""The named parts of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ops.api import answers
from ops.api.openapi import JSON, READ_REFUSALS, WRITE_REFUSALS, ref
from ops.api.records import CLOCK_SCHEMA, details_schema, kinds_of_tickets, prefix_of, summary_schema
from ops.api.schemas import TEXT, TEXTS, Schema, list_of
from ops.api.viewsets.index import Index
from ops.api.viewsets.stateful import creation_schema, edit_schema
from ops.api.viewsets.tickets import AllTicketsViewSet
from ops.tickets.models import Ticket
from ops.workflow import registry

REFUSAL: Schema = {
    "type": "object",
    "description": "Every refusal, whatever refused. Nothing was changed.",
    "properties": {
        "code": {"type": "string", "description": "For programs: `stale`, `not_allowed`, `invalid_input`, …"},
        "detail": {"type": "string", "description": "For people: one or more sentences."},
        "fields": {
            "type": "object",
            "additionalProperties": TEXTS,
            "description": "For forms: what is wrong with which field.",
        },
    },
    "required": ["code", "detail", "fields"],
}
STEPS: Schema = {
    "type": "object",
    "properties": {
        "results": list_of(answers.STEP_SCHEMA),
        "edits": {"type": "array", "items": answers.FIELD_SCHEMA, "description": "What you may edit now."},
    },
    "required": ["results", "edits"],
}
FOLLOWERS: Schema = {
    "type": "object",
    "properties": {
        "added": {"type": "array", "items": TEXT, "description": "Those who did not follow it before."}
    },
    "required": ["added"],
}


def components() -> dict[str, Schema]:
    """Return every named part, in the order of the alphabet."""
    parts = {
        "Refusal": REFUSAL,
        "Clock": CLOCK_SCHEMA,
        "Steps": STEPS,
        "Event": answers.EVENT_SCHEMA,
        "Comment": answers.COMMENT_SCHEMA,
        "Link": answers.LINK_SCHEMA,
        "Follower": answers.FOLLOWER_SCHEMA,
        "Followers": FOLLOWERS,
        "Attachment": answers.ATTACHMENT_SCHEMA,
        "Invitation": answers.INVITATION_SCHEMA,
        **dict(_of_kinds()),
        **dict(_of_all_tickets()),
    }
    return dict(sorted(parts.items()))


def _of_kinds() -> Iterator[tuple[str, Schema]]:
    for model in registry.models():
        yield model.__name__, details_schema(model)
        yield f"{model.__name__}Summary", summary_schema(model)


def _of_all_tickets() -> Iterator[tuple[str, Schema]]:
    models = kinds_of_tickets()
    yield "TicketSummary", summary_schema(Ticket)
    yield "Ticket", {"anyOf": [ref(model.__name__) for model in models]}
    yield "TicketEdit", {"anyOf": [edit_schema(model) for model in models]}
    creations = []
    for model in models:
        creation = creation_schema(model)
        creation["properties"] = {"kind": {**TEXT, "const": model.workflow.kind}, **creation["properties"]}
        creation["required"] = ["kind", *creation["required"]]
        creations.append(creation)
    yield "TicketCreation", {"oneOf": creations}


def add_components(result: Schema, **_: Any) -> Schema:
    """Put the named parts into the document, after drf-spectacular has put its own."""
    result.setdefault("components", {}).update(schemas=components(), responses=refusals())
    kinds = [(prefix_of(model), model.__doc__) for model in registry.models()]
    tags = [("index", Index.__doc__), ("tickets", AllTicketsViewSet.__doc__), *kinds]
    result["tags"] = [{"name": name, "description": text} for name, text in tags]
    return result


def refusals() -> dict[str, Schema]:
    """Return the answers of refusals, by status; all have the same body."""
    content = {JSON: {"schema": ref("Refusal")}}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted({*READ_REFUSALS, *WRITE_REFUSALS})
    }
