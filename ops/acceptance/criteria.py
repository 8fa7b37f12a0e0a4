"""Entry and exit criteria that the desk computes by itself, each with the words that say why.

A rule is a function of the facts of a campaign and of a number; what no rule can know is a criterion that somebody
ticks, with evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ops.acceptance.facts import CampaignFacts
from ops.acceptance.models.plan import Criterion, Stage
from ops.acceptance.verdicts import PASSED

MOST_NAMED = 6


@dataclass(frozen=True)
class Finding:
    """Whether something holds now, and what shows it."""

    is_met: bool
    words: str


@dataclass(frozen=True)
class Rule:
    """Something that the desk computes; `sentence` may name the number as `{n}`."""

    name: str
    stage: Stage
    sentence: str
    find: Callable[[CampaignFacts, int], Finding]
    usual: int | None = None

    def said(self, number: int | None) -> str:
        """Return what must hold, in words."""
        return self.sentence.format(n=number if number is not None else self.usual)


@dataclass(frozen=True)
class Line:
    """A criterion as it stands now."""

    criterion: Criterion
    is_met: bool
    words: str

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.is_met or self.criterion.is_waived


RULES: dict[str, Rule] = {}


def rule(stage: Stage, sentence: str, *, usual: int | None = None) -> Callable[[Any], Any]:
    """Enter a function of facts and a number into the list of rules, under its own name."""

    def entered(find: Callable[[CampaignFacts, int], Finding]) -> Callable[[CampaignFacts, int], Finding]:
        RULES[find.__name__] = Rule(find.__name__, stage, sentence, find, usual)
        return find

    return entered


def lines(campaign: Any, criteria: Iterable[Criterion], facts: CampaignFacts | None = None) -> list[Line]:
    """Return how criteria of one campaign stand now; the number of queries does not depend on how many."""
    known = facts or CampaignFacts(campaign)
    return [_line(criterion, known) for criterion in criteria]


def unsettled(campaign: Any, criteria: Iterable[Criterion]) -> list[Criterion]:
    """Return the criteria that are neither met nor waived."""
    return [line.criterion for line in lines(campaign, criteria) if not line.is_settled]


def _line(criterion: Criterion, facts: CampaignFacts) -> Line:
    if not criterion.is_computed:
        return Line(criterion, criterion.met_at is not None, criterion.evidence or "Not ticked yet.")
    known = RULES.get(criterion.rule)
    if known is None:
        words = f"Nothing computes “{criterion.rule}” any more; waive it, or write another."
        return Line(criterion, is_met=False, words=words)
    number = criterion.parameter if criterion.parameter is not None else known.usual or 0
    found = known.find(facts, number)
    return Line(criterion, found.is_met, found.words)


def _all_but(missing: Sequence[str], good: str, bad: str) -> Finding:
    if not missing:
        return Finding(is_met=True, words=good)
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    return Finding(is_met=False, words=f"{bad}: {', '.join(missing[:MOST_NAMED])}{more}.")


@rule(Stage.ENTRY, "Every case is approved")
def cases_are_approved(facts: CampaignFacts, _: int) -> Finding:
    """Nobody runs what the owner of the product has not read."""
    missing = [case.words for case in facts.cases if not case.is_approved]
    return _all_but(missing, f"All {len(facts.cases)} are.", "Only defined, not approved")


@rule(Stage.ENTRY, "Every environment says its software version and data release")
def environments_are_described(facts: CampaignFacts, _: int) -> Finding:
    """A result can be repeated only where it is known what was tested."""
    missing = [each.name for each in facts.environments if not (each.software_version and each.data_release)]
    return _all_but(missing, "All do.", "Something is missing of")


@rule(Stage.ENTRY, "No critical issue about these products is open")
def no_critical_issue_is_open(facts: CampaignFacts, _: int) -> Finding:
    """What is known to be broken need not be tested."""
    return _all_but(facts.critical_issues, "None is.", "Open")


@rule(Stage.EXIT, "Every critical case passed")
def critical_cases_passed(facts: CampaignFacts, _: int) -> Finding:
    """Of every attempt that counts, by every tester."""
    critical = [case for case in facts.cases if case.is_critical]
    missing = [case.words for case in critical if facts.verdicts[case.version] not in PASSED]
    return _all_but(
        missing, f"All {len(critical)} did." if critical else "No case is critical.", "Not passed"
    )


@rule(Stage.EXIT, "At least {n} % of the cases passed", usual=95)
def share_of_cases_passed(facts: CampaignFacts, percent: int) -> Finding:
    """Counted over all cases of the campaign, also those that nobody has run."""
    total = len(facts.cases)
    passed = sum(facts.verdicts[case.version] in PASSED for case in facts.cases)
    # Compared as whole numbers: 19 of 20 are 95 %, whatever a division makes of it.
    # Told rounded down: what is not enough must not read as if it were.
    tenths = 1000 * passed // total if total else 0
    words = f"{passed} of {total}, {tenths // 10}.{tenths % 10} %." if total else "There are no cases."
    return Finding(bool(total) and 100 * passed >= percent * total, words)


@rule(Stage.EXIT, "Every case was run")
def every_case_was_run(facts: CampaignFacts, _: int) -> Finding:
    """Every test that was given out has an outcome, and every case has one."""
    missing = [case.words for case in facts.cases if case.version in facts.not_run]
    return _all_but(missing, f"All {len(facts.cases)} were.", "Still to be run")


@rule(Stage.EXIT, "No blocker is open")
def no_blocker_is_open(facts: CampaignFacts, _: int) -> Finding:
    """Neither a case that cannot be run nor a critical issue found by the tests."""
    blocked = [case.words for case in facts.cases if facts.verdicts[case.version] == "blocked"]
    return _all_but([*blocked, *facts.open_critical_defects], "None is.", "Open")


@rule(Stage.EXIT, "At most {n} issues found by the tests are open", usual=10)
def few_defects_are_open(facts: CampaignFacts, most: int) -> Finding:
    """Whatever their priority."""
    count = len(facts.open_defects)
    return Finding(count <= most, f"{count} {'is' if count == 1 else 'are'} open.")


@rule(Stage.EXIT, "Independent testers agree")
def testers_agree(facts: CampaignFacts, _: int) -> Finding:
    """Where some passed and others failed, somebody has to find out why."""
    missing = [case.words for case in facts.cases if case.version in facts.disputed]
    return _all_but(missing, "They do.", "Some passed and others did not")
