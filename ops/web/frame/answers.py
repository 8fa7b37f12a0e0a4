"""What a person sees after something was done: the same page, changed, with a word about it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from ops.tickets.models import Ticket
from ops.web.addresses import page_name
from ops.web.doors import PageRequest
from ops.web.finding import ticket_for
from ops.web.frame import toasts
from ops.web.queue.board import card_of
from ops.web.records.record_page import RecordPage
from ops.web.records.ticket_page import TicketPage
from ops.workflow.errors import NotFound

# Pages whose rows can be acted on: the names of their addresses.
LISTS = frozenset({"home", "list-watch"})


def on_the_ticket(
    request: PageRequest, key: str, words: str = "", *, focus: str = "", at: str = "", undo: str = ""
) -> HttpResponse:
    """Answer on the ticket's page: htmx is given the page as it is now, everybody else is led back to it.

    `words` say what was done, `undo` is the address that takes it back; `focus` is the element that a keyboard
    goes on from; `at` is the part of the page.
    Somebody who has hidden a ticket from themselves is led to the queue.
    """
    try:
        ticket = ticket_for(request, key)
    except NotFound:
        toasts.say(request, f"{words} You do not see {key} any more.".strip())
        return _led_to(request, "/tickets/")
    if not request.htmx:
        if words:
            toasts.say(request, words, undo=undo)
        return redirect(ticket.get_absolute_url() + (f"#{at}" if at else ""))
    page = TicketPage(request, ticket, is_fresh=at == "composer")
    response = render(request, "web/_ticket.html", {"page": page, "ticket": ticket})
    reswap(retarget(response, "#ticket"), "outerHTML")
    return _told(response, words, focus, undo)


def on_its_page(request: PageRequest, record: Any, words: str, *, focus: str) -> HttpResponse:
    """Answer on the page of a record, whatever its kind, as `on_the_ticket` does."""
    if isinstance(record, Ticket):
        return on_the_ticket(request, record.key, words, focus=focus)
    if not request.htmx or record.get_absolute_url() != reverse(page_name(record.workflow), args=[record.pk]):
        # Some stand on the page of something else, such as the item that they belong to.
        toasts.say(request, words)
        return _led_to(request, record.get_absolute_url())
    page = RecordPage(request, record)
    response = render(request, "web/_record.html", {"page": page, "record": record})
    reswap(retarget(response, "#record"), "outerHTML")
    return _told(response, words, focus)


def on_the_list(request: PageRequest, view: str, words: str) -> HttpResponse:
    """Answer on the list from which something was done: the whole page as it is now, and what was done."""
    toasts.say(request, words)
    return _led_to(request, reverse(view))


def led_to(request: PageRequest, address: str, words: str) -> HttpResponse:
    """Answer by leading to another page, with a word there about what was done."""
    toasts.say(request, words)
    return _led_to(request, address)


def on_the_card(request: PageRequest, ticket: Ticket, words: str = "") -> HttpResponse:
    """Answer on the board: the card of the ticket as it is now, in place of the one that was there."""
    response = render(request, "web/_card.html", {"card": card_of(ticket, request.user)})
    reswap(retarget(response, f"#card-{ticket.key}"), "outerHTML")
    return _told(response, words)


def _told(response: HttpResponse, words: str, focus: str = "", undo: str = "") -> HttpResponse:
    if words:
        toasts.say_in_place(response, words, undo=undo)
    if focus:
        trigger_client_event(response, "focus-on", {"id": focus}, after="settle")
    return response


def _led_to(request: PageRequest, address: str) -> HttpResponse:
    if not request.htmx:
        return redirect(address)
    response = HttpResponseClientRedirect(address)
    page, _, part = address.partition("#")
    if part and page == (request.htmx.current_url_abs_path or "").partition("#")[0]:
        # To another part of the same page a browser only scrolls; it has to be told to look again.
        response.headers["HX-Refresh"] = "true"
    return response
