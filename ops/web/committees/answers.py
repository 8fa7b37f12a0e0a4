"""How the pages of committees answer a form that was opened on them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

from ops.web.doors import PageRequest


def lead_to(request: PageRequest, address: str) -> HttpResponse:
    """Lead to a page as it is now, from a form in a sheet as from a form of its own."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
