"""The letter with the decision, on the page and as PDF."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.allocations.models import Request
from ops.allocations.results import letter_of, printed
from ops.web.allocations.committee_room import NOT_KEPT
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import record_named
from ops.workflow.selectors import offers


@signed_in
@require_safe
def letter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the letter to those whom it concerns."""
    asked = record_named(Request, key, request.user)
    found = letter_of(asked, request.user)
    steps = [offer for offer in offers(asked, request.user) if offer.step.name in {"accept", "appeal"}]
    return render(
        request, "allocations/result_letter.html", {"letter": found, "steps": steps, "ticket": asked}
    )


@signed_in
@require_safe
def letter_pdf(request: SignedInRequest, key: str) -> HttpResponse:
    """Give out the letter as PDF."""
    found = letter_of(record_named(Request, key, request.user), request.user)
    response = HttpResponse(printed(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.file_name}"'
    response["Cache-Control"] = NOT_KEPT
    return response
