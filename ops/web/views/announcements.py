"""What the community is told: the list for everybody, and for staff what is still being prepared."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ops.web.announcements import Announcements


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """List announcements, the latest first."""
    return render(request, "web/announcements.html", {"page": Announcements(request)})
