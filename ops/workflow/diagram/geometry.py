"""From the plan to coordinates: stack the levels, spread the columns, place every state, label and line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ops.workflow.declaration import Phase
from ops.workflow.diagram.graph import Graph
from ops.workflow.diagram.lettering import width_of
from ops.workflow.diagram.measures import LABEL_SIZE, MARK, MARK_GAP, Body, Stack, letter
from ops.workflow.diagram.plan import Bond, Kind, Rail, plan
from ops.workflow.diagram.shapes import Box, Layout, PlacedLabel, PlacedNode, Point, Route
from ops.workflow.diagram.sides import CLEAR, LIFT, TURN, Side

MARGIN = 20
BETWEEN_LEVELS, BETWEEN_STATES, PITCH = 26, 46, 86
STEP_CLEAR = 26  # free length of a straight arrow above and below its words
PORT_CLEAR = 10  # between a port and the corner of its state
BEGINNING = 34  # room above the first state for the sign of the beginning
LEGEND_GAP, LEGEND_LINE, LEGEND_SPACE = 26, 22, 24


def lay_out(graph: Graph) -> Layout:
    """Place everything; the same graph gives the same layout."""
    return _Composer(graph).layout()


class _Composer:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.plan = graph, plan(graph)
        self.bodies = {name: Body.of(node, graph.between(name, name)) for name, node in graph.nodes.items()}
        self.steps = {
            pair: Stack(tuple(letter(arrow) for arrow in graph.between(*pair)))
            for pair in pairwise(self.plan.spine)
        }
        self.left = Side(self.plan, self.plan.left, -1)
        self.right = Side(self.plan, self.plan.right, +1)
        self.widths = self._widths()
        self.heights = {name: self._height(name) for name in self.bodies}
        self.ys, self.floor = self._stack_levels()
        left, reach = self.left.spread(self.widths, self.widths[self.plan.spine[0]])
        right, far = self.right.spread(self.widths, self.widths[self.plan.spine[0]])
        self.middle = MARGIN + reach
        self.xs = {("left", column): self.middle - distance for column, distance in left.items()}
        self.xs |= {("right", column): self.middle + distance for column, distance in right.items()}
        self.content_width = self.middle + far + MARGIN
        self.boxes = {name: self._box(name) for name in self.bodies}

    def layout(self) -> Layout:
        """Put the parts together."""
        legend, width, height = self._legend()
        return Layout(
            width,
            height,
            self.plan.spine,
            tuple(
                PlacedNode(self.graph.nodes[name], self.bodies[name], box) for name, box in self.boxes.items()
            ),
            tuple(self._labels()),
            tuple(self._routes()),
            legend,
        )

    def _widths(self) -> dict[str, int]:
        # The states of the main way are equally wide, and at least so wide that the words beside the
        # straight arrows between them stay clear of the innermost rail.
        words = max((stack.width for stack in self.steps.values()), default=0)
        main = max(2 * (words + CLEAR), *(self.bodies[name].width for name in self.plan.spine), 0)
        return {name: main if name in self.plan.spine else body.width for name, body in self.bodies.items()}

    def _height(self, name: str) -> int:
        ports = max(abs(port) for side in (self.left, self.right) for port in side.ports(name))
        return max(self.bodies[name].height, 2 * (ports + PORT_CLEAR))

    def _room(self, name: str) -> tuple[int, int]:
        half = self.heights[name] // 2
        left, right = self.left.room(name), self.right.room(name)
        return max(half, left[0], right[0]), max(half, left[1], right[1])

    def _stack_levels(self) -> tuple[list[int], int]:
        """Return the height of the middle of each level, and where the last one ends."""
        levels: list[list[str]] = [[] for _ in range(1 + max(self.plan.levels.values()))]
        for name, level in self.plan.levels.items():
            levels[level].append(name)
        ys: list[int] = []
        floor = MARGIN + BEGINNING - BETWEEN_LEVELS
        rows = {below: above for above, below in self.steps}
        for names in levels:
            y = floor + BETWEEN_LEVELS + max(self._room(name)[0] for name in names)
            for name in set(names) & set(rows):
                y = max(y, ys[self.plan.levels[rows[name]]] + self._pitch(rows[name], name))
            ys.append(y)
            floor = y + max(self._room(name)[1] for name in names)
        return ys, floor

    def _pitch(self, above: str, below: str) -> int:
        between = max(BETWEEN_STATES, self.steps[above, below].height + STEP_CLEAR)
        return max(PITCH, (self.heights[above] + self.heights[below]) // 2 + between)

    def _box(self, name: str) -> Box:
        rail = self.plan.asides.get(name)
        middle = self.xs["right", rail.column] if rail else self.middle
        width, height = self.widths[name], self.heights[name]
        return Box(middle - width // 2, self.ys[self.plan.levels[name]] - height // 2, width, height)

    def _routes(self) -> Iterator[Route]:
        for (above, below), stack in self.steps.items():
            start, end = (self.middle, self.boxes[above].bottom), (self.middle, self.boxes[below].y)
            yield from (Route(lettering.arrow, (start, end)) for lettering in stack.letterings)
        for side in (self.left, self.right):
            for rail in side.rails:
                for bond in rail.bonds:
                    points = self._way(side, rail, bond)
                    yield from (Route(arrow, points, rail.kind) for arrow in bond.out)
                    yield from (Route(arrow, points[::-1], rail.kind) for arrow in bond.home)

    def _way(self, side: Side, rail: Rail, bond: Bond) -> tuple[Point, ...]:
        """Return the corners from the holder of the trunk along the rail to its owner."""
        start = self._port(side, bond.holder, side.ports(bond.holder)[0])
        x, owner = self._x(side, rail), self.boxes[rail.owner]
        if rail.kind is Kind.ASIDE:
            return start, (x, start[1]), (x, owner.y if start[1] < owner.y else owner.bottom)
        end = self._port(side, rail.owner, side.ports(rail.owner)[1])
        return start, (x, start[1]), (x, end[1]), end

    def _x(self, side: Side, rail: Rail) -> int:
        return self.xs["right" if side is self.right else "left", rail.column]

    def _port(self, side: Side, name: str, offset: int) -> Point:
        box = self.boxes[name]
        return box.right if side is self.right else box.x, box.middle[1] + offset

    def _labels(self) -> Iterator[PlacedLabel]:
        for (above, below), stack in self.steps.items():
            middle = (self.boxes[above].bottom + self.boxes[below].y) // 2
            yield from _pile(stack, self.middle + CLEAR // 2, middle - stack.height // 2, ends=False)
        for side in (self.left, self.right):
            for rail in side.rails:
                for bond in rail.bonds:
                    cell = side.cells[rail.owner, bond.holder]
                    x = self._x(side, rail) - side.sign * (TURN + LIFT)
                    y = self._port(side, bond.holder, side.ports(bond.holder)[0])[1]
                    ends = side is self.right
                    yield from _pile(cell.above, x, y - LIFT - cell.above.height, ends=ends)
                    yield from _pile(cell.below, x, y + LIFT, ends=ends)

    def _legend(self) -> tuple[tuple[tuple[Phase, Point], ...], int, int]:
        """Return the entries of the legend below the picture, and the width and height of it all."""
        used = {node.phase for node in self.graph.nodes.values()}
        entries: list[tuple[Phase, Point]] = []
        x, y, width = MARGIN, self.floor + LEGEND_GAP, self.content_width
        for phase in (phase for phase in Phase if phase in used):
            needed = MARK + MARK_GAP + width_of(str(phase.label), LABEL_SIZE)
            if entries and x + needed > width - MARGIN:
                x, y = MARGIN, y + LEGEND_LINE
            entries.append((phase, (x, y)))
            width = max(width, x + needed + MARGIN)
            x += needed + LEGEND_SPACE
        return tuple(entries), width, y + MARK + MARGIN


def _pile(stack: Stack, x: int, y: int, *, ends: bool) -> Iterator[PlacedLabel]:
    """Place words one below the other, from y downwards, beginning or ending at x."""
    for lettering in stack.letterings:
        left = x - lettering.width if ends else x
        yield PlacedLabel(lettering, Box(left, y, lettering.width, lettering.height), ends)
        y += lettering.height
