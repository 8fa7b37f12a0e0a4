"""How clocks reach upward without importing: each kind of target says through its adapter what clocks must
know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db import models

from ops.clocks.course import Happening
from ops.people.models import User

ANY = None
"""A fact whose values are not listed."""


@dataclass(frozen=True, slots=True)
class Label:
    """How a target is called (`CST-42 Dark frames`) and where it is found: the path of its page."""

    title: str
    url: str


class Adapter:
    """What the clocks ask of one kind of target. Every question is about many targets at once.

    The class attributes name everything that a policy of this kind may speak of; a policy that speaks of
    anything else is refused when it is typed and reported by `manage.py check --database default` when it
    is already there.
    """

    model: ClassVar[type[models.Model]]
    """The model of the targets; for everything that is a ticket, the base ticket."""
    states: ClassVar[Mapping[str, str]]
    """State → words, as in “paused while waiting”."""
    final_states: ClassVar[Collection[str]] = ()
    """States that nothing leaves."""
    facts: ClassVar[Mapping[str, Collection[object] | None]] = {}
    """Field that a condition may ask → its values, or `ANY`."""
    moments: ClassVar[Mapping[str, str]] = {}
    """Field that may say when something is due → its words, as in “the promised reply date”."""
    audiences: ClassVar[Mapping[str, str]] = {}
    """Name that an escalation may tell → words, as in “the lead community scientist”."""
    actions: ClassVar[Mapping[str, str]] = {}
    """Name of something the desk does by itself → words, as in “returns to the state it came from”."""

    def holders(self, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who has to act, per target: they are warned."""
        raise NotImplementedError

    def audience(self, name: str, ids: Collection[int]) -> Mapping[int, Sequence[User | str]]:
        """Who is told at an escalation step, per target."""
        raise NotImplementedError

    def thread(self, target_id: int) -> str:
        """The thread of messages that a target's messages belong to, such as `ticket:42`."""
        raise NotImplementedError

    def ids_in(self, states: Collection[str]) -> Iterable[int]:
        """The targets that are in one of these states now."""
        raise NotImplementedError

    def labels(self, ids: Collection[int], reader: User | str) -> Mapping[int, Label]:
        """Title and address of the targets that this reader may know of; the others are left out."""
        raise NotImplementedError

    def history(self, ids: Collection[int]) -> Mapping[int, Iterable[Happening]]:
        """What `follow` was told of each target, oldest first, with the same moments."""
        raise NotImplementedError

    def act(self, action: str, target_id: int, *, actor: User) -> None:
        """Do one of `actions`; called inside a transaction, with the system account as actor.

        Must be harmless when the target has moved on in the meantime, and may raise: it is tried again later.
        """
        raise NotImplementedError


_adapters: dict[str, Adapter] = {}


def register(kind: str, adapter: Adapter) -> None:
    """Say who answers for a kind of target; called from the room's `AppConfig.ready`."""
    _adapters[kind] = adapter


def adapter_for(kind: str) -> Adapter:
    """The adapter of a kind; raises `LookupError` for one that nobody registered."""
    try:
        return _adapters[kind]
    except KeyError:
        raise LookupError(f"No adapter is registered for deadlines of “{kind}”.") from None


def kinds() -> Mapping[str, Adapter]:
    """Every registered kind, by name."""
    return dict(sorted(_adapters.items()))
