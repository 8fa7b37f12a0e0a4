"""Every edge of every registered workflow, ours and tomorrow's, as a parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ops.people.models import User
from ops.workflow import registry
from ops.workflow.declaration import Step
from ops.workflow.models import Stateful
from tests.cast import Cast, assemble
from tests.contracts.standing import Stage
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

    def ready(self, obj: Stateful, cast: Cast) -> Stateful:
        """The object that stands where the edge begins, with its guards met."""
        return self.factory.mend(self.step, obj, cast)

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


STAGE = Stage()


@pytest.fixture(scope="package")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """What is kept from one contract test to the next."""
    with django_db_blocker.unblock():
        yield STAGE
        STAGE.clear()


def begins_on_the_stage(request: pytest.FixtureRequest) -> bool:
    """Whether a test begins with what stands there already: one that is about an edge and commits nothing."""
    return "edge" in request.fixturenames and not commits(request.node)


def commits(item: pytest.Item) -> bool:
    """Whether a test has transactions of its own."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test with transactions of its own begins before any fixture of ours: the stage is cleared before that."""
    if commits(item):
        STAGE.clear()


@pytest.fixture(autouse=True)
def _set_the_stage(request: pytest.FixtureRequest, stage: Stage) -> None:
    """Before the transaction of the test begins: what it begins with, or nothing."""
    if begins_on_the_stage(request):
        edge = request.getfixturevalue("edge")
        stage.standing(edge.kind, edge.source)
    else:
        stage.clear()


@pytest.fixture
def cast(request: pytest.FixtureRequest, stage: Stage, db: None) -> Cast:
    """The cast of the object that stands there; otherwise a cast as everywhere."""
    if not begins_on_the_stage(request):
        return assemble()
    edge = request.getfixturevalue("edge")
    return stage.standing(edge.kind, edge.source).cast


@pytest.fixture
def standing(request: pytest.FixtureRequest, stage: Stage, edge: Edge, cast: Cast) -> Stateful:
    """An object that stands where the edge begins."""
    if begins_on_the_stage(request):
        return stage.standing(edge.kind, edge.source).obj
    made: Stateful = edge.factory.in_state(edge.source, cast)
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those that begin in the same state follow one another."""
    here = Path(__file__).parent
    places = [n for n, item in enumerate(items) if here in item.path.parents]
    ordered = sorted((items[n] for n in places), key=_beginning)
    for n, item in zip(places, ordered, strict=True):
        items[n] = item


def _beginning(item: pytest.Item) -> tuple[str, str]:
    edge = getattr(item, "callspec", None) and item.callspec.params.get("edge")  # type: ignore[attr-defined]
    return (edge.kind, edge.source) if edge else ("", "")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "edge" in metafunc.fixturenames:
        wanted = getattr(metafunc.function, "concerns", None)
        metafunc.parametrize(
            "edge", [edge for edge in edges() if wanted is None or wanted(edge.step)], ids=str
        )
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", [model.workflow.kind for model in registry.models()])
