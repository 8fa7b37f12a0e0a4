"""Who holds it, what is next, until when: the sentence at the top of everything that has a life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from ops.clocks.explanation import Clock, ordered
from ops.people.models import User
from ops.workflow.declaration import Phase
from ops.workflow.models import Stateful

NAMED_AT_MOST = 2


@dataclass(frozen=True)
class Standing:
    """Where something stands, in words for one reader."""

    label: str
    phase: Phase
    since: datetime
    people: Sequence[User]
    holders: str
    waits_for_reader: bool
    next_step: str
    clock: Clock | None

    @property
    def is_live(self) -> bool:
        """Whether something is still to be done."""
        return self.phase.is_live or bool(self.next_step)


def standing(obj: Stateful, reader: User | AnonymousUser, clocks: Sequence[Clock]) -> Standing:
    """Say where an object stands; `clocks` are its deadlines, of which the most pressing one is said."""
    step, place = obj.workflow.next_step(obj.state), obj.workplace
    people = obj.holders
    return Standing(
        label=obj.state_label,
        phase=obj.phase,
        since=obj.state_since,
        people=[person for person in people if isinstance(person, User)],
        holders=obj.awaited or _in_words(obj, people, reader),
        waits_for_reader=reader in people and not obj.awaited,
        next_step=place.label if place else step.label if step else "",
        clock=next(iter(ordered([clock for clock in clocks if clock.deadline.is_open])), None),
    )


def _in_words(obj: Stateful, people: Sequence[User | str], reader: User | AnonymousUser) -> str:
    party = obj.workflow.held_by.get(obj.state)
    if party is None:
        return ""
    if reader in people:
        others = len(people) - 1
        return "you" if not others else f"you and {others} other{'' if others == 1 else 's'}"
    if not people or len(people) > NAMED_AT_MOST:
        return party.words
    return " or ".join(person.name for person in people if isinstance(person, User))
