"""Every edge of every registered workflow, ours and tomorrow's, as a parameter."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ops.people.models import User
from ops.workflow import registry
from ops.workflow.declaration import Step
from ops.workflow.models import Stateful
from tests.cast import Cast
from tests.factories import FACTORIES, Factory


@dataclass(frozen=True)
class Edge:
    """One way from one state to the next."""

    kind: str
    step: Step
    source: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.step.name}-from-{self.source}"

    @property
    def factory(self) -> Factory:
        """Makes the objects; a workflow that has none fails here, by name."""
        return FACTORIES[self.kind]

    def ready(self, cast: Cast) -> Stateful:
        """An object that stands where the edge begins, with its guards met."""
        return self.factory.mend(self.step, self.factory.in_state(self.source, cast), cast)

    def allowed(self, cast: Cast, obj: Stateful) -> User:
        """Somebody who may take it."""
        return next(person for person in cast.people() if self.step.by.test(person, obj))

    def refused(self, cast: Cast, obj: Stateful) -> User:
        """Somebody who sees the object and may not take it."""
        seen = type(obj)._default_manager
        return next(
            person
            for person in cast.people()
            if not self.step.by.test(person, obj) and seen.visible_to(person).filter(pk=obj.pk).exists()
        )


def edges() -> list[Edge]:
    """Return every edge of every registered workflow."""
    return [
        Edge(model.workflow.kind, step, source)
        for model in registry.models()
        for step in model.workflow.steps()
        for source in step.sources
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "edge" in metafunc.fixturenames:
        metafunc.parametrize("edge", edges(), ids=str)
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", [model.workflow.kind for model in registry.models()])
