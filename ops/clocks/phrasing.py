"""What a policy does, as a few sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ops.clocks import registry, validation, words
from ops.clocks.course import Rule
from ops.clocks.reading import read
from ops.clocks.registry import Adapter

if TYPE_CHECKING:
    from ops.clocks.models import DeadlinePolicy


def in_words(policy: DeadlinePolicy) -> str:
    """What a policy does, or why it does nothing, for everybody to read."""
    if wrong := validation.problems(policy):
        return f"Never applies: {' '.join(sentence for _, sentence in wrong)}"
    rule = read(policy)
    adapter = registry.adapter_for(policy.kind)
    parts = [
        f"{_start(rule, adapter)}.",
        *_moves(rule, adapter),
        *_deeds(rule, adapter),
    ]
    return " ".join(parts)


def _states(states: Iterable[str], adapter: Adapter) -> str:
    order = list(adapter.states)
    known = sorted(states, key=lambda state: order.index(state) if state in order else len(order))
    return words.listed([words.inside(adapter.states.get(state, state)) for state in known], "or")


def _start(rule: Rule, adapter: Adapter) -> str:
    subject = f"{rule.kind} that is {_states(rule.starts_in, adapter)}"
    conditions = [
        f"{name.replace('_', ' ')} {words.listed([str(value) for value in values], 'or')}"
        for name, values in sorted(rule.condition.items())
    ]
    condition = f" with {words.listed(conditions)}" if conditions else ""
    if rule.allowance is None:
        field = adapter.moments.get(rule.due_from, rule.due_from)
        return f"For every {subject}{condition}, it is due at the moment given as “{field}”"
    length = words.span(rule.allowance, rule.hours)
    counted = words.counted_in(rule.hours, rule.calendar)
    return f"For every {subject}{condition}, it is due within {length}, counted {counted}"


def _moves(rule: Rule, adapter: Adapter) -> Iterator[str]:
    for verb, states in (
        ("Pauses while", rule.pauses_in),
        ("Is met when", rule.met_in),
        ("Is cancelled when", rule.cancelled_in),
    ):
        if states:
            yield f"{verb} {_states(states, adapter)}."


def _deeds(rule: Rule, adapter: Adapter) -> Iterator[str]:
    if rule.warnings:
        shares = [f"{warning.percent} %" for warning in rule.warnings if warning.before is None]
        leads = [str(warning) for warning in rule.warnings if warning.before is not None]
        times = [f"at {words.listed(shares)} of the time"] * bool(shares) + leads
        yield f"Warns those who hold it {words.listed(times)}."
    if rule.action:
        yield f"When due, the desk acts by itself: {adapter.actions.get(rule.action, rule.action)}."
    for step in rule.escalations:
        audience = adapter.audiences.get(step.to, step.to)
        when = (
            "As soon as"
            if not step.after.amount
            else f"{words.span(step.after, rule.hours).capitalize()} after"
        )
        yield f"{when} it has run out, tells {audience}."
    if not rule.active:
        yield "It is switched off."
