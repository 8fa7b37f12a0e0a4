"""Scores made comparable: what the method must do on any panel."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.allocations.mathematics.calibration import Score, calibrate


def panel(requests: int, reviewers: int, each: int, *, seed: int = 1, bias: float = 1.0) -> list[Score]:
    """A panel whose qualities and biases are known: `q(n)` for request n."""
    chance = random.Random(seed)
    biases = [chance.gauss(0, bias) for _ in range(reviewers)]
    return [
        Score(f"R{number}", f"P{who}", quality(number) + biases[who] + chance.gauss(0, 0.3))
        for number in range(requests)
        for who in chance.sample(range(reviewers), each)
    ]


def quality(number: int) -> float:
    return 3 + (number * 7 % 11 - 5) / 5


scores = st.lists(
    st.builds(
        Score,
        request=st.sampled_from("abcdef"),
        reviewer=st.sampled_from("STUVW"),
        value=st.integers(10, 50).map(lambda tenths: tenths / 10),
        confidence=st.sampled_from((0.25, 1.0, 4.0)),
    ),
    max_size=25,
    unique_by=lambda score: (score.request, score.reviewer),
)


@given(given=scores, chance=st.randoms())
@settings(max_examples=25, deadline=None)
def test_every_scored_request_has_numbers_and_no_other_whatever_the_order(
    given: list[Score], chance: random.Random
) -> None:
    calibration = calibrate(given)
    assert set(calibration.assessments) == {score.request for score in given}
    assert all(each.uncertainty > 0 for each in calibration.assessments.values())
    shuffled = list(given)
    chance.shuffle(shuffled)
    assert calibrate(shuffled) == calibration


@given(given=scores, by=st.integers(-3, 3))
@settings(max_examples=20, deadline=None)
def test_another_origin_of_the_scale_moves_every_number_by_as_much(given: list[Score], by: int) -> None:
    before = calibrate(given).assessments
    after = calibrate([replace(score, value=score.value + by) for score in given]).assessments
    for request, each in before.items():
        assert after[request].calibrated == pytest.approx(each.calibrated + by, abs=1e-4)
        assert after[request].uncertainty == pytest.approx(each.uncertainty, abs=1e-4)


def test_a_constant_added_to_all_that_one_reviewer_said_changes_little() -> None:
    given = panel(30, 8, 4)
    moved = [replace(score, value=score.value + 1) if score.reviewer == "P3" else score for score in given]
    before, after = calibrate(given).assessments, calibrate(moved).assessments
    by_raw = [after[request].raw - each.raw for request, each in before.items()]
    by_calibrated = [after[request].calibrated - each.calibrated for request, each in before.items()]
    assert max(by_raw) - min(by_raw) == pytest.approx(0.25)
    # All rise together by an eighth, since nobody can tell one high reviewer from seven low ones.
    assert max(by_calibrated) - min(by_calibrated) < 0.03
    assert max(by_calibrated) == pytest.approx(1 / 8, abs=0.03)


def test_the_order_of_the_qualities_is_found_again_where_biases_hide_it() -> None:
    given = panel(33, 9, 4, bias=1.5)
    found = calibrate(given).assessments

    def misplaced(numbers: Sequence[float]) -> int:
        return sum(
            quality(one) > quality(other) + 0.01 and numbers[one] < numbers[other]
            for one in range(33)
            for other in range(33)
        )

    calibrated = misplaced([found[f"R{number}"].calibrated for number in range(33)])
    raw = misplaced([found[f"R{number}"].raw for number in range(33)])
    assert calibrated < 0.35 * raw


def test_the_truth_lies_within_the_uncertainty_as_often_as_it_says() -> None:
    truth, within = 0, 0
    for seed in range(20):
        found = calibrate(panel(22, 8, 4, seed=seed))
        for number in range(22):
            each = found.assessments[f"R{number}"]
            truth += 1
            within += abs(each.calibrated - quality(number) - _offset(found)) < 2 * each.uncertainty
    assert 0.9 < within / truth <= 1


def _offset(found: object) -> float:
    # Biases are told apart up to a constant, which nobody can know from scores.
    assessments = getattr(found, "assessments")  # noqa: B009
    return sum(each.calibrated - quality(int(str(key)[1:])) for key, each in assessments.items()) / len(
        assessments
    )


def test_confidence_counts() -> None:
    background = panel(20, 6, 3)
    sure = [Score("X", "P0", 5, 4.0), Score("X", "P1", 1, 0.25)]
    unsure = [Score("X", "P0", 5, 0.25), Score("X", "P1", 1, 4.0)]
    high, low = (calibrate([*background, *pair]).assessments["X"].calibrated for pair in (sure, unsure))
    assert high > low + 1


def test_few_reviews_are_drawn_to_the_mean_and_known_less_well() -> None:
    given = panel(24, 8, 4)
    two = [Score("few", "P0", 5), Score("few", "P1", 5)]
    six = [Score("many", f"P{who}", 5) for who in range(6)]
    found = calibrate([*given, *two, *six]).assessments
    assert found["few"].raw == found["many"].raw == 5
    assert found["few"].calibrated < found["many"].calibrated
    assert found["few"].uncertainty > found["many"].uncertainty


def test_panels_that_share_no_reviewer_have_an_answer_of_wider_uncertainty() -> None:
    whole = calibrate([Score(f"R{n}", f"P{n % 4}{m}", 3 + n % 3) for n in range(12) for m in range(3)])
    assert len(whole.assessments) == 12
    lonely = calibrate([*panel(20, 6, 4), Score("alone", "stranger", 5)])
    assert lonely.assessments["alone"].uncertainty > 1.5 * lonely.assessments["R1"].uncertainty


def test_a_reviewer_with_too_few_scores_has_none_normalised() -> None:
    found = calibrate([Score("a", "P", 4), Score("b", "P", 2), Score("a", "Q", 5)]).assessments
    assert found["a"].normalised is None
    assert found["a"].raw == 4.5


def test_all_alike_is_all_alike() -> None:
    found = calibrate([Score(request, who, 3) for request in "abc" for who in "PQ"]).assessments
    assert {round(each.calibrated, 6) for each in found.values()} == {3}


def test_a_confidence_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Score("a", "P", 3, 0)
