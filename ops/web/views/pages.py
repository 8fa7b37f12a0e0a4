"""Pages that stand still."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ops.web import samples


def help_page(request: HttpRequest) -> HttpResponse:
    """Say how the desk works, to anybody."""
    return render(request, "web/help.html")


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every piece that pages are made of, with made-up data; for those who build pages."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, "web/styleguide.html", samples.everything(request))
