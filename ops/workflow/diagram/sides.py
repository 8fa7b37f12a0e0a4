"""One side of the main way: what its trunks and rails need, and how far out each rail stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ops.workflow.diagram.measures import Cell, even
from ops.workflow.diagram.plan import Kind, Plan, Rail

TURN = 10  # radius of a trunk turning into a rail
CLEAR = 16  # free space between neighbours on one level
LIFT = 4  # between words and their line
PORTS = 16  # least distance of two lines at one side of a state
HEAD = 12  # room for the head of an arrow

# How far something reaches from its rail towards the main way, and away from it.
Need = tuple[int, int]


class Side:
    """The left (sign -1) or the right (+1) of the main way."""

    def __init__(self, arranged: Plan, rails: Sequence[Rail], sign: int) -> None:
        self.plan, self.rails, self.sign = arranged, rails, sign
        self.cells = {(rail.owner, bond.holder): Cell.of(bond) for rail in rails for bond in rail.bonds}
        self._entered = {rail.owner for rail in rails if rail.kind is not Kind.ASIDE}
        self._above: dict[str, int] = defaultdict(int)
        self._below: dict[str, int] = defaultdict(int)
        for (_, holder), cell in self.cells.items():
            self._above[holder] = max(self._above[holder], cell.above.height)
            self._below[holder] = max(self._below[holder], cell.below.height)

    def ports(self, name: str) -> tuple[int, int]:
        """Return where a state's trunk leaves and where a rail comes in, from the middle of the state.

        A rail that comes down from above enters above the trunk and its words, one that comes up from
        below enters below the trunk, so that the two do not cross.
        """
        if name not in self._entered or name not in self._above:
            return 0, 0
        words = self._above[name] + 2 * LIFT if self.sign > 0 else 0
        half = even(max(PORTS, words)) // 2
        return self.sign * half, -self.sign * half

    def room(self, name: str) -> tuple[int, int]:
        """Return how far above and below the middle of a state the words along its trunk reach."""
        if name not in self._above:
            return 0, 0
        out, _ = self.ports(name)
        return self._above[name] + LIFT - out, self._below[name] + LIFT + out

    def spread(self, widths: Mapping[str, int], main_width: int) -> tuple[dict[int, int], int]:
        """Return the distance of each column from the main way's middle, and how far the side reaches."""
        levels = self._needs(widths)
        distance = {0: 0}
        outer_edge: dict[int, int] = defaultdict(lambda: main_width // 2)
        for column in sorted({rail.column for rail in self.rails}):
            here = {level: needs[column] for level, needs in levels.items() if column in needs}
            distance[column] = max(
                outer_edge[level] + CLEAR + inwards for level, (inwards, _) in here.items()
            )
            outer_edge.update({level: distance[column] + outwards for level, (_, outwards) in here.items()})
        return distance, max([main_width // 2, *outer_edge.values()])

    def _needs(self, widths: Mapping[str, int]) -> dict[int, dict[int, Need]]:
        """Return how far what stands on each level and in each column reaches from its rail."""
        levels: dict[int, dict[int, Need]] = defaultdict(dict)
        for rail in self.rails:
            for level in range(rail.span[0], rail.span[1] + 1):
                inwards, outwards = self._need(rail, level, widths)
                others = levels[level].get(rail.column, (0, 0))
                levels[level][rail.column] = max(inwards, others[0]), max(outwards, others[1])
        return levels

    def _need(self, rail: Rail, level: int, widths: Mapping[str, int]) -> Need:
        for bond in rail.bonds:
            if self.plan.levels[bond.holder] == level:
                return TURN + LIFT + self.cells[rail.owner, bond.holder].width, 0
        if self.plan.levels[rail.owner] != level:
            return 0, 0
        half = widths[rail.owner] // 2
        return (half, half) if rail.kind is Kind.ASIDE else (TURN + HEAD, 0)
