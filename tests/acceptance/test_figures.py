"""Counting, day by day and against the campaign before."""

from __future__ import annotations

import datetime

from ops.acceptance.figures import VERDICT_WORDS, Change, Day, burn_up, compared, line, lines
from ops.acceptance.verdicts import WORST_FIRST


def _day(number: int) -> datetime.date:
    return datetime.date(2026, 11, number)


def test_every_verdict_has_words() -> None:
    assert set(VERDICT_WORDS) == set(WORST_FIRST)


def test_a_line_counts_what_has_a_verdict_and_what_passed() -> None:
    counted = line("Portal", ["passed", "passed_with_deviation", "waived", "failed", "not_run"])
    assert (counted.total, counted.ended, counted.passed) == (5, 4, 2)
    assert [value for value, _, _ in counted.seen] == [
        "passed", "passed_with_deviation", "failed", "waived", "not_run",
    ]  # fmt: skip


def test_lines_keep_the_order_in_which_names_appear() -> None:
    found = lines([("b", "passed"), ("a", "failed"), ("b", "failed")])
    assert [(each.name, each.total, each.passed) for each in found] == [("b", 2, 1), ("a", 1, 0)]


def test_burn_up_fills_quiet_days_and_lets_a_cell_fall_back() -> None:
    endings = [
        (_day(2), "a", "failed"),
        (_day(2), "b", "passed"),
        (_day(4), "a", "passed"),
        (_day(5), "b", "failed"),
    ]
    assert burn_up(endings) == [
        Day(_day(2), 2, 1), Day(_day(3), 2, 1), Day(_day(4), 2, 2), Day(_day(5), 2, 1),
    ]  # fmt: skip
    assert burn_up([]) == []


def test_two_campaigns_are_compared_and_what_became_worse_stands_first() -> None:
    before = {"A": "passed", "B": "failed", "C": "passed", "E": "passed"}
    now = {"A": "passed", "B": "passed_with_deviation", "C": "failed", "D": "passed", "E": "not_run"}
    assert [(each.case, each.change) for each in compared(before, now)] == [
        ("C", Change.BROKEN),
        ("B", Change.MENDED),
        ("A", Change.SAME),
        ("E", Change.SAME),
        ("D", Change.NEW),
    ]
    assert compared({"A": "passed"}, {})[0].change is Change.GONE
