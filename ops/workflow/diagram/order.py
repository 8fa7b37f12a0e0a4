"""In which order the rails of the right side stand, and on which levels the states beside the main way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from ops.workflow.diagram.sketch import Sketch

# A state of the main way stands on (row, 0); levels put in below it for states beside are (row, 1), (row, 2)…
Level = tuple[int, int]

# What the eye pays for: crossings, levels put in, rails that a trunk runs past, levels that a rail spans.
CROSSING, EXTRA_LEVEL, REACH, SPAN = 5, 6, 1, 1
# Bounds the search for a good order: a count and not a time, so that the same graph gives the same picture.
TRIALS = 120_000


class Arrangement:
    """The rails of the right side in one order from the main way outwards, and what it costs."""

    def __init__(self, sketch: Sketch, order: tuple[str, ...]) -> None:
        self.sketch, self.order = sketch, order
        self.place = {owner: place for place, owner in enumerate(self.order)}
        self.reach = {
            aside: max([self.place[aside], *(self.place[p] for p in partners)])
            for aside, partners in self.sketch.partners.items()
        }
        self.row_reach = [-1] * len(self.sketch.spine)
        for owner, rows in self.sketch.touches.items():
            for row in rows:
                self.row_reach[row] = max(self.row_reach[row], self.place[owner])
        self.levels: dict[str, Level] = {}
        self._stand_asides()

    @property
    def used_levels(self) -> set[Level]:
        """Every level that something stands on."""
        return {(row, 0) for row in range(len(self.sketch.spine))} | set(self.levels.values())

    def _stand_asides(self) -> None:
        """Give each state beside the way the first free level below the states that lead to it."""
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

    def _touched(self, owner: str) -> set[Level]:
        levels: set[Level] = {(row, 0) for row in self.sketch.touches[owner]}
        if owner in self.levels:
            levels.add(self.levels[owner])
            inner = (p for p in self.sketch.partners[owner] if self.place[p] < self.place[owner])
            levels |= {self.levels[partner] for partner in inner}
        return levels

    @cached_property
    def spans(self) -> dict[str, tuple[Level, Level]]:
        """From which level to which each rail runs: all on which it meets a trunk, a way in, or its state."""
        return {
            owner: (min(levels), max(levels)) for owner in self.order for levels in [self._touched(owner)]
        }

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
            top < level < bottom
            for level, begin, end in self.trunks
            for top, bottom in spans[begin + 1 : end]
        )
        ordinal = {level: place for place, level in enumerate(sorted(self.used_levels))}
        return (
            CROSSING * crossings
            + EXTRA_LEVEL * (len(ordinal) - len(self.sketch.spine))
            + REACH * sum(end - begin for _, begin, end in self.trunks)
            + SPAN * sum(ordinal[bottom] - ordinal[top] for top, bottom in spans)
        )


def best_order(sketch: Sketch) -> Arrangement:
    """Begin with the rails that run furthest down innermost; then move single rails while that helps."""
    deepest = {owner: max(rows, default=len(sketch.spine)) for owner, rows in sketch.touches.items()}
    best = Arrangement(sketch, tuple(sorted(deepest, key=lambda owner: -deepest[owner])))
    trials = TRIALS // (1 + len(deepest) * (len(deepest) + len(sketch.spine)))
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


def share_columns(arrangement: Arrangement) -> dict[str, int]:
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
