"""Who reviews what: the best match under every limit at once, or the limit that cannot be met.

A transportation problem: every request needs a number of reviews, every reviewer takes at most so many, a conflict
forbids a pair, what was accepted stays. Its constraints are those of a network, so the optimum of the linear program
is whole-numbered and HiGHS needs no branching. Of two million possible pairs the best few per request go in first;
the prices of the solution then tell which others could still improve it, and they are added until none could. Pairs
among which the limits cannot be met are widened by those of a maximum flow, which tells at the same time, when it
falls short, which limits stand in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from ops.allocations.mathematics.keys import Key, Pair
from ops.allocations.mathematics.shortage import Shortage, possible_pairs, shortage_of

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

CANDIDATES = 30
# What a review beyond a reviewer's fair share costs, in affinity: a share of keywords is worth some unevenness,
# twice the load of the others is not.
PRESSURE = (0.2, 0.6)
# Whole numbers of this part are compared, so that the last bits of a sum decide nothing.
GRAIN = 1e-4


@dataclass(frozen=True)
class Panel:
    """What is to be assigned. Rows and columns of `affinity` are the requests and the reviewers, in their order."""

    requests: Sequence[Key]
    needed: Sequence[int]
    reviewers: Sequence[Key]
    limits: Sequence[int]
    affinity: Matrix
    forbidden: Collection[Pair] = ()
    kept: Collection[Pair] = ()


@dataclass(frozen=True)
class Assignment:
    """The pairs, those that were kept among them; or, when it cannot be done, why. One of the two is empty."""

    pairs: tuple[Pair, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    load: Mapping[Key, int] = field(default_factory=dict)
    status: str = ""
    rounds: int = 0


@dataclass(frozen=True)
class _Open:
    """What is left to assign when the kept pairs are taken out, in numbers."""

    needed: NDArray[np.int64]
    limits: NDArray[np.int64]
    fair: NDArray[np.int64]
    cost: Matrix
    allowed: Mask


def to_nobody(share: float, sentence: str) -> None:
    """Say nothing."""


def assign(panel: Panel, said: Callable[[float, str], None] = to_nobody) -> Assignment:
    """Find the best assignment; the same panel, in whatever order, gives the same one.

    `said` is told now and then how far it is (0 to 1) and what is being done.
    """
    ordered = _in_order(panel)
    left = _open(ordered)
    if shortages := shortage_of(ordered.requests, ordered.reviewers, left.needed, left.limits, left.allowed):
        return Assignment(shortages=shortages, status="The limits cannot all be met.")
    arcs = _first_candidates(left)
    said(0.1, "Looking for the best match")
    for round_number in range(1, 100):
        solution = _Transport(left, arcs)
        said(min(0.2 + 0.2 * round_number, 0.9), f"Matched; looking for better pairs, round {round_number}")
        more = solution.worth_adding() if solution.is_feasible else _enough(left)
        if not (more & ~arcs).any():
            break
        arcs |= more
    return _answer(ordered, solution.taken, solution.status, round_number)


def _in_order(panel: Panel) -> Panel:
    rows = sorted(range(len(panel.requests)), key=lambda number: str(panel.requests[number]))
    columns = sorted(range(len(panel.reviewers)), key=lambda number: str(panel.reviewers[number]))
    return Panel(
        requests=[panel.requests[row] for row in rows],
        needed=[panel.needed[row] for row in rows],
        reviewers=[panel.reviewers[column] for column in columns],
        limits=[panel.limits[column] for column in columns],
        affinity=np.asarray(panel.affinity, dtype=float).reshape(len(rows), len(columns))[
            np.ix_(rows, columns)
        ],
        forbidden=panel.forbidden,
        # A conflict found after somebody accepted is a conflict.
        kept=set(panel.kept) - set(panel.forbidden),
    )


def _open(panel: Panel) -> _Open:
    row = {key: number for number, key in enumerate(panel.requests)}
    column = {key: number for number, key in enumerate(panel.reviewers)}
    allowed = np.ones(panel.affinity.shape, dtype=bool)
    for request, reviewer in panel.forbidden:
        if request in row and reviewer in column:
            allowed[row[request], column[reviewer]] = False
    needed, limits = np.array(panel.needed, dtype=np.int64), np.array(panel.limits, dtype=np.int64)
    total = int(needed.sum())
    fair = np.minimum(np.ceil(total * limits / max(limits.sum(), 1)), limits).astype(np.int64)
    for request, reviewer in panel.kept:
        if request in row:
            needed[row[request]] -= 1
        if reviewer in column:
            limits[column[reviewer]] -= 1
            fair[column[reviewer]] -= 1
        if request in row and reviewer in column:
            allowed[row[request], column[reviewer]] = False
    cost = -np.round(panel.affinity / GRAIN) * GRAIN
    limits, fair = np.maximum(limits, 0), np.maximum(fair, 0)
    return _Open(np.maximum(needed, 0), limits, np.minimum(fair, limits), cost, allowed)


def _enough(left: _Open) -> Mask:
    return possible_pairs(left.needed, left.limits, left.allowed)


def _first_candidates(left: _Open) -> Mask:
    cost = np.where(left.allowed, left.cost, np.inf)
    candidates = np.zeros(cost.shape, dtype=bool)
    for matrix, chosen in ((cost, candidates), (cost.T, candidates.T)):
        few = min(CANDIDATES, matrix.shape[1])
        best = np.argsort(matrix, axis=1, kind="stable")[:, :few]
        np.put_along_axis(chosen, best, values=True, axis=1)
    return candidates & left.allowed


class _Transport:
    """The linear program on some of the pairs, solved."""

    def __init__(self, left: _Open, arcs: Mask) -> None:
        self.left, self.arcs = left, arcs
        self.rows, self.columns = np.nonzero(arcs)
        requests, reviewers = arcs.shape
        over = left.limits - left.fair
        first = (over + 1) // 2
        loads = np.tile(np.arange(reviewers), 2)
        answer = scipy.optimize.linprog(
            np.concatenate([left.cost[arcs], *(np.full(reviewers, pressure) for pressure in PRESSURE)]),
            A_eq=_incidence(self.rows, requests, width=len(self.rows) + 2 * reviewers),
            b_eq=left.needed,
            A_ub=_incidence(self.columns, reviewers, width=len(self.rows) + 2 * reviewers, relief=loads),
            b_ub=left.fair,
            bounds=np.column_stack(
                [
                    np.zeros(len(self.rows) + 2 * reviewers),
                    np.concatenate([np.ones(len(self.rows)), first, over - first]),
                ]
            ),
            method="highs",
        )
        self.is_feasible = answer.status == 0
        self.status = str(answer.message)
        self.answer = answer

    @property
    def taken(self) -> list[tuple[int, int]]:
        """The pairs of the solution, by their numbers."""
        chosen = self.answer.x[: len(self.rows)] > 0.5
        return list(zip(self.rows[chosen].tolist(), self.columns[chosen].tolist(), strict=True))

    def worth_adding(self) -> Mask:
        """The pairs left out whose cost, at the present prices, is below zero: each might improve the solution."""
        prices = self.answer.eqlin.marginals[:, None] + self.answer.ineqlin.marginals[None, :]
        reduced = np.where(self.left.allowed & ~self.arcs, self.left.cost - prices, np.inf)
        return reduced < -GRAIN / 2


def _incidence(
    ends: NDArray[np.int64], count: int, *, width: int, relief: NDArray[np.int64] | None = None
) -> scipy.sparse.csr_array:
    rows, values = ends, np.ones(len(ends))
    if relief is not None:
        rows = np.concatenate([ends, relief])
        values = np.concatenate([values, -np.ones(len(relief))])
    return scipy.sparse.csr_array((values, (rows, np.arange(len(rows)))), shape=(count, width))


def _answer(panel: Panel, taken: Sequence[tuple[int, int]], status: str, rounds: int) -> Assignment:
    pairs = {(panel.requests[row], panel.reviewers[column]) for row, column in taken} | set(panel.kept)
    load = dict.fromkeys(panel.reviewers, 0)
    for _request, reviewer in pairs:
        load[reviewer] = load.get(reviewer, 0) + 1
    return Assignment(tuple(sorted(pairs, key=str)), (), load, status, rounds)
