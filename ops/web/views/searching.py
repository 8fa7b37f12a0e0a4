"""Finding: the search page, the palette, names completed while they are typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from ops.web.queue.finds import Finds
from ops.web.queue.lookups import completions, destinations


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find tickets by the words of their title, description and comments; a key leads straight to its ticket."""
    finds = Finds(request)
    if finds.exact_key:
        return redirect("ticket", finds.exact_key)
    return render(request, "web/search.html", {"finds": finds})


@require_GET
def lookup(request: HttpRequest, what: str) -> JsonResponse:
    """Complete a name."""
    return JsonResponse(completions(what, request.GET.get("q", ""), request.user), safe=False)


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Say where the palette can lead."""
    return JsonResponse(destinations(request.GET.get("q", ""), request.user), safe=False)
