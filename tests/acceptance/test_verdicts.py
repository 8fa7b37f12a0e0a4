"""What attempts amount to, by hand and by the rules that must hold for any attempts."""

from __future__ import annotations

from itertools import permutations

from ops.acceptance.verdicts import (
    Attempt,
    counting,
    disagreements,
    share_passed,
    verdicts_of_cases,
    verdicts_of_cells,
    worst,
)

ANA, BEN = 1, 2


def _attempt(pk: int, state: str, *, tester: int = ANA, number: int = 1, **other: int) -> Attempt:
    return Attempt(
        pk, other.get("case", 1), other.get("environment", 1), tester, number, state, other.get("repeats")
    )


def test_the_latest_attempt_of_a_tester_counts_and_the_worst_of_the_testers() -> None:
    rows = [_attempt(1, "failed"), _attempt(2, "passed", number=2), _attempt(3, "blocked", tester=BEN)]
    assert {each.pk for each in counting(rows)} == {2, 3}
    assert verdicts_of_cells(rows) == {(1, 1): "blocked"}


def test_an_attempt_that_is_only_begun_hides_no_failure() -> None:
    rows = [_attempt(1, "failed"), _attempt(2, "running", number=2)]
    assert verdicts_of_cells(rows) == {(1, 1): "failed"}


def test_a_retest_by_somebody_else_takes_the_place_of_the_failure_once_it_has_ended() -> None:
    failed = _attempt(1, "failed")
    assert verdicts_of_cells([failed, _attempt(2, "running", tester=BEN, repeats=1)]) == {(1, 1): "failed"}
    assert verdicts_of_cells([failed, _attempt(2, "passed", tester=BEN, repeats=1)]) == {(1, 1): "passed"}


def test_a_case_is_as_good_as_its_worst_environment() -> None:
    rows = [_attempt(1, "passed"), _attempt(2, "waived", environment=2), _attempt(3, "passed", case=2)]
    cells = verdicts_of_cells(rows, [(3, 1)])
    assert verdicts_of_cases(cells, [4]) == {1: "waived", 2: "passed", 3: "not_run", 4: "not_run"}


def test_what_was_waived_or_passed_for_a_start_is_not_counted_as_passed() -> None:
    assert share_passed(["passed", "passed_with_deviation", "waived", "initial_pass"]) == 0.5
    assert share_passed([]) is None


def test_testers_disagree_where_one_passes_what_another_fails() -> None:
    rows = [_attempt(1, "passed"), _attempt(2, "failed", tester=BEN)]
    assert [each.pk for each in disagreements(rows)[1, 1]] == [1, 2]
    assert not disagreements([_attempt(1, "failed"), _attempt(2, "blocked", tester=BEN)])
    assert not disagreements([_attempt(1, "failed"), _attempt(2, "passed", number=2)])
    assert not disagreements([_attempt(1, "passed"), _attempt(2, "assigned", tester=BEN)])


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = [
        _attempt(1, "failed"), _attempt(2, "passed", number=2), _attempt(3, "failed", tester=BEN),
        _attempt(4, "passed", tester=ANA, number=3, repeats=3),
    ]  # fmt: skip
    assert {str(verdicts_of_cells(order)) for order in permutations(rows)} == {"{(1, 1): 'passed'}"}


def test_the_worst_of_nothing_is_that_nothing_was_run() -> None:
    assert worst([]) == "not_run"
    assert worst(["passed", "initial_pass"]) == "initial_pass"
