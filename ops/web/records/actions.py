"""What this person may do now: the next step first, others beside it, what is held back with the way to mend it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from ops.people.models import User
from ops.web.addresses import step_url
from ops.web.records.mending import Mend, mends
from ops.workflow.declaration import Step
from ops.workflow.models import Stateful
from ops.workflow.selectors import Offer, offers
from ops.workflow.services import editable_fields


@dataclass(frozen=True)
class Action:
    """One step that this person may take, as a button or a menu line."""

    step: Step
    url: str
    mends: Sequence[Mend] = ()

    @property
    def label(self) -> str:
        """What stands on the button; three dots where it asks something first."""
        return f"{self.step.label}…" if self.asks_something else self.step.label

    @property
    def asks_something(self) -> bool:
        """Whether a form comes before the step."""
        return bool(self.step.fields or self.step.reason)


@dataclass(frozen=True)
class Actions:
    """The steps from here for one person."""

    primary: Action | None
    others: Sequence[Action]
    blocked: Sequence[Action]

    def __bool__(self) -> bool:
        return bool(self.primary or self.others or self.blocked)


def actions(record: Stateful, reader: User | AnonymousUser) -> Actions:
    """Return the steps that a person may take on a record now; those they may not take are not mentioned."""
    next_step = record.workflow.next_step(record.state)
    offered = offers(record, reader)
    editable = editable_fields(record, reader) if reader.is_authenticated else ()
    made = [_action(record, offer, editable) for offer in offered]
    ready = [action for action in made if not action.mends]
    primary = next((action for action in ready if next_step and action.step.name == next_step.name), None)
    return Actions(
        primary=primary,
        others=[action for action in ready if action is not primary],
        blocked=[action for action in made if action.mends],
    )


def _action(record: Stateful, offer: Offer, editable: Collection[str]) -> Action:
    url = step_url(record, offer.step.name)
    return Action(offer.step, url, mends(record, offer.guards, editable))
