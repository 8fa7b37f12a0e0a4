"""The lines of a diagram: shared stretches once, crossings with a gap, round corners, heads at the ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ops.workflow.diagram.plan import Kind
from ops.workflow.diagram.shapes import Point, Route
from ops.workflow.diagram.sides import TURN

HEAD_LENGTH, HEAD_HALF, HEAD_INSIDE = 9, 4.5, 5


class Strokes:
    """All lines of a layout, sorted by what lies below and what above.

    Rails lie lowest; a trunk runs over them with a gap on both sides, so that a crossing does not look
    like a joint; the turns, where a trunk does join a rail, lie on top.
    """

    def __init__(self, routes: Iterable[Route], phase_classes: Mapping[str, str]) -> None:
        self.rails: dict[tuple[str, int, str], tuple[int, int]] = {}
        self.trunks: dict[tuple[int, int, str], int] = {}
        self.turns: dict[str, None] = {}
        self.steps: dict[str, None] = {}
        self.heads: dict[str, None] = {}
        for route in routes:
            self._add(route, phase_classes)

    def below(self) -> Iterator[str]:
        """Yield the rails, and the gaps where trunks cross them."""
        for (_, x, css), (top, bottom) in self.rails.items():
            yield f'<path class="diagram-line {css}" d="M{x} {top}V{bottom}"/>'
        for (x, y, _), end in self.trunks.items():
            yield f'<path class="diagram-gap" d="M{x} {y}H{end}"/>'

    def above(self) -> Iterator[str]:
        """Yield the trunks, the turns, the straight arrows and all heads."""
        for (x, y, css), end in self.trunks.items():
            yield f'<path class="diagram-line {css}" d="M{x} {y}H{end}"/>'
        yield from self.turns
        yield from self.steps
        yield from self.heads

    def _add(self, route: Route, phase_classes: Mapping[str, str]) -> None:
        css = self._class_of(route, phase_classes)
        homeward = route.kind is Kind.ASIDE and route.points[0][0] == route.points[1][0]
        tip = "diagram-trunk" if homeward else css
        self.heads[f'<path class="diagram-head {tip}" d="{head(*route.points[-2:])}"/>'] = None
        if route.kind is None:
            self.steps[f'<path class="diagram-line {css}" d="{rounded(route.points)}"/>'] = None
            return
        points = route.points[::-1] if homeward else route.points
        (start, out_y), (x, _), (_, end_y) = points[:3]
        out, down = _sign(x - start), _sign(end_y - out_y)
        self._trunk(start, out_y, "diagram-trunk", x - out * TURN)
        self._turn(css, (x - out * TURN, out_y), (x, out_y), (x, out_y + down * TURN))
        if len(points) > 3:
            self._turn(css, (x, end_y - down * TURN), (x, end_y), (x - out * TURN, end_y))
            self._trunk(points[3][0], end_y, css, x - out * TURN)
            end_y -= down * TURN
        owner = route.arrow.source if homeward else route.arrow.target
        self._rail(owner, x, css, sorted((out_y + down * TURN, end_y)))

    def _class_of(self, route: Route, phase_classes: Mapping[str, str]) -> str:
        if route.kind is None:
            return "diagram-step"
        if route.kind is not Kind.ASIDE:
            return f"diagram-{route.kind}"
        homeward = route.points[0][0] == route.points[1][0]
        return phase_classes[route.arrow.source if homeward else route.arrow.target]

    def _trunk(self, start: int, y: int, css: str, end: int) -> None:
        key = (start, y, css)
        self.trunks[key] = max(end, self.trunks.get(key, end), key=lambda far: abs(far - start))

    def _turn(self, css: str, begin: Point, corner: Point, end: Point) -> None:
        way = f"M{begin[0]} {begin[1]}Q{corner[0]} {corner[1]} {end[0]} {end[1]}"
        self.turns[f'<path class="diagram-line {css}" d="{way}"/>'] = None

    def _rail(self, owner: str, x: int, css: str, ends: list[int]) -> None:
        top, bottom = self.rails.get((owner, x, css), ends)
        self.rails[owner, x, css] = min(top, ends[0]), max(bottom, ends[1])


def rounded(points: tuple[Point, ...]) -> str:
    """Return the path through the points, with round corners, ending inside the head of the arrow."""
    way = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        begin, end = _towards(corner, before), _towards(corner, after)
        way.append(f"L{begin[0]} {begin[1]}Q{corner[0]} {corner[1]} {end[0]} {end[1]}")
    before, tip = points[-2:]
    right, down = _sign(tip[0] - before[0]), _sign(tip[1] - before[1])
    return "".join([*way, f"L{tip[0] - right * HEAD_INSIDE} {tip[1] - down * HEAD_INSIDE}"])


def head(before: Point, tip: Point) -> str:
    """Return the path of an arrow head whose tip is the end of a straight line."""
    right, down = _sign(tip[0] - before[0]), _sign(tip[1] - before[1])
    foot = (tip[0] - right * HEAD_LENGTH, tip[1] - down * HEAD_LENGTH)
    across = (down * HEAD_HALF, right * HEAD_HALF)
    return (
        f"M{tip[0]} {tip[1]}L{foot[0] + across[0]:g} {foot[1] + across[1]:g}"
        f"L{foot[0] - across[0]:g} {foot[1] - across[1]:g}Z"
    )


def _towards(corner: Point, other: Point) -> Point:
    return corner[0] + TURN * _sign(other[0] - corner[0]), corner[1] + TURN * _sign(other[1] - corner[1])


def _sign(length: int) -> int:
    return (length > 0) - (length < 0)
