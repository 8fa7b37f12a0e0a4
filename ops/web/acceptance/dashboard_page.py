"""How a campaign stands while it runs: what was run, what passed, what was found, and whether that is enough."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from ops.acceptance.criteria import Line as CriterionLine
from ops.acceptance.criteria import lines as criteria_lines
from ops.acceptance.facts import CampaignFacts
from ops.acceptance.figures import (
    VERDICT_WORDS,
    Change,
    Compared,
    Day,
    Line,
    burn_up,
    compared,
    line,
    lines,
)
from ops.acceptance.models import Aspect, Campaign, Defect, Stage
from ops.acceptance.verdicts import WORST_FIRST, Attempt, Cell, counting, disagreements, verdicts_of_cells
from ops.people.models import User
from ops.tickets.models import Priority, Ticket
from ops.web.acceptance.dashboard_rows import Bar, CaseRow, DefectRow, Dispute, Mark, Ready, Severity

MOST_CASES = 40
MOST_DEFECTS = 50
MOST_COMPARED = 40
SETTLED_BEFORE_RETEST = frozenset({"failed", "blocked", "passed_with_deviation"})


class Dashboard:
    """One campaign as it stands now, for one reader; the number of queries does not depend on its size."""

    def __init__(self, request: HttpRequest, campaign: Campaign) -> None:
        self.request, self.reader = request, request.user
        self.campaign, self.facts = campaign, CampaignFacts(campaign)

    @cached_property
    def cases(self) -> Line:
        """The cases by their verdict."""
        return line("Cases", self.facts.verdicts.values())

    @cached_property
    def attempts(self) -> Line:
        """The attempts by their outcome."""
        return line("Attempts", [each.verdict for each in self.facts.attempts])

    @property
    def overall(self) -> Bar:
        """All cells as one bar."""
        return Bar(line("Cases in environments", self.facts.cells.values()))

    @cached_property
    def _pins(self) -> Mapping[int, tuple[str, str, str, str]]:
        rows = self.campaign.pins.order_by("case__in_order").values_list(
            "version_id", "case__identifier", "version__title", "version__aspect", "version__priority"
        )
        return {version: (name, title, aspect, priority) for version, name, title, aspect, priority in rows}

    @cached_property
    def _environments(self) -> Mapping[int, str]:
        return {each.pk: each.name for each in self.facts.environments}

    @cached_property
    def people(self) -> Mapping[int, str]:
        """The names of the testers."""
        return {person.pk: person.name for person in self._people.values()}

    @cached_property
    def _people(self) -> Mapping[int, User]:
        return User.objects.in_bulk({each.tester for each in self.facts.attempts})

    @property
    def by_aspect(self) -> list[Bar]:
        """Cells by what they are about."""
        words = dict(Aspect.choices)
        pairs = [(str(words[self._pins[case][2]]), verdict) for (case, _), verdict in self._cells]
        return [Bar(each) for each in lines(sorted(pairs))]

    @property
    def by_environment(self) -> list[Bar]:
        """Cells by where they are run."""
        return [
            Bar(each)
            for each in lines((self._environments[place], verdict) for (_, place), verdict in self._cells)
        ]

    @property
    def by_tester(self) -> list[Bar]:
        """Attempts by who makes them."""
        found: dict[int, list[str]] = defaultdict(list)
        for each in self.facts.attempts:
            found[each.tester].append(each.verdict)
        bars = [
            Bar(line(self.people[person], verdicts), self._results(tester=self._people[person].username))
            for person, verdicts in found.items()
        ]
        return sorted(bars, key=lambda bar: (bar.line.name, bar.url))

    def _results(self, **asked: str) -> str:
        return f"{reverse('campaign-results', args=[self.campaign.key])}?{urlencode(asked)}"

    @property
    def _cells(self) -> Iterable[tuple[Cell, str]]:
        return [(cell, verdict) for cell, verdict in self.facts.cells.items() if cell[0] in self._pins]

    @cached_property
    def _case_rows(self) -> list[CaseRow]:
        attempts: dict[Cell, int] = defaultdict(int)
        for each in self.facts.attempts:
            attempts[each.case, each.environment] += each.has_ended
        rows = [self._case_row(version, attempts) for version in self._pins]
        return sorted(rows, key=lambda row: (WORST_FIRST.index(row.verdict), not row.is_critical))

    def _case_row(self, version: int, attempts: Mapping[Cell, int]) -> CaseRow:
        identifier, title, _, priority = self._pins[version]
        verdict = self.facts.verdicts[version]
        marks = [
            Mark(name, mark, VERDICT_WORDS[mark], attempts[version, place])
            for place, name in self._environments.items()
            if (mark := self.facts.cells.get((version, place)))
        ]
        return CaseRow(
            identifier, title, priority == "critical", verdict, VERDICT_WORDS[verdict], marks,
            version in self.facts.disputed, self._results(case=identifier),
        )  # fmt: skip

    @property
    def case_rows(self) -> list[CaseRow]:
        """The cases, those first that went worst, as many as a page holds."""
        return self._case_rows[:MOST_CASES]

    @property
    def more_cases(self) -> int:
        """How many are not shown."""
        return len(self._case_rows) - len(self.case_rows)

    @cached_property
    def disputes(self) -> list[Dispute]:
        """Where testers disagree."""
        return [self._dispute(cell, found) for cell, found in disagreements(self.facts.attempts).items()]

    def _dispute(self, cell: Cell, attempts: Sequence[Attempt]) -> Dispute:
        outcomes = [(self.people[each.tester], each.state, VERDICT_WORDS[each.state]) for each in attempts]
        return Dispute(self._pins[cell[0]][0], self._environments[cell[1]], outcomes)

    @cached_property
    def days(self) -> list[Day]:
        """How many cells had a verdict, and how many passed, day by day."""
        rows = self.campaign.executions.exclude(ended_at=None).order_by("ended_at", "pk")
        known = {each.pk: each for each in self.facts.attempts}
        ended = [(at, known[pk]) for pk, at in rows.values_list("pk", "ended_at") if pk in known]
        return burn_up(_verdicts_in_time(ended))

    @cached_property
    def _seen(self) -> Mapping[int, Ticket]:
        found = Ticket.objects.visible_to(self.reader).filter(defects__execution__campaign=self.campaign.pk)
        return {ticket.pk: ticket for ticket in found.distinct()}

    @cached_property
    def _defects(self) -> Mapping[int, list[int]]:
        rows = Defect.objects.filter(execution__campaign=self.campaign.pk).order_by("pk")
        found: dict[int, list[int]] = defaultdict(list)
        for ticket, execution in rows.values_list("ticket_id", "execution_id"):
            found[ticket].append(execution)
        return found

    @cached_property
    def defect_rows(self) -> list[DefectRow]:
        """The issues that the reader sees, the gravest and open ones first."""
        known = {each.pk: each for each in self.facts.attempts}
        rows = []
        for number, executions in self._defects.items():
            if number in self._seen:
                cases = [self._pins[known[each].case][0] for each in executions if each in known]
                rows.append(DefectRow(self._seen[number], list(dict.fromkeys(cases))))
        rows.sort(key=lambda row: (row.ticket.has_ended, row.ticket.priority_rank, row.ticket.pk))
        return rows[:MOST_DEFECTS]

    @property
    def severities(self) -> list[Severity]:
        """The issues by severity, counted over all of them."""
        found = []
        for value, words in (*Priority.choices, ("", "Not set")):
            of_it = [each for each in self.facts.defects if each.priority == value]
            settled = sum(each.has_ended for each in of_it)
            if of_it:
                found.append(Severity(value, str(words), len(of_it) - settled, settled))
        return found

    @cached_property
    def ready_again(self) -> list[Ready]:
        """What failed, counts, and of which every issue is settled now."""
        if self.campaign.state != Campaign.State.RUNNING:
            return []
        issues: dict[int, list[Ticket]] = defaultdict(list)
        by_number = {ticket.pk: ticket for ticket in self.facts.defects}
        for ticket, executions in self._defects.items():
            for execution in dict.fromkeys(executions):
                issues[execution].append(by_number[ticket])
        repeated = {each.repeats for each in self.facts.attempts}
        return [
            self._ready(each, issues[each.pk])
            for each in counting(self.facts.attempts)
            if each.state in SETTLED_BEFORE_RETEST
            and each.pk not in repeated
            and self._is_settled(issues[each.pk])
        ]

    @staticmethod
    def _is_settled(issues: Sequence[Ticket]) -> bool:
        return bool(issues) and all(issue.has_ended for issue in issues)

    def _ready(self, attempt: Attempt, issues: Sequence[Ticket]) -> Ready:
        keys = [issue.key for issue in issues if issue.pk in self._seen]
        place = self._environments[attempt.environment]
        return Ready(attempt.pk, self._pins[attempt.case][0], place, self.people[attempt.tester], keys)

    @cached_property
    def exit_criteria(self) -> list[CriterionLine]:
        """The exit criteria as they stand now."""
        rows = self.campaign.criteria.filter(stage=Stage.EXIT).select_related("waived_by")
        return criteria_lines(self.campaign, rows, self.facts)

    @property
    def is_enough(self) -> bool:
        """Whether every exit criterion is met or waived."""
        return bool(self.exit_criteria) and all(each.is_settled for each in self.exit_criteria)

    @cached_property
    def comparison(self) -> list[Compared]:
        """The cases against the campaign before."""
        before = self.campaign.previous
        if before is None or not Campaign.objects.visible_to(self.reader).filter(pk=before.pk).exists():
            return []
        facts = CampaignFacts(before)
        then = {case.identifier: facts.verdicts[case.version] for case in facts.cases}
        now = {case.identifier: self.facts.verdicts[case.version] for case in self.facts.cases}
        return compared(then, now)

    @property
    def changes(self) -> list[tuple[str, int]]:
        """How many cases changed in which way."""
        return [(each.value, sum(one.change is each for one in self.comparison)) for each in Change]

    @property
    def notable(self) -> list[Compared]:
        """The cases that are worse or better than last time."""
        moved = [each for each in self.comparison if each.change in {Change.BROKEN, Change.MENDED}]
        return moved[:MOST_COMPARED]

    @property
    def is_live(self) -> bool:
        """Whether the page asks again by itself."""
        return self.campaign.state == Campaign.State.RUNNING

    @property
    def active(self) -> int:
        """How many people have ended something."""
        return len({each.tester for each in self.facts.attempts if each.has_ended})


def _verdicts_in_time(
    ended: Iterable[tuple[datetime.datetime, Attempt]],
) -> Iterable[tuple[datetime.date, Cell, str]]:
    so_far: dict[Cell, list[Attempt]] = defaultdict(list)
    for at, attempt in ended:
        cell = attempt.case, attempt.environment
        so_far[cell].append(attempt)
        yield at.astimezone(datetime.UTC).date(), cell, verdicts_of_cells(so_far[cell])[cell]
