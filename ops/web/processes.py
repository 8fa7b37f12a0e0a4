"""A process as its page explains it: states, steps, permissions, deadlines, read from declaration and policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from ops.clocks.models import DeadlinePolicy
from ops.clocks.selectors import policies_by_kind
from ops.people.models import User
from ops.web.finding import record_named
from ops.workflow import registry
from ops.workflow.declaration import States, Step
from ops.workflow.diagram import declared, draw
from ops.workflow.errors import NotFound
from ops.workflow.models import Event, Stateful
from ops.workflow.words import Matrix, permission_matrix, who_may

# “How a report becomes a resolution (RTN-006 §2.5.1).”: the source stands in brackets at the end.
_SOURCE = re.compile(r"\s*\(([^()]*\d[^()]*)\)\.?\s*$")


@dataclass(frozen=True)
class StateLine:
    """One state: what it means, who has the next move in it, what usually comes next, which deadlines run."""

    value: str
    label: str
    phase: str
    meaning: str
    holder: str
    next_step: str
    deadlines: Sequence[str]


@dataclass(frozen=True)
class StepLine:
    """One step: between which states, who may take it, what it asks, what must be true, who is told."""

    step: Step
    sources: Sequence[States]
    targets: Sequence[States]
    who: str
    asks: Sequence[str]
    offers: Sequence[str]
    guards: Sequence[str]
    tells: Sequence[str]

    @property
    def returns(self) -> bool:
        """Whether it leads back to wherever it came from."""
        return len(self.targets) > 1


@dataclass(frozen=True)
class MatrixLine:
    """One step, from where, and for each role of the matrix whether it alone suffices."""

    label: str
    sources: Sequence[str]
    allowed: Sequence[bool]
    words: str


@dataclass(frozen=True)
class Stay:
    """How long a record was in a state, and who brought it there by which step."""

    event: Event
    label: str
    phase: str
    by: str


class Process:
    """The page of one kind of record; with a record, also where that is and the way it came."""

    def __init__(self, kind: str, reader: User | AnonymousUser, name: str = "") -> None:
        try:
            self.model = registry.model_of(kind)
        except KeyError:
            raise NotFound(f"No process is called “{kind}”.") from None
        self.workflow = self.model.workflow
        self.record: Stateful | None = record_named(self.model, name, reader) if name else None

    @property
    def purpose(self) -> str:
        """What it is for, in a sentence, without its source."""
        return f"{_SOURCE.sub('', self._words).rstrip('.')}."

    @property
    def source(self) -> str:
        """The document that asks for it."""
        found = _SOURCE.search(self._words)
        return found[1] if found else ""

    @property
    def _words(self) -> str:
        return " ".join((self.workflow.__doc__ or "").split())

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("workflow", args=[self.workflow.kind])

    @cached_property
    def picture(self) -> SafeString:
        """The diagram, with the place and the way of the record where there is one."""
        drawing = draw(
            *declared(self.workflow),
            title=f"The life of {_a(self.workflow.title)}",
            current=self.record.state if self.record else None,
            taken=[(event.name, event.source, event.target) for event in self._moves],
        )
        return mark_safe(drawing)  # noqa: S308  # drawn by us from declared words, escaped there

    @cached_property
    def _moves(self) -> list[Event]:
        if self.record is None:
            return []
        events = Event.objects.of(self.record).select_related("actor")
        return [event for event in events if event.moved]

    @property
    def way(self) -> list[Stay]:
        """The states that the record went through, oldest first."""
        return [
            Stay(event, str(state.label), state.phase.value, self._label_of(event.name))
            for event in self._moves
            for state in [self.workflow.State(event.target)]
        ]

    def _label_of(self, name: str) -> str:
        return next((step.label for step in self.workflow.steps_named(name)), "Created")

    @property
    def states(self) -> list[StateLine]:
        """Every state, in the order of the declaration."""
        return [self._state(state) for state in self.workflow.State]

    def _state(self, state: States) -> StateLine:
        party = self.workflow.held_by.get(state)
        return StateLine(
            value=state.value,
            label=str(state.label),
            phase=state.phase.value,
            meaning=str(state.phase.label),
            holder=party.words if party else "",
            next_step=self.workflow.goes_on_by(state),
            deadlines=list(
                dict.fromkeys(policy.name for policy in self.policies if state.value in policy.starts_in)
            ),
        )

    @property
    def steps(self) -> list[StepLine]:
        """Every step, in the order of the declaration."""
        return [
            StepLine(
                step=step,
                sources=[self.workflow.State(source) for source in step.sources],
                targets=[self.workflow.State(target) for target in step.targets],
                who=who_may(step.by),
                asks=self._labels(step.asks),
                offers=self._labels(step.offers),
                guards=[guard.sentence for guard in step.only_if],
                tells=[party.words for party in step.tells],
            )
            for step in self.workflow.steps()
        ]

    @property
    def creation(self) -> StepLine:
        """How one comes into the world."""
        made = self.workflow.creation
        return StepLine(
            step=Step("create", (), made.to, made.by, label="Create"),
            sources=[],
            targets=[self.workflow.State(made.to)],
            who=who_may(made.by),
            asks=self._labels(made.asks),
            offers=self._labels(made.offers),
            guards=[],
            tells=[party.words for party in made.tells],
        )

    @property
    def edits(self) -> list[tuple[str, Sequence[str]]]:
        """Who may change which fields between the steps."""
        return [(who_may(by), self._labels(names)) for by, names in self.workflow.edits]

    def _labels(self, names: Iterable[str]) -> list[str]:
        return [_label(self.model, name) for name in names]

    @cached_property
    def matrix(self) -> Matrix:
        """Who may do what: one column a role, one row a step."""
        return permission_matrix(self.workflow)

    @property
    def matrix_rows(self) -> list[MatrixLine]:
        """The rows of the matrix; a step that leaves from some states and again from others has several."""
        return [
            MatrixLine(
                row.step.label,
                [str(self.workflow.State(source).label) for source in row.step.sources],
                row.allowed,
                row.words,
            )
            for row in self.matrix.rows
        ]

    @cached_property
    def policies(self) -> list[DeadlinePolicy]:
        """The deadlines in force; each says in words what it does."""
        return list(policies_by_kind().get(self.workflow.kind, []))


def every_process(reader: User | AnonymousUser) -> list[Process]:
    """Return the page of every registered kind, in the order of registration."""
    return [Process(model.workflow.kind, reader) for model in registry.models()]


def _label(model: type[Stateful], name: str) -> str:
    try:
        words = str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        words = name.replace("_", " ")
    return words


def _a(title: str) -> str:
    return f"{'an' if title[0] in 'AEIOU' else 'a'} {title.lower()}"
