"""Which limit of an assignment cannot be met, found by a maximum flow and its smallest cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from ops.allocations.mathematics.keys import Key

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Shortage:
    """A limit that cannot be met: so many reviews are missing for these requests among these reviewers.

    `reviewers` are all who may review any of them; together they can give `available` of the `needed` reviews.
    """

    requests: tuple[Key, ...]
    reviewers: tuple[Key, ...]
    needed: int
    available: int

    @property
    def missing(self) -> int:
        """By how many reviews it falls short."""
        return self.needed - self.available


def shortage_of(
    requests: Sequence[Key], reviewers: Sequence[Key], needed: Counts, limits: Counts, allowed: Mask
) -> tuple[Shortage, ...]:
    """Return why the reviews cannot all be given, the plainest reasons first; nothing when they can."""
    may = allowed & (limits > 0)
    possible = may.sum(axis=1)
    alone = tuple(
        Shortage((requests[row],), _named(reviewers, may[row]), int(needed[row]), int(possible[row]))
        for row in np.flatnonzero(needed > possible).tolist()
    )
    if int(needed.sum()) > int(limits.sum()):
        whole = Shortage(tuple(requests), tuple(reviewers), int(needed.sum()), int(limits.sum()))
        return (whole, *alone)
    if alone:
        return alone
    flow = _Flow(needed, limits, allowed)
    return (_cut(flow, requests, reviewers, needed, limits, allowed),) if flow.value < needed.sum() else ()


def possible_pairs(needed: Counts, limits: Counts, allowed: Mask) -> Mask:
    """Return pairs among which the limits can be met, if they can at all."""
    return _Flow(needed, limits, allowed).pairs()


class _Flow:
    """A maximum flow from the requests to the reviewers: each pair carries one review at most."""

    def __init__(self, needed: Counts, limits: Counts, allowed: Mask) -> None:
        self.rows, self.columns = allowed.shape
        source, sink = self.rows + self.columns, self.rows + self.columns + 1
        starts, ends = np.nonzero(allowed)
        begins = np.concatenate([np.full(self.rows, source), starts, self.rows + np.arange(self.columns)])
        arrives = np.concatenate([np.arange(self.rows), self.rows + ends, np.full(self.columns, sink)])
        capacity = np.concatenate([needed, np.ones(len(starts)), limits]).astype(np.int32)
        self.capacity = scipy.sparse.csr_array((capacity, (begins, arrives)), shape=(sink + 1, sink + 1))
        answer = scipy.sparse.csgraph.maximum_flow(self.capacity, source, sink, method="dinic")
        self.value, self.flow, self.source = int(answer.flow_value), answer.flow, source

    def pairs(self) -> Mask:
        """The pairs that carry a review."""
        return self.flow[: self.rows, self.rows : self.rows + self.columns].toarray() > 0

    def reached(self) -> NDArray[np.int64]:
        """The nodes that could still be given more: one side of the smallest cut."""
        left = scipy.sparse.csr_array(self.capacity - self.flow)
        left.data = np.maximum(left.data, 0)
        left.eliminate_zeros()
        return scipy.sparse.csgraph.breadth_first_order(left, self.source, return_predecessors=False)


def _cut(
    flow: _Flow,
    requests: Sequence[Key],
    reviewers: Sequence[Key],
    needed: Counts,
    limits: Counts,
    allowed: Mask,
) -> Shortage:
    reached = flow.reached()
    short = np.sort(reached[reached < flow.rows])
    among = (allowed[short] & (limits > 0)).any(axis=0)
    return Shortage(
        requests=tuple(requests[row] for row in short.tolist()),
        reviewers=_named(reviewers, among),
        needed=int(needed[short].sum()),
        available=int(np.minimum(allowed[short].sum(axis=0), limits).sum()),
    )


def _named(reviewers: Sequence[Key], which: Mask) -> tuple[Key, ...]:
    return tuple(reviewers[column] for column in np.flatnonzero(which).tolist())
