"""The line: never beyond a capacity, the same for the same input, and the best there is."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.allocations.mathematics.line import (
    Band,
    Candidate,
    Grade,
    draw_line,
    greedy,
    hash_of,
    optimum,
    ranking,
    used,
)
from ops.allocations.mathematics.lottery import commitment_to, lot, new_seed

WIDTH = 3
amounts = st.tuples(*[st.integers(0, 400).map(lambda tenths: tenths / 10)] * WIDTH)
calls = st.tuples(
    st.lists(
        st.builds(
            Candidate,
            key=st.uuids().map(str),
            value=st.integers(100, 500).map(lambda hundredths: hundredths / 100),
            asked=amounts,
            least=st.sampled_from((100, 50, 75, 1)),
            lot=st.sampled_from("abc"),
        ),
        max_size=9,
        unique_by=lambda each: each.key,
    ),
    amounts,
)


@given(call=calls)
@settings(max_examples=40, deadline=None)
def test_no_capacity_is_exceeded_and_nothing_useless_is_given(
    call: tuple[list[Candidate], tuple[float, ...]],
) -> None:
    candidates, capacities = call
    for plan in (greedy(ranking(candidates), capacities), optimum(ranking(candidates), capacities)):
        assert (used(candidates, plan.shares, WIDTH) <= np.array(capacities) + 1e-5).all()
        for each in candidates:
            assert plan.shares[each.key] == 0 or each.least <= plan.shares[each.key] <= 100


@given(call=calls, chance=st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_same_call_in_any_order_has_the_same_line(
    call: tuple[list[Candidate], tuple[float, ...]], chance: random.Random
) -> None:
    candidates, capacities = call
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert draw_line(shuffled, capacities) == draw_line(candidates, capacities)


@given(call=calls)
@settings(max_examples=40, deadline=None)
def test_another_question_has_another_hash(call: tuple[list[Candidate], tuple[float, ...]]) -> None:
    candidates, capacities = call
    first = hash_of(candidates, capacities)
    assert hash_of(candidates, (*capacities[:-1], capacities[-1] + 0.1)) != first
    if candidates:
        assert hash_of([replace(candidates[0], value=9.0), *candidates[1:]], capacities) != first


def test_the_optimum_is_the_best_of_all_choices_of_full_and_none() -> None:
    chance = random.Random(5)
    for _ in range(12):
        order = ranking(
            [
                Candidate(f"R{n}", chance.uniform(1, 5), tuple(chance.uniform(1, 9) for _ in range(WIDTH)))
                for n in range(8)
            ]
        )
        capacities = [18.0, 15.0, 20.0]
        best = max(
            sum(each.value for each, taken in zip(order, choice, strict=True) if taken)
            for choice in itertools.product((0, 1), repeat=8)
            if all(
                sum(each.asked[at] for each, taken in zip(order, choice, strict=True) if taken)
                <= capacities[at]
                for at in range(WIDTH)
            )
        )
        found = optimum(order, capacities)
        assert best * (1 - 0.002) <= found.value <= best + 1e-9
        assert found.gap <= 0.002


def test_a_reduced_award_is_given_where_it_is_still_useful() -> None:
    useful = Candidate("useful", 4, (10.0,), least=40)
    useless = Candidate("useless", 5, (10.0,), least=60)
    plan = optimum(ranking([useful, useless]), [5.0])
    assert (plan.shares["useful"], plan.grade("useful")) == (50, Grade.REDUCED)
    assert plan.grade("useless") is Grade.NONE


def test_one_large_request_does_not_block_two_that_are_worth_more() -> None:
    large = Candidate("large", 5, (10.0,))
    small = [Candidate(f"small {n}", 4, (5.0,)) for n in range(2)]
    line = draw_line([large, *small], [10.0])
    assert [place.ranked for place in line.places] == [100, 0, 0]
    assert [place.optimal for place in line.places] == [0, 100, 100]
    assert line.last_above == 1
    assert (line.ranked.value, line.optimal.value) == (5, 8)


def test_what_a_tenth_more_or_less_would_change_is_marginal() -> None:
    candidates = [Candidate(f"R{n}", 5 - n / 10, (10.0,)) for n in range(12)]
    line = draw_line(candidates, [100.0])
    assert [place.band for place in line.places] == [Band.SAFE] * 9 + [Band.MARGINAL] * 2 + [Band.OUT]


def test_equals_stand_in_the_order_of_their_lots() -> None:
    seed = new_seed()
    equals = [Candidate(key, 3, (1.0,), lot=lot(seed, key)) for key in ("RAC-1", "RAC-2", "RAC-3")]
    first = Candidate("RAC-4", 4, (1.0,), lot=lot(seed, "RAC-4"))
    line = draw_line([*equals, first], [4.0])
    assert line.places[0].key == "RAC-4"
    assert [place.key for place in line.places[1:]] == sorted(
        (each.key for each in equals), key=lambda key: lot(seed, key)
    )
    assert [place.is_tied for place in line.places] == [False, True, True, True]
    assert commitment_to(seed) == commitment_to(seed) != commitment_to(new_seed())


def test_nothing_asked_and_nothing_there() -> None:
    assert draw_line([], [1.0]).places == ()
    assert draw_line([Candidate("a", 3, (1.0,))], [0.0]).places[0].optimal == 0


@pytest.mark.parametrize(("least", "asked"), [(0, (1.0,)), (101, (1.0,)), (50, (-1.0,))])
def test_what_makes_no_sense_is_refused(least: int, asked: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a"):
        Candidate("a", 3, asked, least)
