"""The OpenAPI document: what every address takes and gives, read from the declarations behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from ops.api.schemas import Schema, list_of

Action = TypeVar("Action", bound=Callable[..., Any])
Of = Callable[[Any], Any]

JSON = "application/json"
UPLOAD = "multipart/form-data"
FILE = "application/octet-stream"

READ_REFUSALS = (401, 404, 406, 429)
WRITE_REFUSALS = (400, 401, 403, 404, 406, 409, 411, 413, 415, 422, 429)


@dataclass(frozen=True)
class Operation:
    """What one action of a viewset takes and gives. Callables are asked with the view: they depend on its kind."""

    answer: Schema | Of | None
    status: int = 200
    takes: Schema | Of | None = None
    query: Mapping[str, Schema] | Of = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    takes_as: str = JSON
    answers_as: str = JSON
    also: Mapping[int, Schema] = field(default_factory=dict)
    """What is answered with another status that is no refusal, such as 202 for work that goes on."""


def described(answer: Schema | Of | None, **details: Any) -> Callable[[Action], Action]:
    """Say of an action of a viewset what it takes and gives; its docstring says what it does."""

    def describe(action: Action) -> Action:
        action.operation = Operation(answer, **details)  # type: ignore[attr-defined]
        return action

    return describe


def ref(name: str) -> Schema:
    """Refer to a component of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def page_schema(item: Schema, **more: Schema) -> Schema:
    """Describe a page of a list."""
    properties = {
        "results": list_of(item),
        "next": {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The address of the next page; null on the last.",
        },
        **more,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


# What an address may name, where its view does not describe it more closely.
PLACES: Mapping[str, Schema] = {
    "key": {"type": "string", "description": "The key of a ticket."},
    "id": {"type": "integer"},
    "number": {"type": "integer"},
    "username": {"type": "string"},
    "who": {"type": "string", "description": "A username."},
    "way": {"type": "string", "description": "How the quotas are told."},
}


class DeclaredSchema(AutoSchema):
    """Describes an action by its `Operation`, where drf-spectacular would look for serializers."""

    view: Any

    @property
    def operation(self) -> Operation:
        """What the action says of itself."""
        operation: Operation = getattr(self.view, self.view.action).operation
        return operation

    def is_excluded(self) -> bool:
        """Leave out addresses that stand for others that are described one by one."""
        return not self.view.in_schema

    def get_operation_id(self) -> str:
        """Name the operation after the kind, what stands beside its records, the action, and the transition."""
        # A record's own viewset has an action of its own for everything beside it.
        beside = self.path.partition("}")[2] if not hasattr(self.view, "model") else ""
        words = [
            self.view.basename,
            *re.findall(r"(?<![{\w])\w+(?![}\w])", beside),
            self.view.action,
            self.view.transition.name if self.view.transition else "",
        ]
        return "_".join(word for word in words if word)

    def get_tags(self) -> list[str]:
        """Group by the first word of the address."""
        return self._tokenize_path()[:1] or ["index"]

    def get_summary(self) -> str:
        """Return the first line of what the action says it does."""
        return self._said()[0]

    def get_description(self) -> str:  # type: ignore[override]  # as in drf-spectacular
        """Return all of what the action says it does."""
        return "\n".join(self._said())

    def _said(self) -> list[str]:
        if self.view.transition is not None:
            return [f"{self.view.transition.label}: {self.view.transition.help}"]
        text = getattr(self.view, self.view.action).__doc__ or ""
        return [line.strip() for line in text.strip().splitlines()]

    def _get_parameters(self) -> list[Schema]:
        places = {**PLACES, **self.view.path_parameters}
        path = [
            {"name": name, "in": "path", "required": True, "schema": places[name]}
            for name in re.findall(r"{(\w+)}", self.path)
        ]
        query = self._asked(self.operation.query)
        return path + [
            {
                "name": name,
                "in": "query",
                "allowEmptyValue": True,  # an empty one is none, as forms send those that nobody filled in
                "schema": {key: value for key, value in schema.items() if key != "description"},
                **({"description": schema["description"]} if "description" in schema else {}),
            }
            for name, schema in query.items()
        ]

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        if self.operation.takes is None:
            return None
        schema = self._asked(self.operation.takes)
        return {
            "content": {self.operation.takes_as: {"schema": schema}},
            "required": bool(schema.get("required")),
        }

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        operation = self.operation
        good: Schema = {"description": HTTPStatus(operation.status).phrase}
        if operation.answer is not None:
            good["content"] = {operation.answers_as: {"schema": self._asked(operation.answer)}}
        others = {
            str(status): {"description": HTTPStatus(status).phrase, "content": {JSON: {"schema": schema}}}
            for status, schema in operation.also.items()
        }
        refusals = READ_REFUSALS if self.method == "GET" else WRITE_REFUSALS
        statuses = sorted({*refusals, *operation.refusals})
        refused = {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
        return {str(operation.status): good} | others | refused

    def _asked(self, of: Any) -> Any:
        return of(self.view) if callable(of) else of


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Personal tokens, as the document names them."""

    target_class = "ops.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        """Describe the header."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, made on your profile page.",
        }
