"""Queues, and what is done with many tickets at once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_POST

from ops.tickets import queue as queries
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.errors import previous_page
from ops.web.frame import toasts
from ops.web.queue import columns, saved
from ops.web.queue.bulk import change_many
from ops.web.queue.exports import csv_lines
from ops.web.queue.lists import TicketList, address_of
from ops.workflow.registry import model_of


@require_GET
def queue(request: PageRequest, kind: str = "") -> HttpResponse:
    """List tickets; the address says which, and empty fields of the filter bar are no part of it."""
    address = address_of(request)
    if any(not value for values in dict(request.GET.lists()).values() for value in values):
        return redirect(f"{request.path}?{urlencode(address)}" if address else request.path)
    tickets = TicketList(request, kind=kind)
    context = {
        "tickets": tickets,
        "workflow": model_of(kind).workflow if kind else None,
        "saved": saved.filter_at(request.user, tickets.full_address),
    }
    return render(request, "web/queue.html", context)


@require_GET
def queue_csv(request: PageRequest) -> StreamingHttpResponse:
    """Give out the whole list, as this reader sees it, as CSV."""
    query = queries.parsed(address_of(request), request.user)
    response = StreamingHttpResponse(csv_lines(query, request.user), content_type="text/csv; charset=utf-8")
    name = f"tickets-{timezone.localtime():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    add_never_cache_headers(response)
    return response


@signed_in
@require_POST
def bulk(request: SignedInRequest) -> HttpResponse:
    """Do one thing to the chosen tickets; where some are refused, say which and why."""
    action = request.POST.get("action", "")
    value = request.POST.get(action, "")
    outcome = change_many(request, action, request.POST.getlist("key"), value)
    back = previous_page(request) or "/tickets/"
    if outcome.refused:
        return render(request, "web/bulk.html", {"outcome": outcome, "back": back}, status=409)
    toasts.say(request, outcome.sentence)
    return redirect(back)


@signed_in
@require_POST
def save_filter(request: SignedInRequest) -> HttpResponse:
    """Keep a list under a name in the person's side bar."""
    kept = saved.save(
        request.user, name=request.POST.get("name", ""), address=request.POST.get("address", "")
    )
    toasts.say(request, f"“{kept.name}” stands in your side bar.")
    return redirect(kept.address)


@signed_in
@require_POST
def forget_filter(request: SignedInRequest, filter_id: int) -> HttpResponse:
    """Take a saved list out of the side bar."""
    forgotten = saved.forget(request.user, filter_id)
    toasts.say(request, f"“{forgotten.name}” is no longer in your side bar.")
    return redirect(forgotten.address)


@signed_in
@require_POST
def choose_columns(request: SignedInRequest) -> HttpResponse:
    """Give the lists of this person other columns."""
    columns.choose(request.user, request.POST.getlist("column"))
    return redirect(previous_page(request) or "/tickets/")
