"""What anybody may know of how the desk is doing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.web.transparency import Transparency


@require_safe
def year(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show the figures of a year, this one when none is named."""
    return render(request, "web/transparency.html", {"page": Transparency(year)})
