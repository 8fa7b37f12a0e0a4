"""The one list of everything that has a workflow; pages, API, diagrams and contract tests are made from it."""

from __future__ import annotations

from typing import TypeVar

import rules

from ops.people.models import User
from ops.workflow.declaration import Workflow
from ops.workflow.models import Stateful

Model = TypeVar("Model", bound=type[Stateful])

_models: dict[str, type[Stateful]] = {}


def registered(model: Model) -> Model:
    """Enter a model with its workflow, and each of its transitions as a Django permission.

    The permission is named like Django's own: `issues.triage_issue`.
    """
    model.workflow = next(base for base in model.__bases__ if issubclass(base, Workflow))
    _models[model.workflow.kind] = model
    for name in dict.fromkeys(step.name for step in model.workflow.steps()):
        rules.set_perm(permission_name(model, name), _may_take(model, name))
    rules.set_perm(permission_name(model, "add"), model.workflow.creation.by)
    return model


def permission_name(model: type[Stateful], transition: str) -> str:
    """Return the Django permission of a transition, such as `issues.triage_issue`."""
    return f"{model._meta.app_label}.{transition}_{model._meta.model_name}"


def _may_take(model: type[Stateful], name: str) -> rules.Predicate:
    def may_take(user: User, obj: Stateful | None) -> bool:
        steps = model.workflow.steps_named(name)
        here = [step for step in steps if obj is not None and obj.state in step.sources]
        return any(step.by.test(user, obj) for step in here or steps)

    return rules.predicate(may_take, name=name)


def models() -> list[type[Stateful]]:
    """Return every registered model, in the order of registration."""
    return list(_models.values())


def model_of(kind: str) -> type[Stateful]:
    """Return the model registered under a kind; raises `KeyError` for an unknown one."""
    return _models[kind]
