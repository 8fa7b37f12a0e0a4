"""The deadlines that a new installation begins with (RTN-006 §2.5.1, RTN-097); the lead may change every one.

Loaded by a migration and therefore plain data: the states are written out, as the database keeps them.
"""

from __future__ import annotations

from typing import Any

_UNTRIAGED = ["reported"]
_WORKING = ["triaged", "investigating", "planned", "in_progress", "in_review"]
_OPEN = [*_UNTRIAGED, *_WORKING]
_WAITING = ["waiting"]
_DONE = ["resolved", "closed"]
_ASIDE = ["redirected", "declined", "duplicate"]


def _resolution(position: int, priority: str, duration: str, calendar: str) -> dict[str, Any]:
    return {
        "slug": f"resolution-{priority}",
        "kind": "issue",
        "clock": "resolution",
        "position": position,
        "name": "Resolution",
        "condition": {"priority": [priority]},
        "starts_in": _OPEN,
        "pauses_in": _WAITING,
        "met_in": _DONE,
        "cancelled_in": _ASIDE,
        "duration": duration,
        "calendar": calendar,
        "warnings": ["50 %", "80 %"],
        "escalations": [{"after": "1 day", "to": "lead"}],
    }


POLICIES: tuple[dict[str, Any], ...] = (
    {
        "slug": "first-response",
        "kind": "issue",
        "name": "First response",
        "starts_in": _UNTRIAGED,
        "pauses_in": _WAITING,
        "met_in": [*_WORKING, *_DONE, *_ASIDE],
        "duration": "24 hours",
        "calendar": "always",
        "warnings": ["50 %", "80 %"],
        "escalations": [{"after": "4 hours", "to": "lead"}],
    },
    {
        "slug": "promised-reply",
        "kind": "issue",
        "name": "Promised reply",
        "due_from_field": "promised_reply_at",
        "starts_in": _OPEN,
        "pauses_in": _WAITING,
        "met_in": [*_DONE, *_ASIDE],
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "1 day", "to": "lead"}],
    },
    {
        "slug": "scope-critical",
        "kind": "issue",
        "clock": "scope",
        "name": "Scope of a critical issue",
        "condition": {"priority": ["critical"]},
        "starts_in": [*_UNTRIAGED, "triaged", "investigating"],
        "pauses_in": _WAITING,
        "met_in": ["planned", "in_progress", "in_review", *_DONE],
        "cancelled_in": _ASIDE,
        "duration": "24 hours",
        "calendar": "always",
        "warnings": ["50 %", "80 %"],
        "escalations": [{"after": "4 hours", "to": "lead"}],
    },
    _resolution(1, "critical", "1 week", "always"),
    _resolution(2, "high", "2 weeks", "pacific"),
    _resolution(3, "medium", "3 months", "pacific"),
    _resolution(4, "low", "1 year", "pacific"),
    {
        "slug": "return-from-waiting",
        "kind": "issue",
        "name": "Return from waiting",
        "due_from_field": "resume_at",
        "starts_in": _WAITING,
        "met_in": _OPEN,
        "cancelled_in": [*_DONE, *_ASIDE],
        "calendar": "always",
        "action": "return-from-waiting",
    },
    {
        "slug": "acceptance",
        "kind": "issue",
        "name": "Acceptance of the resolution",
        "starts_in": ["in_review"],
        "met_in": ["planned", *_DONE],
        "cancelled_in": [*_ASIDE, *_WAITING],
        "duration": "5 days",
        "calendar": "pacific",
        "warnings": ["50 %"],
        "escalations": [{"after": "1 day", "to": "lead"}],
    },
    {
        "slug": "closing",
        "kind": "issue",
        "name": "Documentation and closing",
        "starts_in": ["resolved"],
        "met_in": ["closed"],
        "cancelled_in": _OPEN,
        "duration": "10 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "5 days", "to": "lead"}],
    },
    {
        "slug": "announcement-approval",
        "kind": "announcement",
        "name": "Approval of the announcement",
        "starts_in": ["draft"],
        "met_in": ["approved", "published"],
        "duration": "5 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
    },
    {
        "slug": "announcement-publication",
        "kind": "announcement",
        "name": "Publication of the announcement",
        "starts_in": ["approved"],
        "met_in": ["published"],
        "cancelled_in": ["draft"],
        "duration": "2 days",
        "calendar": "pacific",
        "warnings": ["50 %"],
    },
)
