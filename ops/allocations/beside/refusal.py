"""How a value kept in rows is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.workflow.errors import InvalidInput

Change = dict[str, Any] | None


def refused(name: str, sentences: Sequence[str]) -> InvalidInput:
    """Return the refusal of one value."""
    return InvalidInput(f"Please correct {name.replace('_', ' ')}.", fields={name: list(sentences)})
