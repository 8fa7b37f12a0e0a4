"""The line: which requests fit under every capacity at once.

Beside the ranked list (the best first, each given what still fits) stands the optimum: the choice of full, reduced
and no awards with the greatest sum of value times granted share, under the capacity of every resource in every
quarter. A request is worth nothing below its minimum useful share. Both answers are whole percents, so that what is
shown is what was summed; both depend on the requests alone, not on their order or the speed of the machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

PERCENT = 100
# How far the optimum found may lie below the best bound; and after how many branches it stops looking. A limit on
# branches gives the same answer on every machine, a limit on seconds would not.
GAP = 0.002
BRANCHES = 2_000
# How far capacity is moved to see what stands firm.
SWAY = 0.1


class Grade(StrEnum):
    """What is given."""

    FULL = "full"
    REDUCED = "reduced"
    NONE = "none"


class Band(StrEnum):
    """What becomes of an award when capacity moves by a tenth."""

    SAFE = "safe"
    MARGINAL = "marginal"
    OUT = "out"


@dataclass(frozen=True)
class Candidate:
    """A request at the line: its value, its lot among equals, what it asks of each capacity, what it can do with."""

    key: str
    value: float
    asked: tuple[float, ...]
    least: int = PERCENT  # whole percents of what was asked; below, an award is of no use
    lot: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.least <= PERCENT:
            raise ValueError(f"{self.key}: a minimum useful share is 1 to 100 percent, not {self.least}.")
        if any(amount < 0 for amount in self.asked):
            raise ValueError(f"{self.key}: nothing negative can be asked for.")


@dataclass(frozen=True)
class Plan:
    """What each request is given, in percent of what it asked, and how that was found."""

    shares: Mapping[str, int]
    value: float
    status: str = ""
    gap: float = 0.0  # how far the value may lie below the best possible, as a part of it

    def grade(self, key: str) -> Grade:
        """What a request is given, as a word."""
        share = self.shares[key]
        return Grade.NONE if share == 0 else Grade.FULL if share == PERCENT else Grade.REDUCED


@dataclass(frozen=True)
class Place:
    """One request in the ranked list."""

    key: str
    rank: int
    is_tied: bool
    ranked: int
    optimal: int
    band: Band


@dataclass(frozen=True)
class Line:
    """The ranked list beside the optimum, best first."""

    places: tuple[Place, ...]
    ranked: Plan
    optimal: Plan
    input_hash: str

    @property
    def last_above(self) -> int:
        """The rank after which the line is drawn: down to it, the ranked list gives every request something."""
        without = [place.rank for place in self.places if place.ranked == 0]
        return min(without) - 1 if without else len(self.places)


def draw_line(candidates: Sequence[Candidate], capacities: Sequence[float]) -> Line:
    """Rank the candidates, find what fits, and see what stands firm when capacity moves."""
    order = ranking(candidates)
    ranked = greedy(order, capacities)
    optimal = optimum(order, capacities)
    less, more = (optimum(order, [amount * by for amount in capacities]) for by in (1 - SWAY, 1 + SWAY))
    tied = _tied(order)
    places = tuple(
        Place(
            key=each.key,
            rank=number,
            is_tied=each.key in tied,
            ranked=ranked.shares[each.key],
            optimal=optimal.shares[each.key],
            band=_band(*(plan.shares[each.key] for plan in (less, optimal, more))),
        )
        for number, each in enumerate(order, 1)
    )
    return Line(places, ranked, optimal, hash_of(candidates, capacities))


def ranking(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Put them in order: the greatest value first, equals by their lot."""
    return sorted(candidates, key=lambda each: (-each.value, each.lot, each.key))


def greedy(order: Sequence[Candidate], capacities: Sequence[float]) -> Plan:
    """Go down the list and give each what fits: all, else as much as is still useful, else nothing."""
    left = np.array(capacities, dtype=float)
    shares = {}
    for each in order:
        asked = np.array(each.asked)
        share = _fitting(asked, left, each.least)
        left = left - asked * share / PERCENT
        shares[each.key] = share
    return Plan(shares, _worth(order, shares))


def optimum(order: Sequence[Candidate], capacities: Sequence[float]) -> Plan:
    """Return the best choice under every capacity; of equally good ones, that which favours the better ranked."""
    if not order:
        return Plan({}, 0.0, "Nothing to choose from.")
    room = np.maximum(np.array(capacities, dtype=float), 0)
    answer = _solved(order, _demand(order), room)
    if answer.x is None:
        return replace(greedy(order, capacities), status=f"The ranked list stands in: {answer.message}")
    found = _in_percents(order, answer.x, room)
    worth, bound = _worth(order, found), -float(answer.mip_dual_bound)
    return Plan(found, worth, str(answer.message), max(0.0, 1 - worth / bound) if bound > 0 else 0.0)


def hash_of(candidates: Sequence[Candidate], capacities: Sequence[float]) -> str:
    """Return a hash of everything the line depends on; another hash, another question."""
    content = [
        sorted([each.key, each.value, list(each.asked), each.least, each.lot] for each in candidates),
        list(capacities),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def used(order: Sequence[Candidate], shares: Mapping[str, int], width: int) -> Vector:
    """Sum what a choice takes of each capacity."""
    total = np.zeros(width)
    for each in order:
        total += np.array(each.asked) * shares[each.key] / PERCENT
    return total


def _fitting(asked: Vector, left: Vector, least: int) -> int:
    wanted = asked > 0
    # A millionth of a unit is no reason to refuse: sums of decimals are not exact.
    share = np.min((left[wanted] + 1e-6) / asked[wanted], initial=1.0)
    whole = int(np.floor(share * PERCENT + 1e-9))
    return whole if whole >= least else 0


def _worth(order: Sequence[Candidate], shares: Mapping[str, int]) -> float:
    return sum(each.value * shares[each.key] / PERCENT for each in order)


def _demand(order: Sequence[Candidate]) -> Matrix:
    return np.array([each.asked for each in order], dtype=float).T


class _Answer:
    """What the solver said."""

    x: Vector | None
    message: str
    mip_dual_bound: float


def _solved(order: Sequence[Candidate], demand: Matrix, room: Vector) -> _Answer:
    # Unknowns: the share of each request, then whether it is given anything; rows are scaled to a capacity of 1.
    count = len(order)
    least = np.array([each.least for each in order]) / PERCENT
    value = np.array([max(each.value, 0.0) for each in order])
    # Of equal choices the better ranked: less than the gap can see, more than rounding can hide.
    value = value + value.max(initial=1.0) * 1e-6 * np.arange(count, 0, -1) / count
    scale = np.where(room > 0, room, 1)
    sparse, must = scipy.sparse, scipy.optimize.LinearConstraint
    identity = sparse.eye_array(count)
    takes = sparse.csr_array(demand / scale[:, None])
    constraints = [
        must(sparse.hstack([takes, sparse.csr_array(takes.shape)]), ub=room / scale),
        must(sparse.hstack([identity, -identity]), ub=0),
        must(sparse.hstack([-identity, sparse.diags_array(least)]), ub=0),
    ]
    return scipy.optimize.milp(
        np.concatenate([-value, np.zeros(count)]),
        integrality=np.concatenate([np.zeros(count), np.ones(count)]),
        bounds=scipy.optimize.Bounds(0, 1),
        constraints=constraints,
        options={"mip_rel_gap": GAP, "node_limit": BRANCHES},
    )


def _in_percents(order: Sequence[Candidate], solution: Vector, room: Vector) -> dict[str, int]:
    """Whole percents below the solution's shares; then what the rounding left over, to the best ranked first."""
    left = room.copy()
    shares = dict.fromkeys((each.key for each in order), 0)

    def give(each: Candidate, most: int) -> None:
        nonlocal left
        asked = np.array(each.asked)
        left = left + asked * shares[each.key] / PERCENT
        shares[each.key] = min(most, _fitting(asked, left, each.least))
        left = left - asked * shares[each.key] / PERCENT

    for each, share, given in zip(order, solution, solution[len(order) :], strict=False):
        if given > 0.5:
            give(each, max(int(np.floor(share * PERCENT + 1e-6)), each.least))
    for each in order:
        give(each, PERCENT)
    return shares


def _band(less: int, now: int, more: int) -> Band:
    if min(less, now, more) > 0:
        return Band.SAFE
    return Band.OUT if max(less, now, more) == 0 else Band.MARGINAL


def _tied(order: Sequence[Candidate]) -> set[str]:
    count: dict[float, list[str]] = {}
    for each in order:
        count.setdefault(each.value, []).append(each.key)
    return {key for keys in count.values() if len(keys) > 1 for key in keys}
