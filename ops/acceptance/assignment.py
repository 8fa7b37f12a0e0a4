"""Who runs which test: as even as capacities allow, never twice the same person, the same answer every time.

A *demand* is one case in one environment and the number of people who have to run it independently of one another:
different people, none of whom wrote the case. Demands are met in the order of what hangs on them. Each place goes to
whoever has the fewest tests; where all of those with room are excluded, others are moved up along a chain (an
alternating path), so that a place stays empty only when no arrangement at all could fill it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ops.acceptance.order import natural

MOST_NAMED = 5


@dataclass(frozen=True)
class Demand:
    """One case in one environment, to be run by so many people."""

    case: int
    environment: int
    words: str
    wanted: int
    is_critical: bool = False
    excluded: frozenset[int] = frozenset()
    already: frozenset[int] = frozenset()

    @property
    def missing(self) -> int:
        """How many people it still needs."""
        return max(0, self.wanted - len(self.already))


@dataclass(frozen=True)
class Room:
    """A tester, how many tests they take, and how many they have."""

    person: int
    name: str
    capacity: int
    load: int = 0


@dataclass(frozen=True)
class Given:
    """One test for one person, and why."""

    case: int
    environment: int
    person: int
    why: str


@dataclass(frozen=True)
class Shortfall:
    """A demand that cannot be met, by how much, and what would mend it."""

    words: str
    missing: int
    why: str
    is_critical: bool


@dataclass
class Proposal:
    """What the desk proposes, and what no arrangement can meet."""

    given: list[Given] = field(default_factory=list)
    shortfalls: list[Shortfall] = field(default_factory=list)
    loads: dict[int, int] = field(default_factory=dict)


class Arrangement:
    """Tests and testers while they are put together."""

    def __init__(self, demands: Sequence[Demand], rooms: Sequence[Room]) -> None:
        self.demands, self.rooms = demands, {room.person: room for room in rooms}
        self.order = {room.person: position for position, room in enumerate(rooms)}
        self.loads = {room.person: room.load for room in rooms}
        self.people: list[dict[int, str]] = [{} for _ in demands]
        self.held: dict[int, set[int]] = {room.person: set() for room in rooms}

    def may_run(self, at: int) -> list[int]:
        """Who may run a demand at all: not its author, and nobody who has it already."""
        barred = self.demands[at].excluded | self.demands[at].already
        return [person for person in self.rooms if person not in barred]

    def has_room(self, person: int) -> bool:
        """Whether somebody takes one more."""
        return self.loads[person] < self.rooms[person].capacity

    def rank(self, person: int) -> tuple[int, int, int]:
        """Whom the next test goes to: the fewest tests, then the most room, then the order of the list."""
        load = self.loads[person]
        return load, load - self.rooms[person].capacity, self.order[person]

    def place(self, at: int) -> bool:
        """Fill one place of a demand; return whether it could be done, moving others where that helps."""
        able = [person for person in self.may_run(at) if person not in self.people[at]]
        free = [person for person in able if self.has_room(person)]
        if not free:
            return self._move_up(at)
        chosen = min(free, key=self.rank)
        room = self.rooms[chosen]
        self._give(
            at, chosen, f"fewest tests of {len(free)} who could: {room_words(room, self.loads[chosen])}"
        )
        self.loads[chosen] += 1
        return True

    def _give(self, at: int, person: int, why: str) -> None:
        self.people[at][person] = why
        self.held[person].add(at)

    def _take(self, at: int, person: int) -> None:
        del self.people[at][person]
        self.held[person].discard(at)

    def _move_up(self, start: int) -> bool:
        """Look for a chain: this demand takes a person from another one, which takes somebody else, and so on."""
        asked_by: dict[int, int] = {}  # person → the demand that wants them
        freed_from: dict[int, int] = {}  # demand → the person it would give up
        queue, seen = deque([start]), {start}
        while queue:
            at = queue.popleft()
            for person in sorted(self.may_run(at), key=self.rank):
                if person in asked_by or person in self.people[at]:
                    continue
                asked_by[person] = at
                if self.has_room(person):
                    self._shift(person, start, asked_by, freed_from)
                    return True
                for other in sorted(self.held[person] - seen):
                    seen.add(other)
                    freed_from[other] = person
                    queue.append(other)
        return False

    def _shift(
        self, last: int, start: int, asked_by: Mapping[int, int], freed_from: Mapping[int, int]
    ) -> None:
        self.loads[last] += 1
        person = last
        while True:
            at = asked_by[person]
            self._give(at, person, "moved here so that every case finds its testers")
            if at == start:
                return
            before = freed_from[at]
            self._take(at, before)
            person = before

    def why_short(self, at: int) -> str:
        """Say which limit keeps a demand from being met, and what would mend it."""
        demand, able = self.demands[at], self.may_run(at)
        if len(able) + len(demand.already) < demand.wanted:
            authors = " besides whoever wrote it" if demand.excluded & self.rooms.keys() else ""
            people = len(able) + len(demand.already)
            return f"{people} {'person' if people == 1 else 'people'} could run it{authors}; recruit more testers."
        full = ", ".join(self.rooms[person].name for person in able[:MOST_NAMED] if not self.has_room(person))
        return (
            f"Everybody who could run it is full ({full}); raise somebody's number of tests, or recruit more."
        )


def room_words(room: Room, load: int) -> str:
    """Say how full somebody is."""
    return f"{load} of {room.capacity}"


def propose(demands: Iterable[Demand], rooms: Iterable[Room]) -> Proposal:
    """Return who should run what; the same input gives the same answer, and critical cases come first."""
    ordered = sorted(
        demands, key=lambda demand: (not demand.is_critical, -demand.missing, natural(demand.words))
    )
    arrangement = Arrangement(ordered, sorted(rooms, key=lambda room: (room.name, room.person)))
    short: dict[int, int] = {}
    for at, demand in enumerate(ordered):
        for place in range(demand.missing):
            if not arrangement.place(at):
                short[at] = demand.missing - place
                break
    return Proposal(
        given=[
            Given(demand.case, demand.environment, person, why)
            for demand, people in zip(ordered, arrangement.people, strict=True)
            for person, why in sorted(people.items())
        ],
        shortfalls=[
            Shortfall(ordered[at].words, missing, arrangement.why_short(at), ordered[at].is_critical)
            for at, missing in short.items()
        ],
        loads=arrangement.loads,
    )
