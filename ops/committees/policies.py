"""The deadline of a term that a new installation begins with."""

from __future__ import annotations

from typing import Any

POLICIES: tuple[dict[str, Any], ...] = (
    {
        "slug": "term-ends",
        "kind": "membership",
        "name": "End of the term",
        "due_from_field": "ends_at",
        "starts_in": ["serving"],
        "met_in": ["ended"],
        "calendar": "always",
        "warnings": ["60 days before", "14 days before"],
        "action": "end-term",
    },
)
