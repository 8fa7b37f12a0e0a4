"""How far long work is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django_htmx.http import HttpResponseClientRefresh

from ops.jobs.models import Job
from ops.web.doors import SignedInRequest, signed_in


@signed_in
def job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """Answer a page that waits; what has ended is told by the page itself."""
    waited_for = get_object_or_404(Job, pk=job_id)
    if waited_for.is_open or not request.htmx:
        return render(request, "jobs/_progress.html", {"job": waited_for})
    return HttpResponseClientRefresh()
