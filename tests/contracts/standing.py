"""Objects that stand in a state, made once for all the tests that begin there.

Walking an object to a late state takes most of the time of a test, and a dozen tests begin at every edge. Here the
walk is made in a transaction that stays open while tests begin in the same state; each of them runs in a savepoint
within it and takes back what it did.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from ops.workflow.models import Stateful
from tests.cast import Cast, assemble
from tests.factories import FACTORIES


@dataclass(frozen=True)
class Standing:
    """A cast, and an object of some kind that stands in a state."""

    kind: str
    state: str
    cast: Cast
    obj: Stateful


class Stage:
    """Keeps what stands there until something else is asked for."""

    def __init__(self) -> None:
        self._standing: Standing | None = None
        self._open: transaction.Atomic | None = None

    def standing(self, kind: str, state: str) -> Standing:
        """Return an object of a kind in a state; the one that stands there already, where it does."""
        if self._standing is None or (self._standing.kind, self._standing.state) != (kind, state):
            self.clear()
            self._open = transaction.atomic()
            self._open.__enter__()
            cast = assemble()
            self._standing = Standing(kind, state, cast, FACTORIES[kind].in_state(state, cast))
        for person in self._standing.cast.people():
            # What an earlier test let somebody become was taken back; so is what they remember of it.
            vars(person).pop("known_authority", None)
        return self._standing

    def clear(self) -> None:
        """Take back everything."""
        if self._open is not None:
            transaction.set_rollback(True)
            self._open.__exit__(None, None, None)
        self._open = self._standing = None
