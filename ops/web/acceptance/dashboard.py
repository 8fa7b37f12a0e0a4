"""The dashboard of a campaign, asked for again by itself while the campaign runs."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.acceptance.reading import may_read_results
from ops.web.acceptance.dashboard_page import Dashboard
from ops.web.acceptance.finding import campaign_for
from ops.web.doors import SignedInRequest, signed_in
from ops.workflow.errors import NotAllowed


@signed_in
@require_safe
def dashboard(request: SignedInRequest, key: str) -> HttpResponse:
    """Show how a campaign stands; to htmx the part that changes."""
    campaign = campaign_for(request, key)
    if not may_read_results(request.user, campaign):
        raise NotAllowed(
            f"Staff and the product owners see how {campaign.key} stands; testers see the report once it is signed, "
            "so that each judges alone."
        )
    template = "acceptance/_dashboard.html" if request.htmx else "acceptance/dashboard.html"
    return render(request, template, {"board": Dashboard(request, campaign), "campaign": campaign})
