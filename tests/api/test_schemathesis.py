"""Made-up requests of every sort, from the document itself: the desk never breaks, and answers as it says it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.files.base import ContentFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as searched
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from ops.api.records import prefix_of
from ops.people import tokens
from ops.tickets import services
from ops.workflow import registry
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = {"lead": 25, "anonymous": 8}


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the transaction of the test open from request to request, as Django's own client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    """Every operation of the document."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    for found in schema.get_all_operations():
        yield found.ok()


def in_place(operation: Any, cast: Cast) -> dict[str, Any]:
    """Return names of rows that are there, in a state from which the operation leads on."""
    word = operation.path.split("/")[3]
    if "{id}" in operation.path:
        model = next(model for model in registry.models() if prefix_of(model) == word)
        return {"id": FACTORIES[model.workflow.kind].new(cast).pk}
    if "{key}" not in operation.path:
        return {}
    name = operation.path.rstrip("/").rpartition("/")[2]
    steps = registry.model_of("issue").workflow.steps_named(name)
    issue = issue_in(steps[0].sources[0] if steps else "triaged", cast)
    said = services.comment(issue, actor=cast.lead, body="Said.")
    kept = services.attach(issue, actor=cast.lead, upload=ContentFile(b"1,2", name="x.csv"))
    linked = services.link(issue, issue_in("reported", cast), kind="relates", actor=cast.lead)
    services.watch(issue, actor=cast.lead, who=cast.staff)
    services.invite(issue, actor=cast.lead, person=cast.outsider)
    numbers = {"comments": said.pk, "attachments": kept.pk, "links": linked.pk}
    there = {
        "key": issue.key,
        "number": next((number for rest, number in numbers.items() if f"/{rest}/" in operation.path), 1),
        "who": "staff",
        "person": "outsider",
        "transition": "investigate",
    }
    return {name: value for name, value in there.items() if f"{{{name}}}" in operation.path}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", EXAMPLES)
def test_no_request_breaks_the_desk(cast: Cast, settings: Any, who: str, mode: Any) -> None:
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 0
    headers = {}
    if who != "anonymous":
        secret = tokens.issue(getattr(cast, who), actor=getattr(cast, who), name="made up").secret
        headers = {"Authorization": f"Bearer {secret}"}
    seen: set[int] = set()
    for operation in operations():
        for there in ({}, in_place(operation, cast)):

            @searched(
                max_examples=EXAMPLES[who],
                database=None,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode, path_parameters=there or None))
            def ask(case: Any) -> None:
                response = case.call(headers=headers)
                seen.add(response.status_code)
                case.validate_response(response, checks=CHECKS, headers=headers)

            ask()
    print(sorted(seen))
