"""Made-up requests of every sort, from the document itself: the desk never breaks, and answers as it says it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.files.base import ContentFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as searched
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from ops.allocations.conflicts import declare_conflict
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
# How many requests are made up for each operation, once about rows that are there, once about any. A longer search
# with many times as many has found nothing either.
EXAMPLES = {"lead": (3, 1), "anonymous": (1, 1)}


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


class Rows:
    """Rows that are there for requests to be about."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.issue = issue_in("triaged", cast)
        said = services.comment(self.issue, actor=cast.lead, body="Said.")
        kept = services.attach(self.issue, actor=cast.lead, upload=ContentFile(b"1,2", name="x.csv"))
        linked = services.link(self.issue, issue_in("reported", cast), kind="relates", actor=cast.lead)
        services.watch(self.issue, actor=cast.lead, who=cast.staff)
        services.invite(self.issue, actor=cast.lead, person=cast.outsider)
        self.numbers = {"comments": said.pk, "attachments": kept.pk, "links": linked.pk}

    def named(self, path: str) -> dict[str, Any]:
        """Return names for all that an address has a place for; of a transition, a ticket that it leads on from."""
        word = path.split("/")[3]
        if word == "conflicts":
            request = FACTORIES["request"].in_state("submitted", self.cast)
            return {"id": declare_conflict(request, actor=self.cast.rac_member, evidence="A friend.").pk}
        if "{id}" in path:
            model = next(model for model in registry.models() if prefix_of(model) == word)
            return {"id": FACTORIES[model.workflow.kind].new(self.cast).pk}
        steps = registry.model_of("issue").workflow.steps_named(path.rstrip("/").rpartition("/")[2])
        issue = issue_in(steps[0].sources[0], self.cast) if steps else self.issue
        there = {
            "key": issue.key,
            "number": next((number for rest, number in self.numbers.items() if f"/{rest}/" in path), 1),
            "who": "staff",
            "person": "outsider",
            "transition": "investigate",
        }
        return {name: value for name, value in there.items() if f"{{{name}}}" in path}


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", EXAMPLES)
def test_no_request_breaks_the_desk(cast: Cast, settings: Any, who: str, mode: Any) -> None:
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 0
    headers = {}
    if who != "anonymous":
        secret = tokens.issue(getattr(cast, who), actor=getattr(cast, who), name="made up").secret
        headers = {"Authorization": f"Bearer {secret}"}
    rows = Rows(cast)
    for operation in operations():
        there = rows.named(operation.path)
        for names, examples in zip((there, {}) if there else ({},), EXAMPLES[who], strict=False):

            @searched(
                max_examples=examples,
                database=None,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(mode, path_parameters=names or None))
            def ask(case: Any) -> None:
                case.validate_response(case.call(headers=headers), checks=CHECKS, headers=headers)

            with suppress(Unsatisfiable):  # nothing can be wrong where nothing is given
                ask()
