"""Plays the campaigns of the demonstration observatory: a library, one campaign signed, one that runs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops.acceptance.case_files import read_yaml, steps_text_of
from ops.acceptance.defects import report_issue
from ops.acceptance.handing_out import hand_out
from ops.acceptance.models import Campaign, Criterion, Execution, Stage, TestCase, Tester
from ops.acceptance.planning import add_environment, pin_cases, set_quotas
from ops.acceptance.recording import save_step
from ops.acceptance.recruiting import ask_people
from ops.acceptance.settling import add_criterion, add_usual_criteria, tick_criterion, waive_criterion
from ops.demonstration import script
from ops.people.models import User
from ops.workflow.services import create, edit, perform

FOLDER = script.FOLDER / "acceptance"
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)
LIBRARY_AGO = 120 * DAY
TRIAGED = "assignee"


@dataclass(frozen=True)
class Told:
    """A campaign as the file tells it."""

    name: str
    title: str
    release: str
    scope: str
    products: list[str]
    planned: float
    approved: float
    opens: float
    closes: float
    cases: list[str] | str
    environments: list[Mapping[str, str]]
    testers: Mapping[str, int]
    entry: list[Mapping[str, str]] = field(default_factory=list)
    results: list[Mapping[str, Any]] = field(default_factory=list)
    quotas: Mapping[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    done: Mapping[str, int] = field(default_factory=dict)
    previous: str = ""
    reported: float | None = None
    signed: float | None = None
    closed: float | None = None
    assessment: str = ""
    recommendations: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)


def play(people: Mapping[str, User], now: datetime.datetime) -> dict[str, Campaign]:
    """Write the library and play every campaign; return them by name."""
    coordinator = people["coordinator"]
    _write_library(coordinator, now - LIBRARY_AGO)
    made: dict[str, Campaign] = {}
    for entry in yaml.safe_load((FOLDER / "campaigns.yaml").read_text(encoding="utf-8")):
        told = Told(**entry)
        made[told.name] = _Play(told, people, now, made).campaign
    return made


def _write_library(coordinator: User, moment: datetime.datetime) -> None:
    for read in read_yaml((FOLDER / "cases.yaml").read_bytes()).cases:
        data = {"identifier": read.identifier, **read.values, "steps_text": steps_text_of(read)}
        case = create(TestCase, actor=coordinator, data=data, moment=moment)
        case = perform(case, "define", actor=coordinator, moment=moment + DAY)
        if case.priority in {"critical", "high"}:
            perform(case, "approve", actor=coordinator, moment=moment + 10 * DAY)


class _Play:
    """One campaign, from its plan to where it stands now."""

    def __init__(
        self, told: Told, people: Mapping[str, User], now: datetime.datetime, before: Mapping[str, Campaign]
    ) -> None:
        self.told, self.people, self.now = told, people, now
        self.lead = people["coordinator"]
        self.campaign = self._planned(before)
        self._recruited()
        self._run()
        if told.reported is not None:
            self._reported(told.reported)

    def ago(self, days: float) -> datetime.datetime:
        """The moment so many days ago; a negative number lies ahead."""
        return self.now - days * DAY

    def _do(self, name: str, days: float, *, by: User | None = None, reason: str = "", **data: Any) -> None:
        self.campaign = perform(
            self.campaign, name, actor=by or self.lead, data=data, reason=reason, moment=self.ago(days)
        )

    def _planned(self, before: Mapping[str, Campaign]) -> Campaign:
        told, moment = self.told, self.ago(self.told.planned)
        data = {
            "title": told.title,
            "release": told.release,
            "scope": told.scope,
            "products": ",".join(told.products),
            "opens_at": self.ago(told.opens),
            "closes_at": self.ago(told.closes),
        }
        if told.previous:
            data["previous"] = before[told.previous].key
        self.campaign = create(Campaign, actor=self.lead, data=data, moment=moment)
        for environment in told.environments:
            add_environment(self.campaign, actor=self.lead, data=environment, moment=moment + HOUR)
        cases = TestCase.objects.all()
        if told.cases != "all":
            cases = cases.filter(identifier__in=told.cases)
        pin_cases(self.campaign, actor=self.lead, cases=list(cases), moment=moment + 2 * HOUR)
        add_usual_criteria(self.campaign, actor=self.lead, moment=moment + 3 * HOUR)
        self._settle_entry()
        self._do("plan", told.planned - 1)
        self._do("make_ready", told.approved + 1)
        for _ in self._owners():
            self._do("approve", told.approved, by=next(self._owners()))
        return self.campaign

    def _owners(self) -> Iterator[User]:
        rows = self.campaign.concerned.all().unapproved().with_owner()
        yield from User.objects.filter(pk__in={row.answering for row in rows}).order_by("pk")

    def _settle_entry(self) -> None:
        moment = self.ago(self.told.planned - 0.5)
        for line in self.told.entry:
            data = {"stage": Stage.ENTRY, "sentence": line["sentence"]}
            row = add_criterion(self.campaign, actor=self.lead, data=data, moment=moment)
            if "evidence" in line:
                tick_criterion(row, actor=self.lead, data={"evidence": line["evidence"]}, moment=moment)
            else:
                waive_criterion(row, actor=self.lead, data={"waived_because": line["waived"]}, moment=moment)
        for row in Criterion.objects.filter(campaign=self.campaign, rule="cases_are_approved"):
            because = "Cases of medium and low priority are run as they are defined."
            waive_criterion(row, actor=self.lead, data={"waived_because": because}, moment=moment)
        for row in self.campaign.unsettled_entry_criteria():
            because = "Known, and looked at by the owner; the tests shall show what it touches."
            waive_criterion(row, actor=self.lead, data={"waived_because": because}, moment=moment)

    def _recruited(self) -> None:
        told, days = self.told, self.told.approved - 1
        self._do("recruit", days)
        if told.quotas:
            set_quotas(self.campaign, actor=self.lead, data=told.quotas, moment=self.ago(days))
        names = [*told.testers, *told.asked]
        asked = [self.people[name] for name in names]
        ask_people(self.campaign, actor=self.lead, people=asked, moment=self.ago(days - 0.1))
        for number, (name, capacity) in enumerate(told.testers.items(), 1):
            person, moment = self.people[name], self.ago(days - 0.4 - number * 0.2)
            tester = Tester.objects.get(campaign=self.campaign, person=person)
            data = {"agrees": True, "capacity": capacity}
            perform(tester, "consent", actor=person, data=data, moment=moment)
        hand_out(self.campaign, actor=self.lead, moment=self.ago(told.opens + 1))
        self._do("start", told.opens)

    def _run(self) -> None:
        special = {(line["case"], line.get("nth", 0)): line for line in self.told.results}
        seen: dict[str, int] = {}
        left = dict(self.told.done)
        rows = self.campaign.executions.select_related("tester", "case_version__case").order_by("pk")
        ordered = sorted(rows, key=lambda row: (not self._is_told(row, special), row.pk))
        for number, row in enumerate(ordered):
            case = row.case_version.case.identifier
            nth = seen[case] = seen.get(case, -1) + 1
            line = special.get((case, nth), {})
            if not line and self.told.done and left.get(row.tester.username, 0) <= 0:
                continue
            left[row.tester.username] = left.get(row.tester.username, 0) - 1
            self._end(row, line, self._moment(number, len(ordered)))

    def _is_told(self, row: Execution, special: Mapping[tuple[str, int], Any]) -> bool:
        return any(case == row.case_version.case.identifier for case, _ in special)

    def _moment(self, number: int, of: int) -> datetime.datetime:
        """Results come in over the days of the tests, none of them ahead."""
        begins, ends = self.ago(self.told.opens), min(self.ago(self.told.closes), self.now)
        # The first third of the days is left to those who try again.
        return begins + (ends - begins) * (0.05 + 0.6 * number / of)

    def _end(self, row: Execution, line: Mapping[str, Any], moment: datetime.datetime) -> None:
        outcome, person = line.get("outcome", "passed"), row.tester
        if outcome == "waived":
            perform(row, "waive", actor=self.lead, reason=line["reason"], moment=moment)
            return
        if outcome == "blocked":
            data = {"blocker": line["blocker"]}
            perform(row, "mark_blocked", actor=person, data=data, moment=moment)
            return
        row = self._through_the_steps(row, line, moment)
        self._say(row, outcome, line, moment + 10 * MINUTE)
        if "again" in line:
            self._try_again(row, line, moment + line["after"] * DAY)

    def _through_the_steps(
        self, row: Execution, line: Mapping[str, Any], moment: datetime.datetime
    ) -> Execution:
        for number in range(1, row.case_version.steps.count() + 1):
            is_told = line.get("step") == number
            failed = is_told and line["outcome"] in {"failed", "passed_with_deviation"}
            save_step(
                row,
                number,
                actor=row.tester,
                outcome="failed" if failed else "passed",
                actual=line["actual"] if is_told else "",
                moment=moment + number * MINUTE,
            )
        if "issue" in line:
            data = {key: value for key, value in line["issue"].items() if key == "title"}
            issue = report_issue(
                row, actor=row.tester, number=line.get("step"), data=data, moment=moment + 8 * MINUTE
            )
            self._triage(issue, line["issue"], moment + 20 * MINUTE)
        return Execution.objects.get(pk=row.pk)

    def _triage(self, issue: Any, told: Mapping[str, str], moment: datetime.datetime) -> None:
        data = {
            "assignee": "staff",
            "component": issue.component.slug if issue.component else "rsp",
            "importance": told["importance"],
            "urgency": told["urgency"],
        }
        issue = perform(issue, "triage", actor=self.people["scientist"], data=data, moment=moment)
        if self.told.reported is not None and told["importance"] != "medium":
            resolution = {"resolution_code": "fixed", "resolution_text": "Mended in the version after."}
            data = {**resolution, "skip_reason": "no_threat"}
            issue = perform(
                issue, "submit_for_review", actor=self.people["staff"], data=data, moment=moment + DAY
            )
            issue = perform(issue, "accept", actor=issue.reporter, moment=moment + 2 * DAY)
            scientist = self.people["scientist"]
            settled = {"documentation": "not_needed"}
            issue = edit(issue, actor=scientist, data=settled, moment=moment + 3 * DAY)
            perform(issue, "close", actor=scientist, moment=moment + 3 * DAY)

    def _say(self, row: Execution, outcome: str, line: Mapping[str, Any], moment: datetime.datetime) -> None:
        steps = {
            "passed": "mark_passed",
            "passed_with_deviation": "mark_deviation",
            "initial_pass": "mark_initial_pass",
            "failed": "mark_failed",
        }
        data: dict[str, Any] = {"remains": line["remains"]} if outcome == "initial_pass" else {}
        if outcome in {"failed", "passed_with_deviation"}:
            data["defects"] = [ticket.key for ticket in row.defects]
        perform(row, steps[outcome], actor=row.tester, data=data, moment=moment)

    def _try_again(self, row: Execution, line: Mapping[str, Any], moment: datetime.datetime) -> None:
        again = create(
            Execution,
            actor=self.people["system"],
            data={},
            moment=moment,
            campaign=self.campaign,
            case_version=row.case_version,
            environment=row.environment,
            tester=row.tester,
            repeats=row,
            why=f"{row.tester.name} tries again what failed.",
        )
        data = {"title": "Mended, but the message could be clearer", "importance": "low", "urgency": "low"}
        follows = {"outcome": line["again"]}
        if line["again"] == "passed_with_deviation":
            actual = "It answers now, with a message that names no position."
            follows = {**follows, "step": line["step"], "actual": actual, "issue": data}
        self._end(again, follows, moment)

    def _reported(self, days: float) -> None:
        told = self.told
        self._do("freeze", told.closes - 0.1)
        self._do("draft_report", days)
        words = {"assessment": told.assessment, "recommendations": told.recommendations}
        self.campaign = edit(self.campaign, actor=self.lead, data=words, moment=self.ago(days))
        self._do("ask_for_sign_off", days - 0.5)
        rows = self.campaign.concerned.all().with_owner()
        owners = User.objects.filter(pk__in={row.answering for row in rows}).order_by("pk")
        for owner in owners:
            conditions = told.conditions.get(owner.username, "")
            self._do(
                "sign", told.signed or days, by=owner, **({"conditions": conditions} if conditions else {})
            )
        if told.closed is not None:
            self._do("close", told.closed)
