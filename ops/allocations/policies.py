"""The deadlines of calls, requests and reviews that a new installation begins with (RTN-006 §2.5.4).

No decision by silence: whatever is missed is escalated, and nothing but the closing of a call and the end of an award
is ever done by the clock. Loaded by a migration and therefore plain data.
"""

from __future__ import annotations

from typing import Any

_DECIDED = [
    "awarded",
    "declined",
    "accepted",
    "provisioning",
    "active",
    "grace",
    "expired",
    "revoked",
    "lapsed",
]
_AT_THE_COMMITTEE = ["in_review", "discussed", "ranked", "recommended", "under_appeal"]
_IN_ORDER = ["submitted", "assessed", *_AT_THE_COMMITTEE, *_DECIDED]
_ASIDE = ["withdrawn"]


def _request(slug: str, name: str, states: list[str], duration: str = "", **more: Any) -> dict[str, Any]:
    """Return a policy that is met by going on, and given up where the request goes back."""
    last = max((_IN_ORDER.index(state) for state in states if state in _IN_ORDER), default=-1)
    before = ["draft", "returned", *_IN_ORDER[: last + 1]]
    return {
        "slug": slug,
        "kind": "request",
        "name": name,
        "starts_in": states,
        "met_in": _IN_ORDER[last + 1 :],
        "cancelled_in": [state for state in before if state not in states] + _ASIDE,
        "duration": duration,
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "1 day", "to": "chair"}],
    } | more


CALLS: tuple[dict[str, Any], ...] = (
    {
        "slug": "call-opening",
        "kind": "call",
        "name": "Opening of the call",
        "due_from_field": "opens_at",
        "starts_in": ["draft"],
        "met_in": ["open", "closed"],
        "calendar": "always",
        "warnings": ["7 days before"],
        "escalations": [{"after": "1 day", "to": "director"}],
    },
    {
        "slug": "call-closing",
        "kind": "call",
        "name": "Closing of the call",
        "due_from_field": "closes_at",
        "starts_in": ["open"],
        "met_in": ["closed"],
        "calendar": "always",
        "action": "close",
    },
    {
        "slug": "call-reviews",
        "kind": "call",
        "name": "Reviews of the call",
        "due_from_field": "reviews_due_at",
        "starts_in": ["closed", "under_review"],
        "met_in": ["ranked", "decided", "published"],
        "calendar": "pacific",
        "warnings": ["7 days before"],
        "escalations": [{"after": "1 day", "to": "chair"}, {"after": "1 week", "to": "director"}],
    },
    {
        "slug": "call-decisions",
        "kind": "call",
        "name": "Decisions on the call",
        "starts_in": ["ranked"],
        "met_in": ["decided", "published"],
        "cancelled_in": ["under_review"],
        "duration": "10 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "1 day", "to": "director"}],
    },
    {
        "slug": "call-publication",
        "kind": "call",
        "name": "Publication of the results",
        "starts_in": ["decided"],
        "met_in": ["published"],
        "duration": "5 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "1 day", "to": "chair"}],
    },
)
REQUESTS: tuple[dict[str, Any], ...] = (
    _request(
        "urgent-assessment", "Assessment of an urgent request", ["submitted"], "8 hours",
        clock="assessment", position=1, condition={"purpose": ["urgent"]},
        escalations=[{"after": "4 hours", "to": "chair"}],
    ),
    _request("assessment", "Technical assessment", ["submitted"], "5 days", clock="assessment", position=2),
    _request(
        "revision", "Revision", ["returned"], due_from_field="revise_by", met_in=["submitted"], cancelled_in=_ASIDE
    ),
    _request(
        "urgent-decision", "Decision on an urgent request", ["submitted", "assessed", *_AT_THE_COMMITTEE], "5 days",
        condition={"purpose": ["urgent"]}, pauses_in=["returned"], cancelled_in=_ASIDE, warnings=["50 %", "80 %"],
        escalations=[{"after": "1 hour", "to": "chair"}, {"after": "1 day", "to": "director"}],
    ),
    _request("panel", "Discussion by the panel", ["in_review"], "42 days"),
    _request("ranking", "Ranking", ["discussed"], "14 days"),
    _request("recommendation", "Recommendation", ["ranked"], "7 days"),
    _request(
        "decision", "Decision", ["recommended", "under_appeal"], "10 days",
        escalations=[{"after": "1 day", "to": "director"}],
    ),
)  # fmt: skip
REVIEWS: tuple[dict[str, Any], ...] = (
    {
        "slug": "review-acceptance",
        "kind": "review",
        "name": "Acceptance of the review",
        "starts_in": ["assigned"],
        "met_in": ["accepted", "submitted", "declined"],
        "cancelled_in": ["returned"],
        "duration": "5 days",
        "calendar": "pacific",
        "warnings": ["50 %"],
        "escalations": [{"after": "1 day", "to": "chair"}],
    },
    {
        "slug": "review",
        "kind": "review",
        "name": "Review",
        "due_from_field": "due_at",
        "starts_in": ["assigned", "accepted"],
        "met_in": ["submitted"],
        "cancelled_in": ["declined", "returned"],
        "calendar": "pacific",
        "warnings": ["7 days before", "2 days before"],
        "escalations": [{"after": "1 day", "to": "chair"}, {"after": "3 days", "to": "director"}],
    },
)
AWARDS: tuple[dict[str, Any], ...] = (
    {
        "slug": "award-acceptance",
        "kind": "request",
        "name": "Acceptance of the award",
        "due_from_field": "accept_by",
        "starts_in": ["awarded"],
        "met_in": ["accepted", "provisioning", "active"],
        "cancelled_in": ["under_appeal", "recommended", "withdrawn", "lapsed"],
        "calendar": "pacific",
        "warnings": ["7 days before", "2 days before"],
        "escalations": [{"after": "1 day", "to": "director"}],
    },
    {
        "slug": "award-set-up",
        "kind": "request",
        "name": "Setting up of the award",
        "starts_in": ["accepted", "provisioning"],
        "met_in": ["active"],
        "cancelled_in": ["revoked"],
        "duration": "3 days",
        "calendar": "pacific",
        "warnings": ["80 %"],
        "escalations": [{"after": "1 day", "to": "director"}],
    },
    {
        "slug": "award-end",
        "kind": "request",
        "name": "End of the award",
        "due_from_field": "award_ends_at",
        "starts_in": ["active"],
        "met_in": ["grace", "expired"],
        "cancelled_in": ["revoked"],
        "calendar": "always",
        "warnings": ["30 days before", "7 days before"],
        "action": "end",
    },
    {
        "slug": "award-grace",
        "kind": "request",
        "name": "End of the grace period",
        "due_from_field": "grace_ends_at",
        "starts_in": ["grace"],
        "met_in": ["expired"],
        "cancelled_in": ["revoked"],
        "calendar": "always",
        "warnings": ["7 days before"],
        "action": "expire",
    },
)
POLICIES = (*CALLS, *REQUESTS, *REVIEWS, *AWARDS)
