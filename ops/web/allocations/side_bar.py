"""What resource allocation adds to the side bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from ops.allocations.enforcement import may_enforce
from ops.allocations.rules import is_rac_member
from ops.allocations.usage import may_report_usage
from ops.web.frame.entries import Entry


def entries(request: HttpRequest) -> Sequence[Entry]:
    """The places of resource allocation that this person may go to."""
    return (*_calls(request), *_awards(request))


def _calls(request: HttpRequest) -> list[Entry]:
    places = [Entry("Calls", reverse("list-call"), "calendar-event")]
    if request.user.is_authenticated:
        places.append(Entry("My requests", reverse("my-requests"), "stack"))
        if is_rac_member(request.user):
            places.append(Entry("My reviews", reverse("list-review"), "clipboard-check"))
    return places


def _awards(request: HttpRequest) -> list[Entry]:
    if not request.user.is_authenticated:
        return []
    places = [Entry("Awards", reverse("awards"), "award")]
    if may_report_usage.test(request.user):
        places.append(Entry("Report usage", reverse("report-usage"), "upload"))
    if may_enforce.test(request.user):
        places.append(Entry("Quotas", reverse("quota"), "gauge"))
    return places
