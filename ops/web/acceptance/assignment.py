"""Who runs what: the proposal of the desk, and giving it out."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ops.acceptance.handing_out import hand_out
from ops.web.acceptance.finding import campaign_for
from ops.web.acceptance.testers import campaign_with_testers
from ops.web.acceptance.testers_page import Assignment
from ops.web.doors import SignedInRequest, signed_in
from ops.web.frame import toasts


@signed_in
@require_safe
def assignment(request: SignedInRequest, key: str) -> HttpResponse:
    """Show who runs what, and what is proposed for the rest."""
    campaign = campaign_with_testers(request, key)
    context = {"page": Assignment(request, campaign), "campaign": campaign}
    return render(request, "acceptance/assignment.html", context)


@signed_in
@require_POST
def give_out(request: SignedInRequest, key: str) -> HttpResponse:
    """Give out what is proposed now."""
    found = hand_out(campaign_for(request, key), actor=request.user)
    count, short = len(found.given), sum(each.missing for each in found.shortfalls)
    words = (
        f"{count} test{'' if count == 1 else 's'} given out." if count else "There was nothing to give out."
    )
    toasts.say(request, words + (f" {short} could not be placed; the page says why." if short else ""))
    return redirect("campaign-assignment", key)
