"""Where everything goes, before any measure: which state stands on which level, which rail in which column.

The main way runs down the middle, one state a level. Every other arrow leaves its state sideways along a
*trunk* and turns into a *rail*, a vertical line that gathers all arrows with one destination: to the left
those that lead back up the main way, to the right those that skip ahead and those that leave it for a state
beside it. A rail has a column to itself over the levels that it spans, a trunk has its level to itself up
to its last rail, and a state beside the way stands on its own rail where no trunk passes: therefore no
line ever runs through a state, and a label has the cell between two rails to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ops.workflow.diagram.graph import Arrow, Graph
from ops.workflow.diagram.order import best_order, share_columns
from ops.workflow.diagram.sketch import Sketch


class Kind(StrEnum):
    """What a rail does."""

    BACK = "back"
    SKIP = "skip"
    ASIDE = "aside"


@dataclass(frozen=True)
class Bond:
    """The arrows between the state that holds a trunk and the state that owns a rail, both ways."""

    holder: str
    owner: str
    out: tuple[Arrow, ...]
    home: tuple[Arrow, ...] = ()


@dataclass(frozen=True)
class Rail:
    """A vertical line that leads to its owner; columns count from the main way outwards, from 1."""

    owner: str
    kind: Kind
    column: int
    bonds: tuple[Bond, ...]
    span: tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """The whole arrangement; levels are counted from the top, from 0."""

    spine: tuple[str, ...]
    levels: Mapping[str, int]
    left: tuple[Rail, ...]
    right: tuple[Rail, ...]

    @cached_property
    def asides(self) -> dict[str, Rail]:
        """The rails of the states that stand beside the main way."""
        return {rail.owner: rail for rail in self.right if rail.kind is Kind.ASIDE}


def plan(graph: Graph) -> Plan:
    """Arrange a graph; the same graph gives the same plan."""
    sketch = Sketch(graph)
    arrangement = best_order(sketch)
    ordinal = {level: place for place, level in enumerate(sorted(arrangement.used_levels))}
    levels = {name: ordinal[row, 0] for name, row in sketch.row.items()}
    levels |= {name: ordinal[level] for name, level in arrangement.levels.items()}
    columns = share_columns(arrangement)
    right = tuple(_right_rail(sketch, owner, column, columns, levels) for owner, column in columns.items())
    return Plan(sketch.spine, levels, _left_rails(sketch, levels), right)


def _right_rail(
    sketch: Sketch, owner: str, column: int, columns: Mapping[str, int], levels: Mapping[str, int]
) -> Rail:
    graph = sketch.graph
    if owner in sketch.row:
        bonds = [Bond(source, owner, graph.between(source, owner)) for source in sketch.skip[owner]]
        return Rail(owner, Kind.SKIP, column, tuple(bonds), _span(owner, bonds, levels))
    holders = [name for name in sketch.spine if sketch.row[name] in sketch.rows_of[owner]]
    holders += [p for p in sketch.asides if p in sketch.partners[owner] and columns[p] < column]
    bonds = [
        Bond(holder, owner, graph.between(holder, owner), graph.between(owner, holder)) for holder in holders
    ]
    return Rail(owner, Kind.ASIDE, column, tuple(bonds), _span(owner, bonds, levels))


def _left_rails(sketch: Sketch, levels: Mapping[str, int]) -> tuple[Rail, ...]:
    """Short rails stand innermost, so that loops nest.

    A rail may end where the next one of its column begins: a trunk leaves its state above the way in.
    """
    rails: list[Rail] = []
    spans = []
    for target, sources in sketch.back.items():
        bonds = tuple(Bond(source, target, sketch.graph.between(source, target)) for source in sources)
        spans.append((_span(target, bonds, levels), target, bonds))
    for span, target, bonds in sorted(spans, key=lambda entry: (entry[0][1] - entry[0][0], entry[0])):
        column = 1
        while any(r.column == column and r.span[0] < span[1] and span[0] < r.span[1] for r in rails):
            column += 1
        rails.append(Rail(target, Kind.BACK, column, bonds, span))
    return tuple(rails)


def _span(owner: str, bonds: Iterable[Bond], levels: Mapping[str, int]) -> tuple[int, int]:
    touched = [levels[owner], *(levels[bond.holder] for bond in bonds)]
    return min(touched), max(touched)
