"""Who is who: teams and committees, as of any day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.web.doors import SignedInRequest, signed_in
from ops.web.teams import Roster, teams


@signed_in
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List teams and committees."""
    return render(request, "web/teams.html", {"teams": teams()})


@signed_in
@require_safe
def team(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show who holds which role in a team, today or on the day that `?on=` names."""
    return render(request, "web/team.html", {"roster": Roster(request, slug)})
