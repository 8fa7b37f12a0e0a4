"""From the row of a policy to the rule that is reckoned with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.clocks.course import Rule
from ops.clocks.spans import Escalation, Span, WarningPoint

if TYPE_CHECKING:
    from ops.clocks.models import DeadlinePolicy


def read(policy: DeadlinePolicy) -> Rule:
    """A policy, ready to reckon with. Raises ValueError for one that cannot be read (see `validation`)."""
    return Rule(
        policy_id=policy.pk,
        kind=policy.kind,
        slug=policy.slug,
        name=policy.name,
        clock=policy.clock or policy.slug,
        condition={name: tuple(values) for name, values in policy.condition.items()},
        starts_in=frozenset(policy.starts_in),
        pauses_in=frozenset(policy.pauses_in),
        met_in=frozenset(policy.met_in),
        cancelled_in=frozenset(policy.cancelled_in),
        allowance=Span.parse(policy.duration) if policy.duration else None,
        due_from=policy.due_from_field,
        hours=policy.calendar.working_time(),
        calendar=policy.calendar.name,
        warnings=tuple(WarningPoint.parse(text) for text in policy.warnings),
        escalations=tuple(Escalation.read(step) for step in policy.escalations),
        action=policy.action,
        active=policy.active,
    )
