"""A report to read, to print, to keep."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ops.committees.reports.documents import as_markdown, as_pdf
from ops.committees.reports.selectors import lines_of, report_named, standing_of


@require_safe
def report_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a report as it is read: its words, what was answered, what was done."""
    report = report_named(key, request.user)
    lines = lines_of(report)
    context = {"report": report, "lines": lines, "stands": standing_of(lines)}
    return render(request, "committees/report_page.html", context)


@require_safe
def report_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """Give the report out as PDF."""
    report = report_named(key, request.user)
    return _file(as_pdf(report, moment=timezone.now()), "application/pdf", f"{report.key}.pdf")


@require_safe
def report_markdown(request: HttpRequest, key: str) -> HttpResponse:
    """Give the report out as Markdown."""
    report = report_named(key, request.user)
    return _file(as_markdown(report).encode(), "text/markdown; charset=utf-8", f"{report.key}.md")


def _file(body: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, content_type=content_type, headers=headers)
