"""The testers of a campaign: who, from where, how much each has, and what is proposed to give out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max

from ops.acceptance.assignment import Proposal
from ops.acceptance.handing_out import left_behind, proposal_for
from ops.acceptance.models import Campaign, Environment, Tester, TesterGroup
from ops.acceptance.planning import runs_it
from ops.acceptance.recruiting import RECRUITS, committee_to_ask, earlier_testers
from ops.clocks.explanation import Clock
from ops.clocks.selectors import next_deadlines
from ops.people.models import User
from ops.web.doors import SignedInRequest
from ops.workflow.models import Stateful

OPEN = ("assigned", "running")


@dataclass(frozen=True)
class Load:
    """One tester, and how far they are."""

    tester: Tester
    given: int
    running: int
    ended: int
    clock: Clock | None
    last_seen: object

    @property
    def left(self) -> int:
        """What they still have to run."""
        return self.given - self.ended

    @property
    def share(self) -> int:
        """How full they are, in per cent of what they take; more than that is shown as full."""
        return min(100, round(100 * self.given / self.tester.capacity)) if self.tester.capacity else 100


@dataclass(frozen=True)
class GroupLine:
    """A group of testers: places, asked, taking part."""

    label: str
    places: int | None
    asked: int
    taking_part: int


class Testers:
    """The load board of one campaign."""

    def __init__(self, request: SignedInRequest, campaign: Campaign) -> None:
        self.reader, self.campaign = request.user, campaign

    @cached_property
    def runs_it(self) -> bool:
        """Whether the reader runs the campaign."""
        return bool(runs_it.test(self.reader, self.campaign))

    @property
    def recruits(self) -> bool:
        """Whether testers are looked for now."""
        return self.campaign.state in RECRUITS

    @cached_property
    def _testers(self) -> list[Tester]:
        seen = Tester.objects.visible_to(self.reader).filter(campaign=self.campaign)
        return list(seen.select_related("person", "campaign"))

    @cached_property
    def loads(self) -> list[Load]:
        """Everybody who was asked: those with the most left to do first."""
        states: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for person, state in self.campaign.executions.values_list("tester", "state"):
            states[person][state] += 1
        ended = self.campaign.executions.values_list("tester").annotate(last=Max("ended_at")).order_by()
        last: dict[int, object] = dict(ended)
        rows: list[Stateful] = list(self._testers)
        clocks = next_deadlines(rows)
        found = [
            Load(
                tester=row,
                given=sum(states[row.person_id].values()),
                running=states[row.person_id]["running"],
                ended=sum(n for state, n in states[row.person_id].items() if state not in OPEN),
                clock=clocks.get(row.pk),
                last_seen=last.get(row.person_id),
            )
            for row in self._testers
        ]
        return sorted(
            found, key=lambda load: (not load.tester.phase.is_live, -load.left, load.tester.person.name)
        )

    @cached_property
    def groups(self) -> list[GroupLine]:
        """Where they come from."""
        quotas = dict(self.campaign.quotas.values_list("group", "places"))
        asked: dict[str, int] = defaultdict(int)
        taking: dict[str, int] = defaultdict(int)
        for row in self._testers:
            asked[row.group] += 1
            taking[row.group] += row.state not in {"invited", "declined", "withdrawn"}
        return [
            GroupLine(str(label), quotas.get(value), asked[value], taking[value])
            for value, label in TesterGroup.choices
            if value in quotas or asked[value]
        ]

    @cached_property
    def committee(self) -> list[User]:
        """Members of the Users Committee who were not asked yet."""
        return committee_to_ask(self.campaign) if self.runs_it and self.recruits else []

    @cached_property
    def earlier(self) -> list[User]:
        """People who tested before and were not asked yet."""
        return earlier_testers(self.campaign) if self.runs_it and self.recruits else []

    @cached_property
    def left_behind(self) -> int:
        """How many tests are held by people who have left."""
        return left_behind(self.campaign)


@dataclass(frozen=True)
class Row:
    """A case with those who run it."""

    identifier: str
    title: str
    is_critical: bool
    wanted: int
    tests: list[Place]


@dataclass(frozen=True)
class Place:
    """One test: whose it is, where, and how far."""

    name: str
    environment: str
    state: str
    phase: str
    why: str
    url: str


class Assignment:
    """Who runs what, and what is proposed for the rest."""

    def __init__(self, request: SignedInRequest, campaign: Campaign) -> None:
        self.reader, self.campaign = request.user, campaign

    @cached_property
    def may_hand_out(self) -> bool:
        """Whether the reader gives out tests now."""
        return bool(runs_it.test(self.reader, self.campaign)) and self.campaign.state in RECRUITS

    @cached_property
    def proposal(self) -> Proposal:
        """What the desk would give out now."""
        return proposal_for(self.campaign) if self.may_hand_out else Proposal()

    @cached_property
    def _people(self) -> dict[int, User]:
        return User.objects.in_bulk([given.person for given in self.proposal.given])

    @cached_property
    def _cases(self) -> dict[int, str]:
        pins = self.campaign.pins.values_list("version", "case__identifier")
        return dict(pins)

    @cached_property
    def proposed(self) -> list[Place]:
        """The proposal in names."""
        environments = Environment.objects.in_bulk([given.environment for given in self.proposal.given])
        return [
            Place(
                name=self._people[given.person].name,
                environment=f"{self._cases[given.case]} in {environments[given.environment].name}",
                state="",
                phase="",
                why=given.why,
                url="",
            )
            for given in self.proposal.given
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """Every case with its tests, by identifier."""
        tests: dict[int, list[Place]] = defaultdict(list)
        given = self.campaign.executions.select_related("tester", "environment").order_by("environment", "pk")
        for test in given:
            tests[test.case_version_id].append(
                Place(
                    name=test.tester.name,
                    environment=test.environment.name,
                    state=test.state_label,
                    phase=test.phase.value,
                    why=test.why,
                    url=test.get_absolute_url(),
                )
            )
        campaign = self.campaign
        return [
            Row(
                identifier=pin.case.identifier,
                title=pin.version.title,
                is_critical=pin.version.is_critical,
                wanted=campaign.testers_per_critical_case
                if pin.version.is_critical
                else campaign.testers_per_case,
                tests=tests[pin.version_id],
            )
            for pin in campaign.pins.select_related("case", "version")
        ]
