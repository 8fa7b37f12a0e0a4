"""Where what holds a step of a call or a request back is mended."""

from __future__ import annotations

from django.urls import reverse

from ops.allocations.completeness import RESOURCES
from ops.web.addresses import Places

PLACES: Places = {
    ("call", "offers"): lambda call: reverse("set-up-call", args=[call.pk]),
    ("call", "criteria"): lambda call: reverse("set-up-call", args=[call.pk]),
    ("call", "requests"): lambda call: reverse("committee-requests", args=[call.pk]),
    ("call", "line"): lambda call: reverse("call-recommendations", args=[call.pk]),
    ("call", "decisions"): lambda call: reverse("call-decisions", args=[call.pk]),
    ("request", "check"): lambda request: reverse("check-request", args=[request.key]),
    ("request", "asks"): lambda request: reverse("write-request", args=[request.key, RESOURCES]),
    ("request", "call"): lambda request: request.call.get_absolute_url(),
    ("request", "reviews"): lambda request: reverse("call-reviewers", args=[request.call_id]),
    ("request", "quorum"): lambda request: reverse("call-panel", args=[request.call_id]),
    ("request", "recommendation"): lambda request: reverse("settle-request", args=[request.key]),
    ("request", "decision"): lambda request: reverse("settle-request", args=[request.key]),
    ("request", "enforcement"): lambda request: reverse("award", args=[request.key]),
    ("request", "additions"): lambda request: reverse("award", args=[request.key]),
    ("request", "earlier"): lambda request: (
        reverse("award", args=[request.earlier.key]) if request.earlier else ""
    ),
}
