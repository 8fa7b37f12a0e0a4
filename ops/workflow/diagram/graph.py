"""What a diagram is drawn from: states, the arrows between them, and the main way through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops.workflow.declaration import Phase
from ops.workflow.diagram.lettering import clean

BESIDE_THE_WAY = {Phase.WAITING, Phase.BAD_END}


@dataclass(frozen=True, slots=True)
class Node:
    """A state; the note stands below its name, for instance who holds it."""

    name: str
    label: str
    phase: Phase = Phase.OPEN
    note: str = ""

    @property
    def words(self) -> str:
        """What is read: the label, or the name where there is none."""
        return clean(self.label) or clean(self.name) or "?"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition from one state to one state; several may join the same two."""

    name: str
    label: str
    source: str
    target: str

    @property
    def words(self) -> str:
        """What is read: the label, or the name where there is none."""
        return clean(self.label) or clean(self.name) or "?"


class Graph:
    """States in the order of their declaration, the first being where everything begins, and the arrows.

    Raises ValueError when there is no state, a name is used twice, or an arrow leads to an unknown state.
    """

    def __init__(self, nodes: Iterable[Node], arrows: Iterable[Arrow]) -> None:
        self.nodes: Mapping[str, Node] = _by_name(nodes)
        self.arrows = tuple(arrows)
        self._between: dict[tuple[str, str], list[Arrow]] = defaultdict(list)
        for arrow in self.arrows:
            for end in (arrow.source, arrow.target):
                if end not in self.nodes:
                    raise ValueError(f"The arrow “{arrow.name}” names an unknown state: {end!r}.")
            self._between[arrow.source, arrow.target].append(arrow)

    def between(self, source: str, target: str) -> tuple[Arrow, ...]:
        """Return the arrows from one state to another, in the order of their declaration."""
        return tuple(self._between.get((source, target), ()))

    def spine(self) -> tuple[str, ...]:
        """Return the main way: the longest chain of states from the first one that never turns back.

        Waiting and bad ends lie beside it, however long the chains through them are. Of two chains of
        the same length the one declared first counts.
        """
        names = list(self.nodes)
        ways: dict[str, tuple[str, ...]] = {}
        for place, name in reversed(list(enumerate(names))):
            onward = [
                ways[later]
                for later in names[place + 1 :]
                if (name, later) in self._between and self.nodes[later].phase not in BESIDE_THE_WAY
            ]
            ways[name] = (name, *max(onward, key=len, default=()))
        return ways[names[0]]


def _by_name(nodes: Iterable[Node]) -> dict[str, Node]:
    known: dict[str, Node] = {}
    for node in nodes:
        if node.name in known:
            raise ValueError(f"Two states are called {node.name!r}.")
        known[node.name] = node
    if not known:
        raise ValueError("A diagram needs at least one state.")
    return known
