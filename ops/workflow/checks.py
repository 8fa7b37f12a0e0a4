"""What Django refuses to start with: a workflow that contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from ops.workflow import registry
from ops.workflow.models import Stateful


@register("workflow")
def check_workflows(app_configs: Sequence[AppConfig] | None = None, **options: Any) -> list[CheckMessage]:
    """Report every contradiction in every registered workflow."""
    return [message for model in registry.models() for message in contradictions(model)]


def contradictions(model: type[Stateful]) -> Iterator[CheckMessage]:
    """Yield what is wrong with the workflow of a model."""
    yield from _unreachable_states(model)
    yield from _dead_ends(model)
    yield from _unheld_states(model)
    yield from _parties_without_a_way_back(model)
    yield from _unknown_fields(model)
    yield from _shadowed_names(model)


def _unreachable_states(model: type[Stateful]) -> Iterator[CheckMessage]:
    workflow = model.workflow
    reached, frontier = {workflow.creation.to}, [workflow.creation.to]
    while frontier:
        targets = {target for step in workflow.steps_from(frontier.pop()) for target in step.targets}
        frontier += targets - reached
        reached |= targets
    for state in workflow.State.values:
        if state not in reached:
            yield Error(f"No transition leads to the state “{state}”.", obj=model, id="workflow.E001")


def _dead_ends(model: type[Stateful]) -> Iterator[CheckMessage]:
    workflow = model.workflow
    for state in workflow.State.values:
        if not workflow.steps_from(state) and state not in workflow.final:
            yield Error(
                f"No transition leads out of “{state}”.",
                hint="Declare one, or name the state in `final`.",
                obj=model,
                id="workflow.E002",
            )


def _unheld_states(model: type[Stateful]) -> Iterator[CheckMessage]:
    workflow = model.workflow
    for state in workflow.live_states():
        if state not in workflow.held_by:
            yield Error(
                f"Nobody holds the state “{state}”.",
                hint="Say in `held_by` who has the next move, so that nothing waits for nobody.",
                obj=model,
                id="workflow.E003",
            )


def _parties_without_a_way_back(model: type[Stateful]) -> Iterator[CheckMessage]:
    for party in dict.fromkeys(model.workflow.held_by.values()):
        if party.whose is None:
            yield Error(
                f"Nobody can ask what waits for them as “{party.name}”.",
                hint="Give the party `whose`, the way from a person back to the objects.",
                obj=model,
                id="workflow.E006",
            )


def _unknown_fields(model: type[Stateful]) -> Iterator[CheckMessage]:
    workflow = model.workflow
    named = [("creation", name) for name in workflow.creation.fields]
    named += [(step.name, name) for step in workflow.steps() for name in step.fields]
    named += [("edits", name) for _, names in workflow.edits for name in names]
    named += [("facts", name) for name in workflow.facts]
    for where, name in named:
        if name not in model.beside_the_row and not _has_field(model, name):
            yield Error(f"`{where}` names “{name}”, which is no field.", obj=model, id="workflow.E004")


def _has_field(model: type[Stateful], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _shadowed_names(model: type[Stateful]) -> Iterator[CheckMessage]:
    for step in model.workflow.steps():
        if hasattr(models.Model, step.name) or _has_field(model, step.name):
            yield Error(
                f"The transition “{step.name}” hides a field or method.", obj=model, id="workflow.E005"
            )
