"""What may happen next, who has the next move, and what the history says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from ops.people.models import User
from ops.workflow.declaration import NOTHING, Guard, Step
from ops.workflow.models import Event, Stateful, StatefulQuerySet


@dataclass(frozen=True)
class Offer:
    """A step that this person may take now, or could if the unmet guards were mended."""

    step: Step
    guards: tuple[Guard, ...] = ()

    @property
    def unmet(self) -> tuple[str, ...]:
        """The sentences of the guards that hold it back."""
        return tuple(guard.sentence for guard in self.guards)

    @property
    def is_open(self) -> bool:
        """Whether nothing holds it back."""
        return not self.guards


def offers(obj: Stateful, actor: User | AnonymousUser) -> list[Offer]:
    """Return the steps that this person may take from the present state, each with its unmet guards."""
    if not actor.is_authenticated:
        return []
    return [
        Offer(step, tuple(step.unmet_guards(obj)))
        for step in obj.workflow.steps_from(obj.state)
        if step.by.test(actor, obj)
    ]


def held_by(model: type[Stateful], person: User | AnonymousUser) -> StatefulQuerySet:
    """Return what waits for this person's next move, as far as they may see it: `holders`, asked backwards."""
    rows: StatefulQuerySet = model._default_manager.all()  # type: ignore[assignment]
    if not person.is_authenticated:
        return rows.none()
    held = NOTHING
    for party in dict.fromkeys(model.workflow.held_by.values()):
        states = [state for state, holder in model.workflow.held_by.items() if holder is party]
        if party.whose is not None:
            held |= Q(state__in=states) & party.whose(person)
    return rows.visible_to(person).filter(held)


@dataclass(frozen=True)
class Replayed:
    """What the events of an object add up to."""

    state: str
    values: dict[str, Any]


def replay(events: Iterable[Event]) -> Replayed:
    """Fold a history, oldest first, into the state and the field values that it leads to.

    Raises `ValueError` where an event does not start in the state in which the one before it ended.
    """
    state, values = "", {}
    for event in events:
        if event.source != state:
            raise ValueError(
                f"Event {event.pk} starts in “{event.source}”, but the history stood at “{state}”."
            )
        state = event.target
        values.update({name: change["new"] for name, change in event.changes.items()})
    return Replayed(state, values)
