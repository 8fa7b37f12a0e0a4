"""Who reviews what: limits are never broken, and what cannot be is said."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ops.allocations.mathematics.affinity import Affinity, Subject, Wish
from ops.allocations.mathematics.assignment import Panel, assign


def panel(draw: st.DrawFn, *, seed: int) -> Panel:
    chance = random.Random(seed)
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    requests, reviewers = [f"R{n}" for n in range(rows)], [f"P{n}" for n in range(columns)]
    pairs = list(itertools.product(requests, reviewers))
    forbidden = set(chance.sample(pairs, draw(st.integers(0, len(pairs) // 2))))
    return Panel(
        requests=requests,
        needed=[draw(st.integers(0, 3)) for _ in requests],
        reviewers=reviewers,
        limits=[draw(st.integers(0, 5)) for _ in reviewers],
        affinity=np.array([[chance.choice((0.0, 0.3, 0.5, 1.0, 1.4)) for _ in reviewers] for _ in requests]),
        forbidden=forbidden,
        kept=(),
    )


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    return panel(draw, seed=draw(st.integers(0, 10_000)))


@given(given=panels())
@settings(max_examples=80, deadline=None)
def test_no_limit_is_broken_and_what_cannot_be_met_is_true(given: Panel) -> None:
    answer = assign(given)
    if answer.shortages:
        assert answer.pairs == ()
        for short in answer.shortages:
            needed = dict(zip(given.requests, given.needed, strict=True))
            limits = dict(zip(given.reviewers, given.limits, strict=True))
            most = sum(
                min(limits[who], sum((request, who) not in given.forbidden for request in short.requests))
                for who in given.reviewers
            )
            assert short.needed == sum(needed[request] for request in short.requests)
            assert most <= max(short.available, 0) < short.needed or short.needed > sum(given.limits)
        return
    assert not set(answer.pairs) & set(given.forbidden)
    assert len(set(answer.pairs)) == len(answer.pairs)
    per_request, load = (Counter(pair[end] for pair in answer.pairs) for end in (0, 1))
    assert [per_request[request] for request in given.requests] == list(given.needed)
    assert all(load[who] <= most for who, most in zip(given.reviewers, given.limits, strict=True))


@given(given=panels(), chance=st.randoms())
@settings(max_examples=20, deadline=None)
def test_the_same_panel_in_any_order_has_the_same_answer(given: Panel, chance: random.Random) -> None:
    rows, columns = list(range(len(given.requests))), list(range(len(given.reviewers)))
    chance.shuffle(rows)
    chance.shuffle(columns)
    turned = Panel(
        requests=[given.requests[row] for row in rows],
        needed=[given.needed[row] for row in rows],
        reviewers=[given.reviewers[column] for column in columns],
        limits=[given.limits[column] for column in columns],
        affinity=np.asarray(given.affinity)[np.ix_(rows, columns)],
        forbidden=given.forbidden,
    )
    assert assign(turned).pairs == assign(given).pairs


@given(given=panels())
@settings(max_examples=20, deadline=None)
def test_what_was_accepted_stays_unless_a_conflict_was_found(given: Panel) -> None:
    answer = assign(given)
    assume(answer.pairs)
    kept = answer.pairs[: len(answer.pairs) // 2 + 1]
    worse = Panel(
        requests=given.requests,
        needed=given.needed,
        reviewers=given.reviewers,
        limits=given.limits,
        affinity=-np.asarray(given.affinity),
        forbidden={*given.forbidden, kept[0]},
        kept=kept,
    )
    again = assign(worse)
    if again.pairs:
        assert set(kept[1:]) <= set(again.pairs)
        assert kept[0] not in again.pairs


def test_the_match_is_the_best_there_is() -> None:
    chance = random.Random(3)
    affinity = np.array([[chance.random() for _ in range(4)] for _ in range(4)])
    answer = assign(Panel(list("abcd"), [1] * 4, list("PQRS"), [1] * 4, affinity))
    found = sum(affinity["abcd".index(str(a)), "PQRS".index(str(p))] for a, p in answer.pairs)
    best = max(sum(affinity[row, way[row]] for row in range(4)) for way in itertools.permutations(range(4)))
    assert abs(found - best) < 1e-3


def test_pairs_that_were_not_among_the_first_candidates_are_found() -> None:
    """Everybody likes the first forty; most have to take others, whom no request names among its best."""
    affinity = np.tile(np.linspace(1, 0, 120), (120, 1))
    answer = assign(
        Panel(
            [f"R{n:03}" for n in range(120)], [2] * 120, [f"P{n:03}" for n in range(120)], [2] * 120, affinity
        )
    )
    assert set(answer.load.values()) == {2}


def test_work_is_spread_when_nothing_speaks_against_it() -> None:
    answer = assign(Panel([f"R{n}" for n in range(12)], [2] * 12, list("PQRS"), [24] * 4, np.zeros((12, 4))))
    assert set(answer.load.values()) == {6}


def test_the_request_with_too_few_free_reviewers_is_named() -> None:
    answer = assign(Panel(["a", "b"], [1, 2], ["P", "Q"], [5, 5], np.zeros((2, 2)), forbidden={("b", "P")}))
    (short,) = answer.shortages
    assert (short.requests, short.reviewers, short.needed, short.missing) == (("b",), ("Q",), 2, 1)


def test_requests_that_share_too_few_reviewers_are_named_together() -> None:
    forbidden = {(request, who) for request in "ab" for who in "RS"}
    answer = assign(Panel(list("abc"), [2, 2, 2], list("PQRS"), [2, 1, 5, 5], np.zeros((3, 4)), forbidden))
    (short,) = answer.shortages
    assert (short.requests, short.reviewers, short.missing) == (("a", "b"), ("P", "Q"), 1)


def test_too_little_capacity_in_all_is_said_first() -> None:
    answer = assign(Panel(["a", "b"], [2, 2], ["P", "Q"], [1, 2], np.zeros((2, 2))))
    assert (answer.shortages[0].missing, answer.shortages[0].requests) == (1, ("a", "b"))


def test_rare_keywords_and_wishes_make_the_match() -> None:
    requests = [Subject("a", frozenset({"galaxies", "lensing"})), Subject("b", frozenset({"galaxies"}))]
    lens, galaxy = Subject("L", frozenset({"lensing"})), Subject("G", frozenset({"galaxies", "asteroids"}))
    affinity = Affinity(requests, [lens, galaxy], {("b", "L"): Wish.EAGER})
    matrix = affinity.matrix()
    assert matrix[0, 0] > matrix[0, 1] > 0
    assert matrix[1, 0] == 1
    assert abs(matrix[0, 0] - affinity.match(requests[0], lens).affinity) < 1e-9
    assert affinity.match(requests[0], galaxy).shared == ("galaxies",)
    assert affinity.match(requests[1], lens).wish is Wish.EAGER
