"""The processes explained, from the code that runs them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ops.web.processes import Process, every_process


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List every process of the desk."""
    return render(request, "web/workflows.html", {"processes": every_process(request.user)})


@require_GET
def process(request: HttpRequest, kind: str) -> HttpResponse:
    """Explain one process; with `?of=`, also where one of its records stands and how it came there."""
    return render(
        request,
        "web/workflow.html",
        {"process": Process(kind, request.user, request.GET.get("of", ""))},
    )
