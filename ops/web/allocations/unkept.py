"""What the browser of somebody who may be recused tomorrow keeps of the desk: nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ops.allocations.rules import may_be_recused


def unkept_by_browsers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let no browser keep a page of somebody who may be recused: its history would still show what it said.

    Every page, not those of requests alone: home, lists, search and bell tell of requests as well.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_public = "public" in response.get("Cache-Control", "")
        if request.user.is_authenticated and not is_public and may_be_recused.test(request.user):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware
