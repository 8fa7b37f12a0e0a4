"""The policies in force, read once and kept until somebody changes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from ops.clocks.course import Rule
from ops.clocks.models import DeadlinePolicy, Edition
from ops.clocks.spans import Escalation, Span, WarningPoint


@dataclass(frozen=True)
class Rulebook:
    """Every policy, by id and by kind and clock."""

    by_id: Mapping[int, Rule]
    by_kind: Mapping[str, Mapping[str, tuple[Rule, ...]]]

    def clocks_of(self, kind: str) -> Mapping[str, tuple[Rule, ...]]:
        """The policies of a kind, by clock, each clock's in order of precedence."""
        return self.by_kind.get(kind, {})


_read: tuple[UUID, Rulebook] | None = None


def rulebook() -> Rulebook:
    """The policies as they stand now; one short query unless they have changed since this process read
    them.
    """
    global _read  # noqa: PLW0603  # one value per process, replaced as a whole
    token = Edition.objects.values_list("token", flat=True).first()
    if _read is not None and _read[0] == token:
        return _read[1]
    book = _load()
    if token is not None:
        _read = (token, book)
    return book


def _load() -> Rulebook:
    by_id: dict[int, Rule] = {}
    by_kind: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for policy in DeadlinePolicy.objects.select_related("calendar").prefetch_related("calendar__days"):
        rule = by_id[policy.pk] = read(policy)
        clocks = by_kind.setdefault(rule.kind, {})
        clocks[rule.clock] = (*clocks.get(rule.clock, ()), rule)
    return Rulebook(by_id, by_kind)


def read(policy: DeadlinePolicy) -> Rule:
    """A policy, ready to reckon with."""
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
