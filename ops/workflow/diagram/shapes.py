"""The placed parts of a diagram, in pixels from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass

from ops.workflow.declaration import Phase
from ops.workflow.diagram.graph import Arrow, Node
from ops.workflow.diagram.measures import Body, Lettering
from ops.workflow.diagram.plan import Kind

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The point in the middle."""
        return self.x + self.width // 2, self.y + self.height // 2

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A state and where it stands."""

    node: Node
    body: Body
    box: Box


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """The words of one arrow; `ends` says that they end at the right edge of the box."""

    lettering: Lettering
    box: Box
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one arrow, corner by corner; without a kind it goes straight down the main way."""

    arrow: Arrow
    points: tuple[Point, ...]
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A diagram with all its coordinates."""

    width: int
    height: int
    main_way: tuple[str, ...]
    nodes: tuple[PlacedNode, ...]
    labels: tuple[PlacedLabel, ...]
    routes: tuple[Route, ...]
    legend: tuple[tuple[Phase, Point], ...]
