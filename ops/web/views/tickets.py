"""The page of a ticket, and Markdown as it will be read on it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from ops.tickets.markdown import rendered
from ops.tickets.models import Visibility
from ops.web.doors import PageRequest
from ops.web.finding import key_by_external_key, ticket_for
from ops.web.records.ticket_page import TicketPage
from ops.workflow.errors import NotFound


@require_GET
def ticket(request: PageRequest, key: str) -> HttpResponse:
    """Show a ticket; a key in the wrong case, or from where the ticket came from, leads to the right address.

    Of what few may read the browser keeps no copy: after signing out, “Back” leads nowhere.
    """
    if key != key.upper():
        return redirect("ticket", key.upper())
    try:
        found = ticket_for(request, key)
    except NotFound:
        if known := key_by_external_key(request, key):
            return redirect("ticket", known)
        raise
    response = render(request, "web/ticket.html", {"page": TicketPage(request, found), "ticket": found})
    if found.visibility in {Visibility.CONFIDENTIAL, Visibility.CIRCLE}:
        response["Cache-Control"] = "no-store"
    return response


@require_GET
def story(request: PageRequest, key: str) -> HttpResponse:
    """Show the part of a ticket's story before a moment; a page without htmx shows it in its place."""
    found = ticket_for(request, key)
    if not request.htmx:
        return redirect(f"{found.get_absolute_url()}?{request.GET.urlencode()}")
    context = {"page": TicketPage(request, found), "ticket": found}
    return render(request, "web/_story_part.html", context)


@require_POST
def preview(request: PageRequest) -> HttpResponse:
    """Show Markdown as it will be read."""
    text = request.POST.get("body") or request.POST.get("description") or ""
    html = rendered(text[:50_000]) if text.strip() else SafeString('<p class="quiet">Nothing to preview.</p>')
    if request.htmx:
        return HttpResponse(html)
    return render(request, "web/preview.html", {"html": html})
