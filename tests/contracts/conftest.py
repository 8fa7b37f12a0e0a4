"""Every edge of every registered workflow, ours and tomorrow's, as a parameter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from ops.people.models import User
from ops.workflow import registry
from ops.workflow.declaration import Step
from ops.workflow.models import Stateful
from tests.cast import Cast
from tests.factories import FACTORIES, Factory

Test = TypeVar("Test", bound=Callable[..., None])


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
        return next(
            person
            for person in cast.people()
            if not self.step.by.test(person, obj) and self.sees(person, obj)
        )

    def sees(self, person: User, obj: Stateful) -> bool:
        """Whether somebody may know of an object at all."""
        rows = type(obj)._default_manager.visible_to(person)  # type: ignore[attr-defined]
        return bool(rows.filter(pk=obj.pk).exists())


def edges() -> list[Edge]:
    """Return every edge of every registered workflow."""
    return [
        Edge(model.workflow.kind, step, source)
        for model in registry.models()
        for step in model.workflow.steps()
        for source in step.sources
    ]


def only(wanted: Callable[[Step], object]) -> Callable[[Test], Test]:
    """Let a test run over the edges that it concerns, and over no others."""

    def marked(test: Test) -> Test:
        test.concerns = wanted  # type: ignore[attr-defined]
        return test

    return marked


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "edge" in metafunc.fixturenames:
        wanted = getattr(metafunc.function, "concerns", None)
        metafunc.parametrize(
            "edge", [edge for edge in edges() if wanted is None or wanted(edge.step)], ids=str
        )
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", [model.workflow.kind for model in registry.models()])
