"""What the attempts at a case amount to: one definition for criteria, dashboard, report and comparison.

A *cell* is one case in one environment. Of each tester only the latest attempt counts, and an attempt that another
one repeats (a re-test, by whomever) counts no more once that one has ended; both stay on record. The verdict of a
cell is the worst of what counts, and that of a case the worst of its cells: nothing is averaged away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

PASSED = frozenset({"passed", "passed_with_deviation"})
"""Counted as passed. What was waived never is, and an initial pass not while something remains."""
ENDED = frozenset({"passed", "passed_with_deviation", "initial_pass", "failed", "blocked", "waived"})
NOT_RUN = "not_run"
"""The verdict of what nobody was given, or nobody has ended."""
WORST_FIRST = ("failed", "blocked", NOT_RUN, "initial_pass", "waived", "passed_with_deviation", "passed")

Cell = tuple[int, int]
"""A case version and an environment, by their numbers."""


@dataclass(frozen=True)
class Attempt:
    """One execution, as far as counting needs it; case, environment and tester by their numbers."""

    pk: int
    case: int
    environment: int
    tester: int
    number: int
    state: str
    repeats: int | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it has an outcome."""
        return self.state in ENDED

    @property
    def verdict(self) -> str:
        """Its outcome, or that there is none yet."""
        return self.state if self.has_ended else NOT_RUN


def counting(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the attempts that count: the latest of each tester, unless another that has ended repeats it.

    An attempt that is only begun takes nothing away from the one before it.
    """
    known = list(attempts)
    repeated = {each.repeats for each in known if each.has_ended}
    latest: dict[tuple[int, int, int], Attempt] = {}
    for each in sorted(known, key=lambda attempt: (attempt.has_ended, attempt.number, attempt.pk)):
        latest[each.case, each.environment, each.tester] = each
    return [each for each in latest.values() if each.pk not in repeated]


def worst(verdicts: Iterable[str]) -> str:
    """Return the worst of some verdicts; of none, that nothing was run."""
    return min(verdicts, key=WORST_FIRST.index, default=NOT_RUN)


def verdicts_of_cells(attempts: Iterable[Attempt], cells: Iterable[Cell] = ()) -> Mapping[Cell, str]:
    """Return the verdict of every cell that has an attempt, and of those named besides, which may have none."""
    found: dict[Cell, list[str]] = defaultdict(list)
    for each in counting(attempts):
        found[each.case, each.environment].append(each.verdict)
    return {cell: worst(found.get(cell, ())) for cell in dict.fromkeys([*cells, *found])}


def verdicts_of_cases(cells: Mapping[Cell, str], cases: Iterable[int] = ()) -> Mapping[int, str]:
    """Return the verdict of every case, from those of its cells; a case without a cell was not run."""
    found: dict[int, list[str]] = defaultdict(list)
    for (case, _), verdict in cells.items():
        found[case].append(verdict)
    return {case: worst(found.get(case, ())) for case in dict.fromkeys([*cases, *found])}


def disagreements(attempts: Iterable[Attempt]) -> Mapping[Cell, list[Attempt]]:
    """Return the cells in which, of the attempts that count, some passed and others failed or were blocked."""
    ended: dict[Cell, list[Attempt]] = defaultdict(list)
    for each in counting(attempts):
        if each.has_ended and each.state != "waived":
            ended[each.case, each.environment].append(each)
    return {cell: each for cell, each in ended.items() if _disagree({attempt.state for attempt in each})}


def _disagree(states: Collection[str]) -> bool:
    went_well = {state for state in states if state not in {"failed", "blocked"}}
    return bool(went_well) and len(went_well) < len(states)


def share_passed(verdicts: Collection[str]) -> float | None:
    """Return which part of some verdicts counts as passed, from 0 to 1; None where there are none."""
    return sum(verdict in PASSED for verdict in verdicts) / len(verdicts) if verdicts else None
