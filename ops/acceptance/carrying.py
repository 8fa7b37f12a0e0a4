"""What remains goes on: as an issue, or as a case of the next campaign. The report says as what."""

from __future__ import annotations

from django.db import transaction

from ops.acceptance.defects import ISSUE, proposed_issue
from ops.acceptance.models import Campaign, Carried, Execution
from ops.acceptance.planning import pin_cases
from ops.acceptance.relating import relate
from ops.acceptance.rules import is_coordinator, runs_this_campaign
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow import errors, registry
from ops.workflow.services import create, record

REMAINS = frozenset({"initial_pass", "passed_with_deviation", "failed", "blocked", "waived"})

may_carry = is_coordinator | runs_this_campaign


@transaction.atomic
def carry_as_issue(execution: Execution, *, actor: User) -> Ticket:
    """Make an issue out of what remains of an attempt, linked to its campaign; one that is open already is returned.

    Raises `NotFound`, `NotAllowed`, and `IllegalTransition` where nothing remains.
    """
    found = _with_remainder(execution, actor)
    before = Ticket.objects.filter(pk__in=found.carried.values("ticket")).order_by("pk").last()
    if before is not None and not before.has_ended:
        return before
    words = found.remains or found.blocker or found.waived_because or found.comment
    proposed = proposed_issue(found, words=words)
    title = f"{found.case_version.case.identifier}: what remains of {found.campaign.key}"
    made = create(registry.model_of(ISSUE), actor=actor, data={**proposed, "title": title})
    issue = Ticket.objects.get(pk=made.pk)
    Carried.objects.create(execution=found, ticket=issue, carried_by=actor)
    relate(issue, found.campaign, actor=actor)
    _write_down(found, actor, issue)
    return issue


@transaction.atomic
def carry_to_campaign(execution: Execution, campaign: Campaign, *, actor: User) -> Campaign:
    """Have the case run again by a campaign that is still being planned, in its latest version; once.

    Raises also what choosing a case for that campaign refuses.
    """
    found = _with_remainder(execution, actor)
    if campaign.pk == found.campaign_id:
        sentence = "Name the next campaign, not this one."
        raise errors.InvalidInput(sentence, fields={"campaign": [sentence]})
    pin_cases(campaign, actor=actor, cases=[found.case_version.case])
    _, is_new = Carried.objects.get_or_create(
        execution=found, campaign=campaign, defaults={"carried_by": actor}
    )
    if is_new:
        _write_down(found, actor, campaign)
    return campaign


def _with_remainder(execution: Execution, actor: User) -> Execution:
    # Locked: whoever presses twice finds what the first press has made.
    rows = Execution.objects.visible_to(actor).locked().select_related(*Execution.lock_related)
    found: Execution | None = rows.filter(pk=execution.pk).first()
    if found is None:
        raise errors.NotFound
    refuse_unless_may_carry(found, actor)
    return found


def refuse_unless_may_carry(execution: Execution, actor: User) -> None:
    """Raise `NotAllowed`, or `IllegalTransition` where nothing remains of an attempt that the actor sees."""
    if not may_carry.test(actor, execution.campaign):
        raise errors.NotAllowed("Only the coordinator of the campaign may say what remains goes on as.")
    if execution.state not in REMAINS:
        raise errors.IllegalTransition(
            f"Nothing remains of {execution}: it is {execution.state_label.lower()}."
        )


def _write_down(execution: Execution, actor: User, target: Ticket) -> None:
    record(execution, "carry", actor=actor, changes={"goes on as": {"old": None, "new": target.key}})
