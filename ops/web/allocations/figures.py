"""The figures of a call, for everybody: as a page and as a table for other programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.allocations.statistics import as_csv, figures_of
from ops.web.allocations.committee_room import call_for


@require_safe
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was asked of a call and what was awarded, as far as that is public."""
    call = call_for(request, pk)
    return render(request, "allocations/figures.html", {"call": call, "figures": figures_of(call)})


@require_safe
def figures_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the same as CSV."""
    call = call_for(request, pk)
    answer = HttpResponse(as_csv(figures_of(call)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="call-{call.slug}-figures.csv"'
    return answer
