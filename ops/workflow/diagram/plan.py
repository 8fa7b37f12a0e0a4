"""Where everything goes, before any measure: which state stands on which level, which rail in which column.

The main way runs down the middle, one state a level. Every other arrow leaves its state sideways along a
*trunk* and turns into a *rail*, a vertical line that gathers all arrows with one destination: to the left
those that lead back up the main way, to the right those that skip ahead and those that leave it for a state
beside it. A rail has a column to itself over the levels that it spans, a trunk has its level to itself up
to its last rail, and a state beside the way stands on its own rail where no trunk passes: therefore no
line ever runs through a state, and a label has the cell between two rails to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from ops.workflow.diagram.graph import Arrow, Graph

# A state of the main way stands on (row, 0); levels put in below it for states beside are (row, 1), (row, 2)…
Level = tuple[int, int]

# What a drawing pays for: lines that cross, levels put in, columns that a trunk runs past, levels that a rail spans.
CROSSING, EXTRA_LEVEL, REACH, SPAN = 5, 6, 1, 1
TRIALS = 120_000  # bounds the search for a good order of rails; in rails × places of one trial, so that time is


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
    arrangement = _best_order(sketch)
    ordinal = {level: place for place, level in enumerate(sorted(arrangement.used_levels))}
    levels = {name: ordinal[row, 0] for name, row in sketch.row.items()}
    levels |= {name: ordinal[level] for name, level in arrangement.levels.items()}
    columns = _share_columns(arrangement)
    right = tuple(_right_rail(sketch, owner, column, columns, levels) for owner, column in columns.items())
    return Plan(sketch.spine, levels, _left_rails(sketch, levels), right)


class Sketch:
    """What does not depend on the order of the rails."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.spine = graph.spine()
        self.row = {name: row for row, name in enumerate(self.spine)}
        self.asides = tuple(name for name in graph.nodes if name not in self.row)
        pairs = {(a.source, a.target) for a in graph.arrows if a.source != a.target}
        self.back = self._sources(pairs, lambda gap: gap < 0)
        self.skip = self._sources(pairs, lambda gap: gap > 1)
        self.rows_of = {aside: self._rows(pairs, aside) for aside in self.asides}
        self.rows_into = {
            aside: {self.row[s] for s, t in pairs if t == aside and s in self.row} for aside in self.asides
        }
        self.partners = {aside: self._partners(pairs, aside) for aside in self.asides}
        self.leads_to = {aside: {t for s, t in pairs if s == aside} & set(self.asides) for aside in self.asides}
        # Every row on which the trunk, or the way in, of a rail lies.
        self.touches = self.rows_of | {t: {*map(self.row.__getitem__, s), self.row[t]} for t, s in self.skip.items()}

    def _sources(self, pairs: Iterable[tuple[str, str]], wanted: Callable[[int], bool]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for target in self.spine:
            sources = [
                s for s in self.spine if (s, target) in pairs and wanted(self.row[target] - self.row[s])
            ]
            if sources:
                found[target] = sources
        return found

    def _rows(self, pairs: Iterable[tuple[str, str]], aside: str) -> set[int]:
        return {self.row[name] for pair in pairs if aside in pair for name in pair if name in self.row}

    def _partners(self, pairs: Iterable[tuple[str, str]], aside: str) -> set[str]:
        joined = {name for pair in pairs if aside in pair for name in pair}
        return (joined & set(self.asides)) - {aside}


@dataclass
class Arrangement:
    """The rails of the right side in one order from the main way outwards, and what it costs."""

    sketch: Sketch
    order: tuple[str, ...]
    levels: dict[str, Level] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = {owner: place for place, owner in enumerate(self.order)}
        self.reach = {
            aside: max([self.place[aside], *(self.place[p] for p in partners)])
            for aside, partners in self.sketch.partners.items()
        }
        self.row_reach = [-1] * len(self.sketch.spine)
        for owner, rows in self.sketch.touches.items():
            for row in rows:
                self.row_reach[row] = max(self.row_reach[row], self.place[owner])
        self._stand_asides()

    @property
    def used_levels(self) -> set[Level]:
        """Every level that something stands on."""
        return {(row, 0) for row in range(len(self.sketch.spine))} | set(self.levels.values())

    def _stand_asides(self) -> None:
        taken: dict[Level, list[str]] = {}
        last = len(self.sketch.spine) - 1
        lowest = {
            aside: max(self.sketch.rows_into[aside] or self.sketch.rows_of[aside] or {last})
            for aside in self.sketch.asides
        }
        for aside in sorted(self.sketch.asides, key=lowest.__getitem__):
            before = [level for other, level in self.levels.items() if aside in self.sketch.leads_to[other]]
            level = self._free_level(aside, max([(lowest[aside], 0), *before]), taken)
            self.levels[aside] = level
            taken.setdefault(level, []).append(aside)

    def _free_level(self, aside: str, after: Level, taken: Mapping[Level, list[str]]) -> Level:
        row, below = after
        put_in = [level for level in sorted(taken) if level > after and level[0] == row]
        wanted: list[Level] = [(row + 1, 0), *put_in, (row + 2, 0)]
        for level in wanted:
            if level[0] < len(self.sketch.spine) and self._is_free(aside, level, taken.get(level, [])):
                return level
        return row, max([below, *(level[1] for level in put_in)]) + 1

    def _is_free(self, aside: str, level: Level, others: Sequence[str]) -> bool:
        row, put_in = level
        if not put_in and self.row_reach[row] >= self.place[aside]:
            return False
        return all(
            self.reach[other] < self.place[aside] or self.reach[aside] < self.place[other] for other in others
        )

    def touched(self, owner: str) -> set[Level]:
        """Every level on which a rail meets a trunk, a way in, or its own state."""
        levels: set[Level] = {(row, 0) for row in self.sketch.touches[owner]}
        if owner in self.levels:
            levels.add(self.levels[owner])
            inner = (p for p in self.sketch.partners[owner] if self.place[p] < self.place[owner])
            levels |= {self.levels[partner] for partner in inner}
        return levels

    @cached_property
    def spans(self) -> dict[str, tuple[Level, Level]]:
        """From which level to which each rail runs."""
        return {owner: (min(levels), max(levels)) for owner in self.order for levels in [self.touched(owner)]}

    @cached_property
    def trunks(self) -> list[tuple[Level, int, int]]:
        """The trunks: their level, the place where they begin (-1 is the main way), and their last rail."""
        of_rows = [((row, 0), -1, reach) for row, reach in enumerate(self.row_reach) if reach >= 0]
        of_asides = [
            (self.levels[aside], self.place[aside], reach)
            for aside, reach in self.reach.items()
            if reach > self.place[aside]
        ]
        return of_rows + of_asides

    @cached_property
    def cost(self) -> int:
        """What the eye has to pay for this order."""
        spans = [self.spans[owner] for owner in self.order]
        crossings = sum(
            top < level < bottom for level, begin, end in self.trunks for top, bottom in spans[begin + 1 : end]
        )
        ordinal = {level: place for place, level in enumerate(sorted(self.used_levels))}
        return (
            CROSSING * crossings
            + EXTRA_LEVEL * (len(ordinal) - len(self.sketch.spine))
            + REACH * sum(end - begin for _, begin, end in self.trunks)
            + SPAN * sum(ordinal[bottom] - ordinal[top] for top, bottom in spans)
        )


def _best_order(sketch: Sketch) -> Arrangement:
    """Begin with the rails that run furthest down innermost; then move single rails while that helps."""
    order = sorted(sketch.touches, key=lambda owner: -max(sketch.touches[owner], default=len(sketch.spine)))
    best = Arrangement(sketch, tuple(order))
    trials = TRIALS // (1 + len(order) * (len(order) + len(sketch.spine)))
    improved = True
    while improved and trials > 0:
        improved = False
        for order in _moves(best.order):
            trials -= 1
            trial = Arrangement(sketch, order)
            if trial.cost < best.cost:
                best, improved = trial, True
            if improved or trials <= 0:
                break
    return best


def _moves(order: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for origin, owner in enumerate(order):
        rest = order[:origin] + order[origin + 1 :]
        for place in range(len(order)):
            if place != origin:
                yield (*rest[:place], owner, *rest[place:])


def _share_columns(arrangement: Arrangement) -> dict[str, int]:
    """Move each rail as far inwards as it can stand in a column with others; columns count from 1."""
    column = dict(arrangement.place)
    for owner in arrangement.order:
        for inner in sorted(set(column.values())):
            if inner >= column[owner]:
                break
            if _fits(arrangement, column, owner, inner):
                column[owner] = inner
                break
    dense = {old: new for new, old in enumerate(sorted(set(column.values())), start=1)}
    return {owner: dense[old] for owner, old in column.items()}


def _fits(arrangement: Arrangement, column: Mapping[str, int], owner: str, inner: int) -> bool:
    top, bottom = arrangement.spans[owner]
    for other, (other_top, other_bottom) in arrangement.spans.items():
        if column[other] == inner and not (other_bottom < top or bottom < other_top):
            return False
    return owner not in arrangement.levels or _may_stand(arrangement, column, owner, inner)


def _may_stand(arrangement: Arrangement, column: Mapping[str, int], aside: str, inner: int) -> bool:
    level, place = arrangement.levels[aside], arrangement.place
    for partner in arrangement.sketch.partners[aside]:
        if place[partner] < place[aside] and column[partner] >= inner:
            return False
    reach = max([inner, *(column[p] for p in arrangement.sketch.partners[aside])])
    for other, its_level in arrangement.levels.items():
        if other != aside and its_level == level:
            its_reach = max([column[other], *(column[p] for p in arrangement.sketch.partners[other])])
            if not (its_reach < inner or reach < column[other]):
                return False
    touching = (o for o, rows in arrangement.sketch.touches.items() if not level[1] and level[0] in rows)
    return all(column[other] < inner for other in touching)


def _right_rail(
    sketch: Sketch, owner: str, column: int, columns: Mapping[str, int], levels: Mapping[str, int]
) -> Rail:
    graph = sketch.graph
    if owner in sketch.row:
        bonds = [Bond(source, owner, graph.between(source, owner)) for source in sketch.skip[owner]]
        return Rail(owner, Kind.SKIP, column, tuple(bonds), _span(owner, bonds, levels))
    holders = [name for name in sketch.spine if sketch.row[name] in sketch.rows_of[owner]]
    holders += [p for p in sketch.asides if p in sketch.partners[owner] and columns[p] < column]
    bonds = [Bond(holder, owner, graph.between(holder, owner), graph.between(owner, holder)) for holder in holders]
    return Rail(owner, Kind.ASIDE, column, tuple(bonds), _span(owner, bonds, levels))


def _left_rails(sketch: Sketch, levels: Mapping[str, int]) -> tuple[Rail, ...]:
    """Short rails stand innermost, so that loops nest."""
    rails: list[Rail] = []
    spans = []
    for target, sources in sketch.back.items():
        bonds = tuple(Bond(source, target, sketch.graph.between(source, target)) for source in sources)
        spans.append((_span(target, bonds, levels), target, bonds))
    for span, target, bonds in sorted(spans, key=lambda entry: (entry[0][1] - entry[0][0], entry[0])):
        column = 1
        while any(r.column == column and r.span[0] <= span[1] and span[0] <= r.span[1] for r in rails):
            column += 1
        rails.append(Rail(target, Kind.BACK, column, bonds, span))
    return tuple(rails)


def _span(owner: str, bonds: Iterable[Bond], levels: Mapping[str, int]) -> tuple[int, int]:
    touched = [levels[owner], *(levels[bond.holder] for bond in bonds)]
    return min(touched), max(touched)
