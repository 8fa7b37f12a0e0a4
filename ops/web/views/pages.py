"""Pages that stand still."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_POST

from ops.web import samples
from ops.web.frame import toasts
from ops.web.guides import guide, guides
from ops.workflow.errors import NotAllowed, NotFound


def help_page(request: HttpRequest) -> HttpResponse:
    """Say how the desk works, to anybody."""
    return render(request, "web/help.html", {"guides": guides()})


def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide, to anybody."""
    found = guide(slug)
    if found is None:
        raise NotFound
    return render(request, "web/guide.html", {"guide": found, "crumbs": [("Help", reverse("help"))]})


def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers to our mark, which ask for it here on pages that are not ours, such as the administration."""
    return redirect(static("mark.svg"))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every piece that pages are made of, with made-up data; for those who build pages."""
    if not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(
        request,
        "web/styleguide.html",
        samples.everything(request),
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def say_something(request: HttpRequest) -> HttpResponse:
    """Let the style guide say something that can be undone."""
    return toasts.say_in_place(HttpResponse(status=204), "CST-409 is yours.", undo=reverse("styleguide"))


@require_POST
def refuse_move(request: HttpRequest) -> HttpResponse:
    """Refuse what the board of the style guide asks for, as a real one may."""
    raise NotAllowed("Only a community scientist may triage.")
