"""From the plan and the testers to executions: what is still needed, the proposal, and its carrying out."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from ops.acceptance.assignment import Demand, Given, Proposal, Room, propose
from ops.acceptance.models import Campaign, CaseVersion, Coverage, Environment, Execution, Tester
from ops.acceptance.planning import held
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create, perform, record

Moment = datetime.datetime | None
OPEN_TO_TESTS = frozenset({"recruiting", "running"})
TAKES_TESTS = ("consented", "testing", "finished")


def demands_of(campaign: Campaign) -> list[Demand]:
    """Return what the campaign still needs: every case, where it is to be run, and by how many people.

    A person who has a test of a case in an environment, run or not, counts; one who left without running it does not.
    """
    versions = (
        CaseVersion.objects.filter(pins__campaign=campaign).select_related("case").order_by("case__in_order")
    )
    environments = list(campaign.environments.order_by("pk"))
    staying = set(
        campaign.testers.filter(state__in=(*TAKES_TESTS, "thanked")).values_list("person", flat=True)
    )
    already = _already(campaign, staying)
    demands = []
    for position, version in enumerate(versions):
        wanted = campaign.testers_per_critical_case if version.is_critical else campaign.testers_per_case
        given = [len(already[version.pk, environment.pk]) for environment in environments]
        for environment, people in _places(campaign, environments, position, wanted, given):
            demands.append(
                Demand(
                    case=version.pk,
                    environment=environment.pk,
                    words=f"{version.case.identifier} in {environment.name}",
                    wanted=people,
                    is_critical=version.is_critical,
                    excluded=frozenset({version.author_id, version.case.author_id}),
                    already=already[version.pk, environment.pk],
                )
            )
    return demands


def _already(campaign: Campaign, staying: set[int]) -> Mapping[tuple[int, int], frozenset[int]]:
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows = campaign.executions.values_list("case_version", "environment", "tester", "state")
    for version, environment, tester, state in rows:
        if tester in staying or state not in {"assigned", "running"}:
            found[version, environment].add(tester)
    return defaultdict(frozenset, {cell: frozenset(people) for cell, people in found.items()})


def _places(
    campaign: Campaign, environments: Sequence[Environment], position: int, wanted: int, given: Sequence[int]
) -> list[tuple[Environment, int]]:
    """In every environment so many people, or so many in all, the environments taken in turn.

    `given` says how many have the case already, environment by environment; they keep it, whatever was planned since.
    """
    if campaign.coverage == Coverage.EVERY:
        return [(environment, wanted) for environment in environments]
    turns = list(given)
    in_turn = [(position + place) % len(environments) for place in range(len(environments))]
    while in_turn and sum(turns) < wanted:
        turns[min(in_turn, key=turns.__getitem__)] += 1
    return [(environments[at], people) for at, people in enumerate(turns) if people]


def rooms_of(campaign: Campaign) -> list[Room]:
    """Return who takes tests, with how many they have that are not ended or were run already."""
    testers = campaign.testers.filter(state__in=TAKES_TESTS).select_related("person")
    loads: dict[int, int] = defaultdict(int)
    for person in campaign.executions.values_list("tester", flat=True):
        loads[person] += 1
    return [
        Room(row.person_id, row.person.name, row.capacity, loads[row.person_id])
        for row in testers.exclude(group="automation")
    ]


def proposal_for(campaign: Campaign) -> Proposal:
    """Return who should run what is still needed; nothing is written."""
    return propose(demands_of(campaign), rooms_of(campaign))


@transaction.atomic
def hand_out(campaign: Campaign, *, actor: User, moment: datetime.datetime | None = None) -> Proposal:
    """Give out every test that is still needed and return what was given and what could not be.

    Tests of people who left without running them go to others first; where the campaign runs already, those who
    were given something are sent off at once. Pressed twice, the second finds nothing left to give.
    """
    locked = held(campaign, actor)
    if locked.state not in OPEN_TO_TESTS:
        raise errors.GuardUnmet("Tests are given out while the campaign recruits or runs.")
    # Nobody's room is counted by two at once: the campaign is locked.
    found = proposal_for(locked)
    orphans = _orphans(locked)
    environments = locked.environments.in_bulk()
    for given in found.given:
        left = orphans.get((given.case, given.environment))
        if left:
            _pass_on(left.pop(), given, actor, moment)
        else:
            _give(locked, given, environments[given.environment], actor, moment)
    if found.given:
        change = {"old": None, "new": len(found.given)}
        record(locked, "hand_out", actor=actor, changes={"tests": change}, moment=moment)
    if locked.state == Campaign.State.RUNNING:
        _send_off(locked, {given.person for given in found.given}, actor, moment)
    return found


def _orphans(campaign: Campaign) -> Mapping[tuple[int, int], list[Execution]]:
    """Tests that nobody will run any more, by case and environment."""
    left = campaign.testers.filter(state__in=("withdrawn", "declined")).values("person")
    found: dict[tuple[int, int], list[Execution]] = defaultdict(list)
    for row in campaign.executions.filter(state="assigned", tester__in=left).order_by("-pk"):
        found[row.case_version_id, row.environment_id].append(row)
    return found


def _pass_on(execution: Execution, given: Given, actor: User, moment: Moment) -> None:
    person = User.objects.get(pk=given.person)
    perform(
        execution, "reassign", actor=actor, data={"tester": person.username, "why": given.why}, moment=moment
    )


def _give(campaign: Campaign, given: Given, environment: Environment, actor: User, moment: Moment) -> None:
    chosen: dict[str, Any] = {
        "case_version_id": given.case,
        "environment": environment,
        "tester_id": given.person,
        "why": given.why,
    }
    create(Execution, actor=actor, data={}, campaign=campaign, moment=moment, **chosen)


def _send_off(campaign: Campaign, people: set[int], actor: User, moment: Moment) -> None:
    for tester in campaign.testers.filter(person__in=people, state__in=("consented", "finished")):
        perform(tester, "take_up", actor=actor, moment=moment)


def left_behind(campaign: Campaign) -> int:
    """Return how many tests are held by people who have left."""
    left = Tester.objects.filter(campaign=campaign, state__in=("withdrawn", "declined")).values("person")
    return int(campaign.executions.filter(state__in=("assigned", "running"), tester__in=left).count())
