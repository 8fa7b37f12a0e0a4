"""Pages for what went wrong: what happened and what to do now, in the same frame as everything else."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from ops.web.forms import drafts
from ops.workflow.errors import Refusal, Stale

TITLES = {
    400: "That address does not ask for anything",
    403: "This is not yours to do",
    404: "There is nothing here",
    409: "This cannot be done now",
    413: "That is too large",
    422: "Something is missing or does not fit",
    429: "Too many attempts",
}
CHANGED = "Something changed in between"


def error_page(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    code: str = "",
    fields: dict[str, list[str]] | None = None,
) -> HttpResponse:
    """Say what happened: a page for people, `{"code", "detail", "fields"}` for htmx and other programs."""
    wants_page = request.get_preferred_type(["text/html", "application/json"]) == "text/html"
    if request.headers.get("HX-Request") == "true" or not wants_page:
        body = {"code": code or HTTPStatus(status).name.lower(), "detail": detail, "fields": fields or {}}
        return JsonResponse(body, status=status)
    context = {
        "status": status,
        "title": CHANGED if code == Stale.code else TITLES.get(status, HTTPStatus(status).phrase),
        "detail": detail,
        "fields": fields or {},
        "back": previous_page(request),
    }
    return render(request, "web/error.html", context, status=status)


def previous_page(request: HttpRequest) -> str:
    """Return the page of ours that led here, or nothing."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, {request.get_host()}, require_https=request.is_secure()
    )
    is_this_page = request.method == "GET" and came_from == request.build_absolute_uri()
    return came_from if is_ours and not is_this_page else ""


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Show a refusal of the engine; what was typed is kept where the form has a draft."""
    if request.method == "POST":
        drafts.keep_posted(request)
    return error_page(request, refusal.status, refusal.detail, code=refusal.code, fields=refusal.fields)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django could not read."""
    if not hasattr(request, "user"):
        # Refused before anybody knew whose it is, such as one for another host: the frame cannot be drawn.
        return HttpResponse("This request cannot be answered here.", status=400, content_type="text/plain")
    return error_page(request, 400, "The address or the form could not be read. Check it, or start over.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a page that this person may not open; the sentence of the exception says who may."""
    return error_page(request, 403, str(exception) or "Your roles do not include this today.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere, or nowhere for this person: the two are never told apart."""
    return error_page(request, 404, "Either the address is wrong, or what it leads to is not open to you.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours, without the database and without the frame: both may be what failed."""
    return HttpResponse(render_to_string("web/server_error.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form from before the last sign-in, or from another site; its text is kept when it is ours."""
    detail = "This form was opened before you last signed in, so it was not sent. "
    if drafts.keep_posted(request):
        return error_page(request, 403, detail + "What you typed is kept: go back to it and send it again.")
    return error_page(request, 403, detail + "Go back, reload the page and send it again.")
