"""How the tests make objects of a kind, and what its transitions are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ops.people.models import User
from ops.workflow.declaration import Step
from ops.workflow.models import Stateful
from ops.workflow.services import create, perform
from tests.cast import Cast

Move = tuple[str, str, dict[str, Any]]
"""A transition, who takes it (a name in the cast), and with what."""


class Factory:
    """How to make objects of one kind, and what its transitions are given."""

    model: ClassVar[type[Stateful]]
    creator: ClassVar[str]
    paths: ClassVar[Mapping[str, tuple[Move, ...]]]

    def new(self, cast: Cast, **data: Any) -> Any:
        """Make one in its first state."""
        return create(self.model, actor=getattr(cast, self.creator), data={**self.data(cast), **data})

    def data(self, cast: Cast) -> dict[str, Any]:
        """What a new one is given."""
        raise NotImplementedError

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        """Make one and walk it to a state."""
        made = self.new(cast, **data)
        for move in self.paths[state]:
            made = self.take(move, made, cast)
        return made

    def take(self, move: Move, obj: Any, cast: Cast) -> Any:
        """Take one step of a path."""
        name, actor, answers = move
        filled = {key: value(cast) if callable(value) else value for key, value in answers.items()}
        reason = filled.pop("reason", "")
        return perform(obj, name, actor=getattr(cast, actor), data=filled, reason=reason)

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        """Good answers to all that a step asks."""
        raise NotImplementedError

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        """Meet the guards of a step."""
        return obj

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        """Make one of the guards of a step unmet."""
        raise NotImplementedError

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        """Hide an object; return it with somebody who may not see it."""
        raise NotImplementedError
