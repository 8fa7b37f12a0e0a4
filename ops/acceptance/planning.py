"""The plan of a campaign, row by row: environments, pinned cases, quotas.

Every function locks the campaign, asks again who may, writes the row and the event in one transaction. What the
owners have approved is not changed under them: from `ready` on the plan rests until it is taken back.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from ops.acceptance.models import Campaign, Environment, PinnedCase, Quota, TestCase, TesterGroup
from ops.acceptance.order import each_in_order
from ops.acceptance.plan_forms import EnvironmentForm, QuotaForm, refuse_unless_valid
from ops.acceptance.rules import is_coordinator, runs_this_campaign
from ops.people.models import User
from ops.tickets.forms import cleaned
from ops.workflow import errors
from ops.workflow.services import record
from ops.workflow.words import who_may

MOST_CASES = 1_000
MOST_NAMED = 6  # in the history; the plan itself lists them all
MOST_ENVIRONMENTS = 20
runs_it = is_coordinator | runs_this_campaign


def held(campaign: Campaign, actor: User, *, while_planning: bool = False) -> Campaign:
    """Lock a campaign for somebody who runs it; raises `NotFound`, `NotAllowed`, and `GuardUnmet` once it is over.

    `while_planning` refuses as well what would change a plan that the owners have been given.
    """
    rows = Campaign.objects.visible_to(actor).locked().select_related("assignee")
    found: Campaign | None = rows.filter(pk=campaign.pk).first()
    if found is None:
        raise errors.NotFound
    refuse_unless_may_change(found, actor, while_planning=while_planning)
    return found


def refuse_unless_may_change(campaign: Campaign, actor: User, *, while_planning: bool = False) -> None:
    """Raise what `held` raises of a campaign that the actor sees; without its lock this is only a guess."""
    if not runs_it.test(actor, campaign):
        raise errors.NotAllowed(f"Only {who_may(runs_it)} may change {campaign.key}.")
    if while_planning and not campaign.is_being_planned:
        raise errors.GuardUnmet(
            f"The plan of {campaign.key} went to the product owners; take it back to planning to change it."
        )
    if campaign.has_ended and campaign.state not in {"signed_off", "signed_off_with_conditions"}:
        raise errors.GuardUnmet(f"{campaign.key} is {campaign.state_label.lower()}.")


@transaction.atomic
def add_environment(
    campaign: Campaign, *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> Environment:
    """Name another environment; raises `InvalidInput`."""
    locked = held(campaign, actor, while_planning=True)
    if locked.environments.count() >= MOST_ENVIRONMENTS:
        raise errors.GuardUnmet(f"A campaign has at most {MOST_ENVIRONMENTS} environments.")
    form = EnvironmentForm(data, instance=Environment(campaign=locked))
    refuse_unless_valid(form)
    made: Environment = form.save()
    change = {"old": None, "new": made.name}
    record(locked, "add_environment", actor=actor, changes={"environment": change}, moment=moment)
    return made


@transaction.atomic
def change_environment(environment: Environment, *, actor: User, data: Mapping[str, Any]) -> Environment:
    """Say it better; what stands the same is not written down."""
    locked = held(environment.campaign, actor, while_planning=True)
    before = environment.described
    form = EnvironmentForm(data, instance=environment)
    refuse_unless_valid(form)
    if form.has_changed():
        form.save()
        change = {"old": before or environment.name, "new": environment.described or environment.name}
        record(locked, "change_environment", actor=actor, changes={"environment": change})
    return environment


@transaction.atomic
def remove_environment(environment: Environment, *, actor: User) -> None:
    """Take one out of the plan."""
    locked = held(environment.campaign, actor, while_planning=True)
    if environment.executions.exists():
        raise errors.GuardUnmet(f"Tests were run in {environment}; it stays on record.")
    name = environment.name
    environment.delete()
    record(locked, "remove_environment", actor=actor, changes={"environment": {"old": name, "new": None}})


@transaction.atomic
def pin_cases(
    campaign: Campaign, *, actor: User, cases: Collection[TestCase], moment: datetime.datetime | None = None
) -> int:
    """Run the latest version of these cases; return how many were added or moved to a later version.

    A case that has no version yet is named in the refusal: what was never defined cannot be run.
    """
    locked = held(campaign, actor, while_planning=True)
    unready = each_in_order(
        case.identifier for case in cases if not case.number or case.state == case.State.RETIRED
    )
    if unready:
        raise errors.InvalidInput(
            "Please correct cases.",
            fields={"cases": [f"Not defined yet, or retired: {', '.join(unready[:10])}."]},
        )
    pinned = {pin.case_id: pin for pin in locked.pins.all()}
    if len(pinned.keys() | {case.pk for case in cases}) > MOST_CASES:
        raise errors.GuardUnmet(f"A campaign runs at most {MOST_CASES} cases.")
    latest = _latest_versions(cases)
    moved = [case for case in cases if case.pk not in pinned or pinned[case.pk].version_id != latest[case.pk]]
    PinnedCase.objects.bulk_create(
        [PinnedCase(campaign=locked, case=case, version_id=latest[case.pk]) for case in moved],
        update_conflicts=True,
        unique_fields=["campaign", "case"],
        update_fields=["version"],
    )
    if moved:
        names = [f"{case.identifier} v{case.number}" for case in moved[:MOST_NAMED]]
        if len(moved) > MOST_NAMED:
            names.append(f"{len(moved) - MOST_NAMED} more")
        change = {"old": None, "new": names}
        record(locked, "pin_cases", actor=actor, changes={"cases": change}, moment=moment)
    return len(moved)


def _latest_versions(cases: Collection[TestCase]) -> dict[int, int]:
    versions = TestCase.objects.filter(pk__in=[case.pk for case in cases]).values_list(
        "pk", "versions__number", "versions__pk"
    )
    found: dict[int, tuple[int, int]] = {}
    for case, number, version in versions:
        found[case] = max(found.get(case, (0, 0)), (number, version))
    return {case: version for case, (_, version) in found.items()}


@transaction.atomic
def unpin_case(pin: PinnedCase, *, actor: User) -> None:
    """Take a case out of the plan."""
    locked = held(pin.campaign, actor, while_planning=True)
    if locked.executions.filter(case_version__case=pin.case_id).exists():
        raise errors.GuardUnmet(f"Tests of {pin} were given out; it stays on record.")
    name = str(pin)
    pin.delete()
    record(locked, "unpin_case", actor=actor, changes={"cases": {"old": [name], "new": None}})


@transaction.atomic
def set_quotas(
    campaign: Campaign, *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> None:
    """Say how many testers are wanted from each group; a group without a number has no limit."""
    locked = held(campaign, actor)
    wanted = {name: places for name, places in cleaned(QuotaForm(data)).items() if places is not None}
    before = dict(locked.quotas.values_list("group", "places"))
    if wanted == before:
        return
    locked.quotas.all().delete()
    Quota.objects.bulk_create(Quota(campaign=locked, group=name, places=n) for name, n in wanted.items())
    change = {"old": _places_in_words(before), "new": _places_in_words(wanted)}
    record(locked, "set_quotas", actor=actor, changes={"quotas": change}, moment=moment)


def _places_in_words(quotas: Mapping[str, int]) -> list[str]:
    return [f"{TesterGroup(group).label}: {places}" for group, places in sorted(quotas.items())]
