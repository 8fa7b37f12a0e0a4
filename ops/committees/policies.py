"""The deadlines of terms, seats and meetings that a new installation begins with; the lead may change every one.

Loaded by migrations and therefore plain data: the states are written out, as the database keeps them.
"""

from __future__ import annotations

from typing import Any


def _answer(slug: str, name: str, state: str, met_in: list[str], duration: str) -> dict[str, Any]:
    """Somebody has to act on a seat that stands in a state."""
    aside = [each for each in ("nominated", "vetted", "not_taken") if each not in {state, *met_in}]
    return {
        "slug": slug,
        "kind": "seat",
        "name": name,
        "starts_in": [state],
        "met_in": met_in,
        "cancelled_in": aside,
        "duration": duration,
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "2 days", "to": "lead"}],
    }


SEATS: tuple[dict[str, Any], ...] = (
    _answer("seat-vetting", "Vetting", "nominated", ["vetted", "not_taken"], "10 days"),
    _answer("seat-slate", "Place on the slate", "vetted", ["on_slate", "not_taken"], "30 days"),
    _answer("seat-approval", "Approval", "on_slate", ["approved"], "10 days"),
    _answer("seat-answer", "Answer of the nominee", "approved", ["accepted", "not_taken"], "10 days"),
    {
        "slug": "seat-begins",
        "kind": "seat",
        "name": "Beginning of the term",
        "due_from_field": "begins_at",
        "starts_in": ["accepted"],
        "met_in": ["active"],
        "cancelled_in": ["not_taken"],
        "calendar": "always",
        "action": "begin-term",
    },
    {
        "slug": "seat-ends",
        "kind": "seat",
        "name": "End of the term",
        "due_from_field": "ends_at",
        "starts_in": ["active"],
        "met_in": ["ended"],
        "calendar": "always",
        "action": "end-term",
    },
)
MEETINGS: tuple[dict[str, Any], ...] = (
    {
        "slug": "meeting-held",
        "kind": "meeting",
        "name": "Meeting",
        "due_from_field": "ends_at",
        "starts_in": ["planned"],
        "met_in": ["held", "minutes_published"],
        "cancelled_in": ["cancelled"],
        "calendar": "always",
        "warnings": ["14 days before", "2 days before"],
        "escalations": [{"after": "3 days", "to": "lead"}],
    },
    {
        "slug": "meeting-minutes",
        "kind": "meeting",
        "name": "Minutes",
        "starts_in": ["held"],
        "met_in": ["minutes_published"],
        "duration": "15 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "3 days", "to": "lead"}],
    },
)
TERMS: tuple[dict[str, Any], ...] = (
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
POLICIES: tuple[dict[str, Any], ...] = (*TERMS, *SEATS, *MEETINGS)
