"""What is wrong with a policy: asked when it is typed, and by `manage.py check --database default` ever
after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from ops.clocks import registry
from ops.clocks.registry import ANY, Adapter
from ops.clocks.spans import Escalation, Span, WarningPoint
from ops.clocks.words import listed

if TYPE_CHECKING:
    from ops.clocks.models import DeadlinePolicy

T = TypeVar("T")
Problem = tuple[str, str]
"""The field, and a sentence that says what is wrong and what would be right."""

STATE_FIELDS = ("starts_in", "pauses_in", "met_in", "cancelled_in")


def problems(policy: DeadlinePolicy) -> list[Problem]:
    """Everything that keeps a policy from being read or from ever applying."""
    found = [*_unreadable(policy)]
    try:
        adapter = registry.adapter_for(policy.kind)
    except LookupError:
        kinds = listed(list(registry.kinds()), "or") or "none yet"
        return [*found, ("kind", f"Nothing is called “{policy.kind}”; write {kinds}.")]
    return [
        *found,
        *_states(policy, adapter),
        *_condition(policy, adapter),
        *_names(policy, adapter),
    ]


def shadowed(policies: Iterable[DeadlinePolicy]) -> Iterator[tuple[DeadlinePolicy, DeadlinePolicy]]:
    """Pairs of (policy that never counts, the policy of the same clock that always comes before it).

    Expects the policies in order of precedence, readable ones only.
    """
    earlier: list[DeadlinePolicy] = []
    for policy in policies:
        if not policy.active:
            continue
        for other in earlier:
            if (other.kind, other.clock) == (policy.kind, policy.clock) and _covers(other, policy):
                yield policy, other
                break
        earlier.append(policy)


def _covers(wide: DeadlinePolicy, narrow: DeadlinePolicy) -> bool:
    if wide.due_from_field and wide.due_from_field != narrow.due_from_field:
        return False
    return all(
        name in narrow.condition and all(value in values for value in narrow.condition[name])
        for name, values in wide.condition.items()
    )


def _unreadable(policy: DeadlinePolicy) -> Iterator[Problem]:
    try:
        if policy.calendar_id:
            policy.calendar.working_time()
    except Exception as problem:  # noqa: BLE001  # whatever a hand in the database has written there
        yield "calendar", f"The calendar cannot be read: {problem}"
    if bool(policy.duration) == bool(policy.due_from_field):
        yield "duration", "Give either a duration or the field that says when it is due, not both."
    if policy.duration:
        yield from _unread("duration", [policy.duration], Span.parse)
    if re.fullmatch(r"\s*0+\b.*", policy.duration):
        yield "duration", "A duration of nothing is over before it begins."
    yield from _unread("warnings", policy.warnings, WarningPoint.parse)
    steps = policy.escalations
    if not isinstance(steps, list):
        yield "escalations", "The escalation steps are a list."
        return
    yield from _unread("escalations", steps, Escalation.read)
    twice = [step for index, step in enumerate(steps) if step in steps[:index]]
    for step in twice:
        yield "escalations", f"“{step}” stands there twice."


def _unread(field: str, stored: Iterable[T], parse: Callable[[T], object]) -> Iterator[Problem]:
    for item in stored:
        try:
            parse(item)
        except ValueError as problem:
            yield field, str(problem)


def _states(policy: DeadlinePolicy, adapter: Adapter) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for field in STATE_FIELDS:
        for state in getattr(policy, field):
            if state not in adapter.states:
                known = listed(adapter.states, "or")
                yield field, f"“{state}” is not a state of {policy.kind}; write {known}."
            elif state in seen:
                yield field, f"“{state}” stands in “{_label(seen[state])}” too: it can do one thing only."
            else:
                seen[state] = field
    starts = set(policy.starts_in)
    if not starts:
        yield "starts_in", "Name at least one state in which it starts."
    elif starts <= set(adapter.final_states):
        yield "starts_in", f"Nothing leaves {listed(sorted(starts))}, so there is nothing left to wait for."


def _condition(policy: DeadlinePolicy, adapter: Adapter) -> Iterator[Problem]:
    if not isinstance(policy.condition, Mapping):
        yield "condition", 'A condition names fields and their values: {"priority": ["critical"]}.'
        return
    for name, values in policy.condition.items():
        if name not in adapter.facts:
            known = listed(list(adapter.facts), "or") or "none"
            yield "condition", f"“{name}” is nothing to ask of {policy.kind}; write {known}."
            continue
        if not isinstance(values, list) or not values:
            yield "condition", f"“{name}” needs a list with at least one value, or the policy never applies."
            continue
        known_values = adapter.facts[name]
        if known_values is not ANY and not any(value in known_values for value in values):
            choices = listed([str(value) for value in known_values], "or")
            yield "condition", f"“{name}” is never {listed([str(v) for v in values], 'or')}; it is {choices}."


def _names(policy: DeadlinePolicy, adapter: Adapter) -> Iterator[Problem]:
    if policy.due_from_field and policy.due_from_field not in adapter.moments:
        known = listed(list(adapter.moments), "or") or "none"
        yield (
            "due_from_field",
            f"“{policy.due_from_field}” does not say when something is due; {known} would.",
        )
    if policy.action and policy.action not in adapter.actions:
        known = listed(list(adapter.actions), "or") or "none"
        yield "action", f"The desk cannot “{policy.action}” by itself; it can {known}."
    for stored in policy.escalations if isinstance(policy.escalations, list) else ():
        to = stored.get("to") if isinstance(stored, dict) else None
        if to and to not in adapter.audiences:
            known = listed(list(adapter.audiences), "or") or "none"
            yield "escalations", f"Nobody is called “{to}”; write {known}."


def _label(field: str) -> str:
    return field.replace("_", " ")
