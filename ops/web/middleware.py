"""What every page needs to know before it is made, and what it becomes when the engine says no."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ops.people.models import User
from ops.web.errors import refusal_page
from ops.workflow.errors import InvalidInput, NotFound, Refusal

GetResponse = Callable[[HttpRequest], HttpResponse]


def zone_of(user: User) -> zoneinfo.ZoneInfo:
    """Return the zone a person reads times in; UTC when this machine does not know the one they chose."""
    try:
        return zoneinfo.ZoneInfo(user.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def reader_time_zone(get_response: GetResponse) -> GetResponse:
    """Show times in the zone of the person reading; UTC to those not signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with timezone.override(zone_of(request.user)):
                return get_response(request)
        return get_response(request)

    return middleware


def kept_by_its_reader(get_response: GetResponse) -> GetResponse:
    """What somebody signed in was shown is kept by nobody on the way, and asked for again before it is shown again.

    A page that says more for itself, such as that no copy is kept, is left as it is.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


class RefusalMiddleware:
    """Turns a refusal that a page did not answer itself into a page that says it, with its status.

    An address or a form with a zero byte in it is refused before any page looks at it: nobody types one, and no
    column keeps one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer what is not text; what programs send is not a form, and their door looks at it."""
        if getattr(view, "csrf_exempt", False):
            return None
        if "\x00" in request.path:
            return refusal_page(request, NotFound())
        for name, values in request.POST.lists() if request.method == "POST" else ():
            if any("\x00" in text for text in (name, *values)):
                sentence = "This holds a zero byte, which is no letter. Type it again."
                return refusal_page(request, InvalidInput(sentence, fields={name.strip("\x00"): [sentence]}))
        return None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Answer refusals; every other exception stays one."""
        return refusal_page(request, problem) if isinstance(problem, Refusal) else None
