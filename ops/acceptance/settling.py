"""Entry and exit criteria: named in the plan, met with evidence, or waived with a reason."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.acceptance.criteria import RULES
from ops.acceptance.models import Campaign, Criterion, Stage
from ops.acceptance.plan_forms import CriterionForm, EvidenceForm, WaiverForm, refuse_unless_valid
from ops.acceptance.planning import held
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import record

MOST_CRITERIA = 50


@transaction.atomic
def add_criterion(
    campaign: Campaign, *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> Criterion:
    """Say what must hold before the tests, or for the results to be accepted."""
    locked = held(campaign, actor, while_planning=True)
    if locked.criteria.count() >= MOST_CRITERIA:
        raise errors.GuardUnmet(f"A campaign has at most {MOST_CRITERIA} criteria.")
    form = CriterionForm(data, instance=Criterion(campaign=locked))
    refuse_unless_valid(form)
    made: Criterion = form.save()
    change = {"old": None, "new": made.sentence}
    record(locked, "add_criterion", actor=actor, changes={"criterion": change}, moment=moment)
    return made


@transaction.atomic
def add_usual_criteria(campaign: Campaign, *, actor: User, moment: datetime.datetime | None = None) -> int:
    """Add every rule that the desk can compute and that the plan has not named; return how many."""
    locked = held(campaign, actor, while_planning=True)
    named = set(locked.criteria.exclude(rule="").values_list("rule", flat=True))
    missing = [rule for rule in RULES.values() if rule.name not in named]
    Criterion.objects.bulk_create(
        Criterion(
            campaign=locked, stage=rule.stage, rule=rule.name, parameter=rule.usual, sentence=rule.said(None)
        )
        for rule in missing
    )
    if missing:
        names = [rule.said(None) for rule in missing]
        change = {"old": None, "new": names}
        record(locked, "add_criterion", actor=actor, changes={"criterion": change}, moment=moment)
    return len(missing)


@transaction.atomic
def remove_criterion(criterion: Criterion, *, actor: User) -> None:
    """Take one out of the plan."""
    locked = held(criterion.campaign, actor, while_planning=True)
    sentence = criterion.sentence
    criterion.delete()
    record(locked, "remove_criterion", actor=actor, changes={"criterion": {"old": sentence, "new": None}})


@transaction.atomic
def tick_criterion(
    criterion: Criterion, *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> Criterion:
    """Say what shows that a criterion is met; what the desk computes nobody ticks."""
    locked, row = _open_criterion(criterion, actor)
    if row.is_computed:
        raise errors.GuardUnmet("The desk computes this by itself; it can be waived, with a reason.")
    form = EvidenceForm(data, instance=row)
    refuse_unless_valid(form)
    row.met_by, row.met_at = actor, moment or timezone.now()
    form.save()
    change = {"old": None, "new": f"{row.sentence}: {row.evidence}"}
    record(locked, "tick_criterion", actor=actor, changes={"criterion": change}, moment=moment)
    return row


@transaction.atomic
def waive_criterion(
    criterion: Criterion, *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> Criterion:
    """Go on without a criterion and say why; the report says so too."""
    locked, row = _open_criterion(criterion, actor)
    form = WaiverForm(data, instance=row)
    refuse_unless_valid(form)
    row.waived_by, row.waived_at = actor, moment or timezone.now()
    form.save()
    change = {"old": None, "new": row.sentence}
    record(
        locked,
        "waive_criterion",
        actor=actor,
        changes={"criterion": change},
        reason=row.waived_because,
        moment=moment,
    )
    return row


@transaction.atomic
def reopen_criterion(criterion: Criterion, *, actor: User) -> Criterion:
    """Take back a tick or a waiver."""
    locked, row = _open_criterion(criterion, actor)
    row.met_by = row.met_at = row.waived_by = row.waived_at = None
    row.evidence = row.waived_because = ""
    row.save()
    change = {"old": row.sentence, "new": None}
    record(locked, "reopen_criterion", actor=actor, changes={"criterion": change})
    return row


def _open_criterion(criterion: Criterion, actor: User) -> tuple[Campaign, Criterion]:
    """Entry criteria are settled while the plan is made; exit criteria until the report goes out."""
    locked = held(criterion.campaign, actor, while_planning=criterion.stage == Stage.ENTRY)
    if locked.state in {"awaiting_sign_off", "signed_off", "signed_off_with_conditions", "refused"}:
        raise errors.GuardUnmet("The report is before the owners; take it back to change what it says.")
    return locked, Criterion.objects.get(pk=criterion.pk)
