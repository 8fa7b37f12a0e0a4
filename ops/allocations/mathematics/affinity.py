"""How well a reviewer fits a request: common keywords, and what the reviewer wished."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import scipy
from numpy.typing import NDArray

from ops.allocations.mathematics.keys import Key

Matrix = NDArray[np.float64]


class Wish(Enum):
    """What a reviewer said of a request; the value is added to an affinity by keywords, which is 0 to 1."""

    EAGER = 1.0
    WILLING = 0.4
    RELUCTANT = -1.0


@dataclass(frozen=True)
class Subject:
    """A request or a reviewer, with the keywords that say what it is about."""

    key: Key
    keywords: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """Why two fit: the keywords they share, the rarest first, and the wish."""

    affinity: float
    shared: tuple[str, ...]
    wish: Wish | None


class Affinity:
    """The affinity of every request with every reviewer.

    Keywords count by their rarity (logarithm of the inverse frequency among requests), and the angle between two sets
    of keywords is their affinity: whoever lists every keyword does not fit everything better.
    """

    def __init__(
        self,
        requests: Sequence[Subject],
        reviewers: Sequence[Subject],
        wishes: Mapping[tuple[Key, Key], Wish] | None = None,
    ) -> None:
        self.requests, self.reviewers, self.wishes = requests, reviewers, wishes or {}
        self.rarity = _rarity([subject.keywords for subject in requests])

    def matrix(self) -> Matrix:
        """Requests down, reviewers across."""
        words = {word: number for number, word in enumerate(sorted(self.rarity))}
        by_words = _directions(self.requests, words, self.rarity)
        matrix = (by_words @ _directions(self.reviewers, words, self.rarity).T).toarray()
        row = {subject.key: number for number, subject in enumerate(self.requests)}
        column = {subject.key: number for number, subject in enumerate(self.reviewers)}
        for (request, reviewer), wish in self.wishes.items():
            if request in row and reviewer in column:
                matrix[row[request], column[reviewer]] += wish.value
        return matrix

    def match(self, request: Subject, reviewer: Subject) -> Match:
        """Say why these two fit, or do not."""
        shared = sorted(request.keywords & reviewer.keywords, key=lambda word: (-self.rarity[word], word))
        wish = self.wishes.get((request.key, reviewer.key))
        lengths = self._length(request) * self._length(reviewer)
        common = sum(self.rarity[word] ** 2 for word in shared) / lengths if lengths else 0.0
        return Match(common + (wish.value if wish else 0.0), tuple(shared), wish)

    def _length(self, subject: Subject) -> float:
        return math.sqrt(sum(self.rarity.get(word, 0.0) ** 2 for word in sorted(subject.keywords)))


def _rarity(sets: Collection[frozenset[str]]) -> dict[str, float]:
    count: dict[str, int] = {}
    for keywords in sets:
        for word in keywords:
            count[word] = count.get(word, 0) + 1
    return {word: math.log(1 + len(sets) / times) for word, times in count.items()}


def _directions(
    subjects: Sequence[Subject], words: Mapping[str, int], rarity: Mapping[str, float]
) -> scipy.sparse.csr_array:
    rows, columns, values = [], [], []
    for number, subject in enumerate(subjects):
        known = sorted(word for word in subject.keywords if word in words)
        length = math.sqrt(sum(rarity[word] ** 2 for word in known)) or 1.0
        for word in known:
            rows.append(number)
            columns.append(words[word])
            values.append(rarity[word] / length)
    return scipy.sparse.csr_array((values, (rows, columns)), shape=(len(subjects), len(words)))
