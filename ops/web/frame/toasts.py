"""Short words in the corner after something was done, with the way to undo it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django_htmx.http import trigger_client_event


def say(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Say it on the next page that the person sees; `undo` is the address whose POST takes it back."""
    messages.success(request, words, extra_tags=undo)


def say_in_place(response: HttpResponse, words: str, *, undo: str = "") -> HttpResponse:
    """Say it on the page that asked through htmx, and return the response."""
    return trigger_client_event(response, "toast", {"words": words, "level": "success", "undo": undo})
