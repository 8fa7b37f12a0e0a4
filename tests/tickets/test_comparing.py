"""What two texts have in common, told in bounded time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.tickets.comparing import MOST_PAIRS, shared_runs

TEXTS = st.lists(st.sampled_from("abc"), max_size=30)


@given(TEXTS, TEXTS)
def test_what_is_shared_stands_in_both_and_in_order(one: list[str], other: list[str]) -> None:
    at = at_other = 0
    for start, start_other, length in shared_runs(one, other):
        assert one[start : start + length] == other[start_other : start_other + length]
        assert (start >= at, start_other >= at_other) == (True, True)
        at, at_other = start + length, start_other + length
    assert (at <= len(one), at_other <= len(other)) == (True, True)


def test_the_same_is_shared_whole_however_often_it_stands_there() -> None:
    same = ["so"] * MOST_PAIRS
    assert shared_runs(same, same) == [(0, 0, MOST_PAIRS)]


def test_of_endless_repetition_beginning_and_end_are_told_and_nobody_waits() -> None:
    one, other = ["begin", *"ab" * 5_000, "end"], ["begin", *"ba" * 7_000, "end"]
    assert shared_runs(one, other) == [(0, 0, 1), (10_001, 14_001, 1)]
