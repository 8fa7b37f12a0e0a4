"""Who may come in: pages that need an account, without losing what was typed before the session ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails
from rules import Predicate

from ops.people.models import User
from ops.web.errors import previous_page
from ops.web.forms import drafts
from ops.workflow.errors import NotAllowed
from ops.workflow.words import who_may

View = Callable[..., HttpResponseBase]


class PageRequest(HttpRequest):
    """What a view is given: by htmx, or without it."""

    htmx: HtmxDetails


class SignedInRequest(PageRequest):
    """What a view behind `signed_in` is given: somebody asks, for certain."""

    user: User


def signed_in(view: View) -> View:
    """Let people with an account in; send others to sign in first and back to where they were.

    A form sent after the session has ended is kept, when it has a draft, and stands there again afterwards.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            drafts.keep_posted(request)
        address = f"{settings.LOGIN_URL}?{urlencode({'next': _way_back(request)})}"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(address)
        return redirect(address)

    return guarded


def only_for(who: Predicate, what: str) -> Callable[[View], View]:
    """Let in those who hold a role today; to others with an account say which role it takes to `what`."""

    def door(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not who.test(request.user):
                raise NotAllowed(f"Only {who_may(who)} may {what}.")
            return view(request, *args, **kwargs)

        return guarded

    return door


def _way_back(request: HttpRequest) -> str:
    """A page can be opened again; a form that was sent cannot, so the way back leads to where it stood."""
    if request.method == "GET" and not request.htmx:  # type: ignore[attr-defined]
        return request.get_full_path()
    return previous_page(request) or "/"
