"""Scores of a panel made comparable: quality and bias told apart, with what is uncertain about both.

Calibration with confidence (MacKay, Kenna, Low, Parker 2017, R. Soc. Open Sci. 4:160760): a score is the quality of
the request plus the bias of its reviewer plus noise, whose variance falls with the reviewer's confidence. Beyond the
paper, qualities and biases are drawn to their means, as strongly as the scores themselves say (restricted maximum
likelihood), so that a request with two reviews is not first by luck, and a panel that falls into parts which share no
reviewer still has an answer. `docs/allocations.md` has the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from ops.allocations.mathematics.keys import Key

Vector = NDArray[np.float64]

# Ratios of the variance of one review's noise to that of quality and of bias which are tried. The ends keep a panel
# of three reviews from being believed entirely, or not at all.
RATIOS = tuple(2.0 ** (step / 2) for step in range(-8, 9))
STEPS = (4, 2, 1)
FEWEST_TO_NORMALISE = 3


@dataclass(frozen=True)
class Score:
    """What one reviewer said of one request, and how sure they were: 1 is usual, 4 is twice as exact."""

    request: Key
    reviewer: Key
    value: float
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not self.confidence > 0:
            raise ValueError(f"A confidence is above zero; {self.confidence} is not.")


@dataclass(frozen=True)
class Assessment:
    """What the panel says of one request, in three ways, each on the scale of the scores."""

    request: Key
    reviews: int
    raw: float
    normalised: float | None
    calibrated: float
    uncertainty: float


@dataclass(frozen=True)
class Bias:
    """How far above the panel a reviewer scores."""

    reviewer: Key
    reviews: int
    bias: float
    uncertainty: float


@dataclass(frozen=True)
class Calibration:
    """The panel's scores, compared. A request that nobody scored is not in it: no reviews, no number."""

    assessments: Mapping[Key, Assessment]
    biases: Mapping[Key, Bias]
    noise: float
    spread_of_quality: float
    spread_of_bias: float


def calibrate(scores: Iterable[Score]) -> Calibration:
    """Compare the scores of a panel; the order in which they are given does not matter."""
    ordered = sorted(scores, key=lambda score: (str(score.request), str(score.reviewer)))
    if not ordered:
        return Calibration({}, {}, 0.0, 0.0, 0.0)
    panel = _Panel(ordered)
    solution = _likeliest(panel)
    return Calibration(
        assessments=_assessments(panel, solution),
        biases=_biases(panel, solution),
        noise=math.sqrt(solution.variance),
        spread_of_quality=math.sqrt(solution.variance / solution.quality_ratio),
        spread_of_bias=math.sqrt(solution.variance / solution.bias_ratio),
    )


class _Panel:
    """The scores as arrays: which request, which reviewer, how much, how sure."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self.requests = list(dict.fromkeys(score.request for score in scores))
        self.reviewers = sorted({score.reviewer for score in scores}, key=str)
        row = {request: number for number, request in enumerate(self.requests)}
        column = {reviewer: number for number, reviewer in enumerate(self.reviewers)}
        self.of_request = np.array([row[score.request] for score in scores])
        self.of_reviewer = np.array([column[score.reviewer] for score in scores])
        self.values = np.array([score.value for score in scores], dtype=float)
        self.weights = np.array([score.confidence for score in scores], dtype=float)

    def per_request(self, of_scores: Vector) -> Vector:
        """Sum over the scores of each request."""
        return np.bincount(self.of_request, of_scores, len(self.requests)).astype(float)

    def per_reviewer(self, of_scores: Vector) -> Vector:
        """Sum over the scores of each reviewer."""
        return np.bincount(self.of_reviewer, of_scores, len(self.reviewers)).astype(float)

    @cached_property
    def shared(self) -> scipy.sparse.csr_array:
        """The weight of each reviewer in each request; the last column is the mean, which is in all of them."""
        ones = np.full(len(self.values), len(self.reviewers))
        return scipy.sparse.csr_array(
            (
                np.concatenate([self.weights, self.weights]),
                (np.tile(self.of_request, 2), np.concatenate([self.of_reviewer, ones])),
            ),
            shape=(len(self.requests), len(self.reviewers) + 1),
        )

    @cached_property
    def among_reviewers(self) -> NDArray[np.float64]:
        """The normal equations of biases and mean before the qualities are eliminated."""
        weight = self.per_reviewer(self.weights)
        matrix = np.diag(np.append(weight, weight.sum()))
        matrix[-1, :-1] = matrix[:-1, -1] = weight
        return matrix

    @cached_property
    def right_of_reviewers(self) -> Vector:
        """Their right-hand side."""
        weighted = self.weights * self.values
        return np.append(self.per_reviewer(weighted), weighted.sum())


class _Solution:
    """The least-squares solution for given strengths of shrinking, and how likely the scores are under them.

    Each request's deviation is eliminated by hand (its block is diagonal), which leaves a dense system of the size of
    the reviewers: reviewers who share a request are coupled, and in a real panel most are, soon.
    """

    def __init__(self, panel: _Panel, quality_ratio: float, bias_ratio: float) -> None:
        self.panel, self.quality_ratio, self.bias_ratio = panel, quality_ratio, bias_ratio
        self.diagonal = panel.per_request(panel.weights) + quality_ratio
        self.right = panel.per_request(panel.weights * panel.values)
        scaled = scipy.sparse.diags_array(1 / self.diagonal) @ panel.shared
        matrix = panel.among_reviewers - (panel.shared.T @ scaled).toarray()
        matrix[np.diag_indices(len(panel.reviewers))] += bias_ratio
        self.factor = scipy.linalg.cholesky(matrix, lower=True)
        self.scaled = scaled.tocsr()
        self.reviewers = scipy.linalg.cho_solve(
            (self.factor, True), panel.right_of_reviewers - self.scaled.T @ self.right
        )

    @cached_property
    def deviations(self) -> Vector:
        """How far each request lies from the panel's mean."""
        return self.right / self.diagonal - self.scaled @ self.reviewers

    @cached_property
    def variance(self) -> float:
        """The variance of the noise of a review of usual confidence."""
        panel = self.panel
        explained = self.deviations @ self.right + self.reviewers @ panel.right_of_reviewers
        left = float(panel.weights @ panel.values**2 - explained)
        return max(left, 1e-9) / max(len(panel.values) - 1, 1)

    @cached_property
    def unlikeliness(self) -> float:
        """Minus twice the logarithm of the restricted likelihood, but for what does not change."""
        panel = self.panel
        return float(
            (len(panel.values) - 1) * math.log(self.variance)
            + np.log(self.diagonal).sum()
            + 2 * np.log(np.diag(self.factor)).sum()
            - len(panel.requests) * math.log(self.quality_ratio)
            - len(panel.reviewers) * math.log(self.bias_ratio)
        )

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """Of biases and mean, in units of the noise."""
        return scipy.linalg.cho_solve((self.factor, True), np.eye(len(self.reviewers)))

    def uncertainties(self) -> Vector:
        """The standard deviation of each request's quality, given the scores."""
        along = -self.scaled.toarray()
        along[:, -1] += 1
        of_others = np.einsum("ij,ij->i", along @ self.covariance, along)
        return np.sqrt(self.variance * (1 / self.diagonal + of_others))


def _likeliest(panel: _Panel) -> _Solution:
    # Downhill on a grid of ratios, first in large steps: few solutions, and the same ones on every machine.
    at = (len(RATIOS) // 2, len(RATIOS) // 2)

    @cache
    def unlikeliness(place: tuple[int, int]) -> float:
        # The number alone is kept: the solutions of a large panel would fill a worker's memory.
        return round(_Solution(panel, RATIOS[place[0]], RATIOS[place[1]]).unlikeliness, 6)

    for step in STEPS:
        while (best := min([at, *_around(at, step)], key=unlikeliness)) != at:
            at = best
    return _Solution(panel, RATIOS[at[0]], RATIOS[at[1]])


def _around(at: tuple[int, int], step: int) -> list[tuple[int, int]]:
    places = [(at[0] - step, at[1]), (at[0] + step, at[1]), (at[0], at[1] - step), (at[0], at[1] + step)]
    return [place for place in places if all(0 <= number < len(RATIOS) for number in place)]


def _assessments(panel: _Panel, solution: _Solution) -> dict[Key, Assessment]:
    count = panel.per_request(np.ones(len(panel.values)))
    raw = panel.per_request(panel.values) / count
    normalised = _normalised(panel)
    calibrated = solution.reviewers[-1] + solution.deviations
    uncertain = solution.uncertainties()
    return {
        request: Assessment(
            request=request,
            reviews=int(count[row]),
            raw=float(raw[row]),
            normalised=None if math.isnan(normalised[row]) else float(normalised[row]),
            calibrated=float(calibrated[row]),
            uncertainty=float(uncertain[row]),
        )
        for row, request in enumerate(panel.requests)
    }


def _biases(panel: _Panel, solution: _Solution) -> dict[Key, Bias]:
    count = panel.per_reviewer(np.ones(len(panel.values)))
    uncertain = np.sqrt(solution.variance * np.diag(solution.covariance))
    return {
        reviewer: Bias(reviewer, int(count[row]), float(solution.reviewers[row]), float(uncertain[row]))
        for row, reviewer in enumerate(panel.reviewers)
    }


def _normalised(panel: _Panel) -> Vector:
    """The mean of each request's scores after every reviewer was given the panel's mean and spread.

    Whoever scored fewer than three requests, or all alike, has no spread that means anything and is left out.
    """
    count = panel.per_reviewer(np.ones(len(panel.values)))
    mean = panel.per_reviewer(panel.values) / count
    apart = panel.values - mean[panel.of_reviewer]
    spread = np.sqrt(panel.per_reviewer(apart**2) / np.maximum(count - 1, 1))
    usable = ((count >= FEWEST_TO_NORMALISE) & (spread > 1e-9))[panel.of_reviewer]
    z = np.where(usable, apart / np.where(usable, spread[panel.of_reviewer], 1), 0)
    left = panel.per_request(usable.astype(float))
    means = panel.per_request(z) / np.where(left > 0, left, np.nan)
    whole = panel.values.std(ddof=1) if len(panel.values) > 1 else 0.0
    return panel.values.mean() + whole * means
