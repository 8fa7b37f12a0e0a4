"""What every page needs to know before it is made, and what it becomes when the engine says no."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ops.allocations.rules import may_be_recused
from ops.people.models import User
from ops.web.errors import refusal_page
from ops.workflow.errors import Refusal

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


def unkept_by_browsers(get_response: GetResponse) -> GetResponse:
    """Let no browser keep a page of somebody who may be recused tomorrow: its history would still show what it said.

    Every page, not those of requests alone: home, lists, search and bell tell of requests as well.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_public = "public" in response.get("Cache-Control", "")
        if request.user.is_authenticated and not is_public and may_be_recused.test(request.user):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


class RefusalMiddleware:
    """Turns a refusal that a page did not answer itself into a page that says it, with its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Answer refusals; every other exception stays one."""
        return refusal_page(request, problem) if isinstance(problem, Refusal) else None
