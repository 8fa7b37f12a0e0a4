"""The first page: what waits for whoever has an account, the public desk for everybody else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.web.front import Front
from ops.web.home import Home


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader, or what the desk is."""
    if request.user.is_authenticated:
        return render(request, "web/home.html", {"home": Home(request)})
    return render(request, "web/front.html", {"front": Front()})
