"""The page of whatever has a life but no key: an announcement, a week on watch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ops.web.finding import record_for
from ops.web.records.record_page import RecordPage


@require_GET
def record(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show a record: who holds it, what is next, until when, and what it says."""
    found = record_for(request, kind, pk)
    return render(request, "web/record.html", {"page": RecordPage(request, found), "record": found})
