"""The deadlines of a week on watch that a new installation begins with; the lead may change them."""

from __future__ import annotations

from typing import Any

POLICIES: tuple[dict[str, Any], ...] = (
    {
        "slug": "watch-begins",
        "kind": "watch",
        "name": "Beginning of the watch",
        "due_from_field": "begins_at",
        "starts_in": ["planned"],
        "met_in": ["on_watch", "swept", "handed_over"],
        "calendar": "always",
        "warnings": ["14 days before", "3 days before"],
        "action": "begin",
    },
    {
        "slug": "weekly-sweep",
        "kind": "watch",
        "name": "Weekly sweep of unsolved issues",
        "starts_in": ["on_watch"],
        "met_in": ["swept", "handed_over"],
        "duration": "4 days",
        "calendar": "pacific",
        "warnings": ["50 %", "80 %"],
        "escalations": [{"after": "1 day", "to": "lead"}],
    },
    {
        "slug": "watch-handover",
        "kind": "watch",
        "name": "Hand-over of the watch",
        "due_from_field": "hands_over_at",
        "starts_in": ["on_watch", "swept"],
        "met_in": ["handed_over"],
        "calendar": "pacific",
        "warnings": ["1 day before"],
        "escalations": [{"after": "1 day", "to": "lead"}],
    },
)
