"""Has contenders do the same in turns, and sets the figures side by side.

Whatever else the machine does hits all of them alike: they take turns every few calls. The ratio of two medians
hardly moves when the machine is busy, while a single time may double.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from bench.contenders import Contender, Measured
from bench.databases import say

CALLS = 5
GROWTH_ALLOWED = 1.3
BY_HAND_ALLOWED = 3.0


@dataclass(frozen=True)
class Budget:
    """What one thing may cost; the design's table."""

    milliseconds: float
    queries: int
    size: int = 0


PAGE, REQUEST, SEARCH = Budget(150, 25, 150_000), Budget(60, 12), Budget(150, 12)
BUDGETS = {
    "create": REQUEST,
    "read": REQUEST,
    "list": REQUEST,
    "transition": REQUEST,
    "search, a rare word": SEARCH,
    "search, a common word": SEARCH,
    "search, two words": SEARCH,
    "search page": PAGE,
    "queue page": PAGE,
    "queue page, member": PAGE,
    "queue page, public": PAGE,
    "ticket page": PAGE,
    "board": PAGE,
    "board, member": PAGE,
}
# What stands for a deed where it is done by hand: the engine is compared with the SQL that it writes.
BY_HAND = {"create, in the engine": "create", "transition, in the engine": "transition"}
HEAD = f"{'':28}{'best':>8}{'p50':>8}{'p95':>8}{'CPU':>8}{'queries':>9}{'kB':>7}{'/ bare':>9}{'/ SQL':>8}"


@dataclass(frozen=True)
class Figures:
    """One deed, measured many times; times in milliseconds. The best is what a quiet machine would come near."""

    best: float
    p50: float
    p95: float
    processor: float
    queries: int
    size: int

    @classmethod
    def of(cls, measured: Sequence[Measured]) -> Figures:
        """Sum up what was measured."""
        times = sorted(each.seconds * 1000 for each in measured)
        return cls(
            best=times[0],
            p50=median(times),
            p95=quantiles(times, n=20)[-1],
            processor=median(each.processor for each in measured) * 1000,
            queries=max(each.queries for each in measured),
            size=max(each.size for each in measured),
        )


def _in_turns(who: Sequence[tuple[Contender, str]], rounds: int) -> list[Figures]:
    for contender, deed in who:
        contender.does(deed, 2)  # the first call reads templates, content types, plans
    taken: list[list[Measured]] = [[] for _ in who]
    for _ in range(rounds):
        for (contender, deed), measured in zip(who, taken, strict=True):
            measured.extend(contender.does(deed, CALLS))
    return [Figures.of(measured) for measured in taken]


def compared(ours: Contender, bare: Contender, sql: Contender, *, rounds: int, only: str) -> int:
    """Print the desk beside the bare application and the SQL typed by hand; 1 when a budget is broken."""
    say(HEAD)
    broken: list[str] = []
    for deed in _chosen(ours.deeds, only):
        others = [(bare, deed)] * (deed in bare.deeds) + [(sql, BY_HAND.get(deed, deed))] * (
            BY_HAND.get(deed, deed) in sql.deeds
        )
        figures, *beside = _in_turns([(ours, deed), *others], rounds)
        ratios = {
            other.name: figures.p50 / theirs.p50 for (other, _), theirs in zip(others, beside, strict=True)
        }
        say(_line(deed, figures) + "".join(_ratio(ratios.get(name)) for name in ("bare", "sql")))
        for (other, name), theirs in zip(others, beside, strict=True):
            say(_line(f"  {other.name}: {name}", theirs))
        broken += _broken(deed, figures)
        if deed == "transition, in the engine" and ratios["sql"] > BY_HAND_ALLOWED:
            broken.append(f"{deed}: {ratios['sql']:.1f} times the SQL, at most {BY_HAND_ALLOWED}")
    return _said(broken)


def grown(small: Contender, large: Contender, deeds: Iterable[str], *, rounds: int, only: str) -> int:
    """Print what becomes of the figures when the tables grow; 1 when they grow more than is allowed."""
    say(f"{'':28}{'small':>8}{'large':>8}{'growth':>9}{'queries':>9}")
    broken = []
    for deed in _chosen(deeds, only):
        before, after = _in_turns([(small, deed), (large, deed)], rounds)
        growth = after.p50 / before.p50
        say(f"{deed:28}{before.p50:8.1f}{after.p50:8.1f}{growth:9.2f}{after.queries:9}")
        if growth > GROWTH_ALLOWED:
            broken.append(f"{deed}: {growth:.2f} times as slow, at most {GROWTH_ALLOWED}")
    return _said(broken)


def _chosen(deeds: Iterable[str], only: str) -> list[str]:
    return [deed for deed in deeds if only in deed]


def _line(name: str, figures: Figures) -> str:
    queries = figures.queries or "-"
    times = f"{figures.best:8.1f}{figures.p50:8.1f}{figures.p95:8.1f}{figures.processor:8.1f}"
    return f"{name:28}{times}{queries:>9}{figures.size / 1000:7.0f}"


def _ratio(ratio: float | None) -> str:
    return f"{f'{ratio:.1f} x' if ratio else '':>8}"


def _broken(deed: str, figures: Figures) -> list[str]:
    budget = BUDGETS.get(deed)
    if budget is None:
        return []
    said = {
        f"p95 {figures.p95:.0f} ms, at most {budget.milliseconds:.0f}": figures.p95 > budget.milliseconds,
        f"{figures.queries} queries, at most {budget.queries}": figures.queries > budget.queries,
        f"{figures.size} bytes, at most {budget.size}": bool(budget.size) and figures.size > budget.size,
    }
    return [f"{deed}: {words}" for words, is_broken in said.items() if is_broken]


def _said(broken: Sequence[str]) -> int:
    for sentence in broken:
        say(f"Over budget: {sentence}.")
    return 1 if broken else 0
