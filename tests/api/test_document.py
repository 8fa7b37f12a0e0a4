"""The OpenAPI document: complete, true, and browsable without asking anybody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

from ops.api.records import prefix_of
from ops.tickets import queue
from ops.tickets.models import Ticket
from ops.workflow import registry

METHODS = {"get", "post", "patch", "put", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/vnd.oai.openapi+json"
    read: dict[str, Any] = json.loads(response.content)
    return read


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield path, method, operation


def test_every_address_and_method_is_described(document: dict[str, Any]) -> None:
    """What the resolver knows below /api/v1/ and what the document tells are the same."""
    told = {(path, method) for path, method, _ in operations(document)}
    known = set()
    for route, pattern in _patterns(get_resolver()):
        view = getattr(pattern.callback, "cls", None)
        actions = getattr(pattern.callback, "actions", None)
        if view is None or actions is None or not pattern.callback.initkwargs.get("in_schema", True):
            continue
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        known |= {(path, method) for method in actions if method != "head"}
    assert known
    assert told == known


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, route)
        elif getattr(pattern.callback, "cls", None) is not None:
            yield route, pattern


@pytest.mark.parametrize("model", registry.models(), ids=lambda model: model.__name__)
def test_every_kind_is_described_as_it_is_declared(document: dict[str, Any], model: Any) -> None:
    workflow, parts = model.workflow, document["components"]["schemas"]
    one = f"/api/v1/{prefix_of(model)}/{{{'key' if issubclass(model, Ticket) else 'id'}}}/"
    creation = _body(document["paths"][f"/api/v1/{prefix_of(model)}/"]["post"])
    assert set(creation["properties"]) == set(workflow.creation.fields)
    assert set(creation.get("required", [])) == set(workflow.creation.asks)
    edit = _body(document["paths"][one]["patch"])
    assert set(edit["properties"]) == {name for _, names in workflow.edits for name in names} | {"version"}
    for name in {step.name for step in workflow.steps()}:
        steps = workflow.steps_named(name)
        step = _body(document["paths"][f"{one}transitions/{name}/"]["post"])
        fields = {field for one_step in steps for field in one_step.fields}
        assert set(step["properties"]) == fields | {"version", "reason"}
        assert ("reason" in step.get("required", [])) == all(one_step.reason for one_step in steps)
    assert parts[model.__name__]["properties"]["state"]["enum"] == workflow.State.values
    assert set(parts[f"{model.__name__}Summary"]["properties"]) < set(parts[model.__name__]["properties"])


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
    return schema


def test_every_operation_has_a_name_a_sentence_and_its_refusals(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for *_, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        assert operation["summary"].endswith((".", ":")) or len(operation["summary"]) > 10, path
        assert {"401", "404", "406", "429"} <= set(operation["responses"]), (path, method)
        if method != "get":
            assert {"400", "403", "409", "413", "415", "422"} <= set(operation["responses"]), (path, method)
            assert {} not in operation["security"], "nobody writes without an account"
        else:
            assert {} in operation["security"], "what is public is read without an account"


def test_every_place_in_an_address_is_described(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        told = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert told == set(re.findall(r"{(\w+)}", path)), path


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    references = set(re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', text))
    assert references
    for group, name in references:
        assert name in document["components"][group]
    unused = set(document["components"]["schemas"]) - {name for _, name in references}
    assert not unused


def test_filters_and_orders_are_those_of_the_queue(document: dict[str, Any]) -> None:
    for path in ("/api/v1/issues/", "/api/v1/tickets/"):
        told = {one["name"]: one for one in document["paths"][path]["get"]["parameters"]}
        assert set(told) == {*queue.FILTERS, *queue.PAGING, "search"}
        assert told["sort"]["schema"]["enum"] == list(queue.SORTS)


def test_the_page_asks_nobody_else_and_has_no_script_of_its_own() -> None:
    response = Client().get("/api/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    addresses = re.findall(r'(?:src|href|data-schema)="([^"]+)"', page)
    assert len(addresses) >= 6
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert " style=" not in page
    for address in addresses:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address


@pytest.mark.parametrize("address", ["/api/docs/", "/api/schema/"])
def test_the_documents_are_only_read(address: str) -> None:
    assert Client().post(address).status_code == 405
