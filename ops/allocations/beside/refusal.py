"""How a value kept in rows is refused, and how its change stands in the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops.workflow.errors import InvalidInput

Change = dict[str, Any] | None


def refused(name: str, sentences: Sequence[str]) -> InvalidInput:
    """Return the refusal of one value."""
    return InvalidInput(f"Please correct {name.replace('_', ' ')}.", fields={name: list(sentences)})


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """Return the change of values by name, in words; None where there is none."""
    if before == after:
        return None
    old, new = ([f"{name}: {value}" for name, value in values.items()] for values in (before, after))
    return {"old": old, "new": new}
