"""Trying again: another attempt with the next number, which takes the place of the one before once it has ended."""

from __future__ import annotations

from django.db import transaction

from ops.acceptance.models import Execution
from ops.acceptance.rules import is_coordinator, is_its_tester, runs_its_campaign
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.services import create

may_repeat = is_its_tester | is_coordinator | runs_its_campaign


@transaction.atomic
def try_again(execution: Execution, *, actor: User, tester: User | None = None) -> Execution:
    """Give the same test out again, to the same person where nobody is named; the attempt before stays as it is.

    An attempt that waits already is returned, so that pressing twice is once. Raises `NotFound`, `NotAllowed`,
    and `IllegalTransition` where the attempt has not ended or its campaign does not run.
    """
    rows = Execution.objects.visible_to(actor).locked().select_related(*Execution.lock_related)
    found: Execution | None = rows.filter(pk=execution.pk).first()
    if found is None:
        raise errors.NotFound
    if not may_repeat.test(actor, found):
        raise errors.NotAllowed(
            "Only its tester and the coordinator of the campaign may have a test tried again."
        )
    if not found.has_ended:
        raise errors.IllegalTransition(f"{found} has not ended yet.")
    if found.campaign.state != found.campaign.State.RUNNING:
        raise errors.IllegalTransition(f"{found.campaign.key} is {found.campaign.state_label.lower()}.")
    waiting = found.repetitions.filter(state__in=(Execution.State.ASSIGNED, Execution.State.RUNNING)).first()
    return waiting or _repeated(found, tester or found.tester, actor)


def _repeated(execution: Execution, tester: User, actor: User) -> Execution:
    # Whoever found something may look again without asking; the automation gives the test out, and says for whom.
    data = {
        "campaign": execution.campaign.key,
        "case_version": str(execution.case_version_id),
        "environment": str(execution.environment_id),
        "tester": tester.username,
        "repeats": str(execution.pk),
    }
    why = f"{actor.name} has it tried again after attempt {execution.number}."
    return create(Execution, actor=User.objects.system(), data=data, why=why)
