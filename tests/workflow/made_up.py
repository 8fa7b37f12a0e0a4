"""Small workflows that exist in tests only: each is declared to be sound, and bent where a test wants it bent."""

from __future__ import annotations

from typing import Any

import rules
from django.db import models

from ops.workflow.declaration import Back, Creation, Party, Phase, States, Workflow, guard, transition
from ops.workflow.models import Stateful


@rules.predicate
def is_cook(user: Any, dish: Any) -> bool:
    """The user cooks."""
    return "cook" in user


@rules.predicate
def is_guest(user: Any, dish: Any) -> bool:
    """The user eats."""
    return "guest" in user


cook = Party("cook", "the cook", lambda _dish: ["cook"], whose=lambda _person: models.Q())


@guard("Salt it first.", about="salt")
def is_salted(dish: Any) -> bool:
    """There is salt in it."""
    return bool(dish.salt)


class DishWorkflow(Workflow):
    """How an order becomes a meal."""

    kind, title, plural = "dish", "Dish", "Dishes"

    class State(States):
        """Where a dish stands."""

        ORDERED = "ordered", Phase.OPEN, "Ordered"
        COOKING = "cooking", Phase.ACTIVE, "Cooking"
        RESTING = "resting", Phase.WAITING, "Resting"
        SERVED = "served", Phase.GOOD_END, "Served"

    final = (State.SERVED,)
    held_by = {State.ORDERED: cook, State.COOKING: cook, State.RESTING: cook}
    creation = Creation(to=State.ORDERED, by=is_guest, asks=("name",))
    edits = ((is_cook, ("salt",)),)
    facts = ("name",)

    @transition(State.ORDERED, to=State.COOKING, by=is_cook, asks=("salt",), tells=(cook,))
    def begin(self):
        """Light   the
        stove."""

    @transition(State.COOKING, to=State.SERVED, by=is_cook | is_guest, only_if=(is_salted,))
    @transition(State.ORDERED, to=State.SERVED, by=is_guest & ~is_cook, reason=True, label="Serve cold")
    def serve(self):
        """Bring it to the table."""

    @transition(State.ORDERED, State.COOKING, to=State.RESTING, by=is_cook)
    def rest(self):
        """Let it be."""

    @transition(State.RESTING, to=Back("state_before", State.ORDERED, State.COOKING), by=is_cook)
    def take_up(self):
        """Go on."""

    @transition(State.SERVED, to=State.ORDERED, by=is_guest)
    def send_back(self):
        """It is not what was ordered."""


def model_of(workflow: type[Workflow]) -> type[Stateful]:
    """Make a model without a table that carries a workflow."""
    body = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"abstract": True, "app_label": "made_up"}),
        "name": models.CharField(max_length=20),
        "salt": models.BooleanField(default=False),
        "state_before": models.CharField(max_length=20),
        "workflow": workflow,
    }
    made: type[Stateful] = type("Dish", (Stateful,), body)
    return made
