"""What one was told: the list under the bell, what one wants to be told, and hearing no more."""

from __future__ import annotations

from dataclasses import replace

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ops.notify import notices, preferences, unsubscribing
from ops.notify.models import PERSONAL_CHANNELS
from ops.tabular.numbers import whole_number
from ops.web.doors import SignedInRequest, signed_in
from ops.web.frame import toasts
from ops.workflow.errors import BadQuery, NotFound

_opening = Signer(salt="ops.web.notices")


@signed_in
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """List what the reader was told, newest first, one line per thread."""
    page = notices.notices(request.user, before=_before(request))
    lines = [replace(line, link=_opening_address(line)) for line in page.notices]
    older = f"{reverse('notices')}?before={page.next_before}" if page.next_before else ""
    return render(request, "web/notices.html", {"lines": lines, "older": older})


def _before(request: HttpRequest) -> int | None:
    asked = request.GET.get("before", "")
    if not asked:
        return None
    number = whole_number(asked)
    if number is None:
        raise BadQuery("“before” is the number of a message; start from the newest.")
    return number


def _opening_address(line: notices.Notice) -> str:
    """Return an address that marks the line as read on the way; signed, so that it leads nowhere else."""
    return reverse("open-notice", args=[_opening.sign_object([list(line.message_ids), line.link])])


@signed_in
@require_safe
def opening(request: SignedInRequest, token: str) -> HttpResponse:
    """Mark the messages of a line as read and go where it leads; only the reader's own can be marked."""
    try:
        message_ids, link = _opening.unsign_object(token)
    except (BadSignature, ValueError):
        raise NotFound from None
    notices.mark_read(actor=request.user, message_ids=message_ids)
    return redirect(link)


@signed_in
@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark everything as read."""
    count = notices.mark_read(actor=request.user)
    toasts.say(request, f"{count} marked as read." if count else "There was nothing unread.")
    return redirect("notices")


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """Draw the bell as it stands now, for a page that has been open for a while."""
    return render(request, "web/_bell.html")


@signed_in
def wishes(request: SignedInRequest) -> HttpResponse:
    """Show and change which messages come, by which channel, and when."""
    now = preferences.preferences_of(request.user)
    form = preferences.PreferencesForm(request.POST if request.method == "POST" else None, instance=now)
    if request.method == "POST" and form.is_valid():
        preferences.set_preferences(actor=request.user, data=request.POST)
        toasts.say(request, "Your wishes are saved.")
        return redirect("notification-preferences")
    hours = [form[name] for name in preferences.PreferencesForm.Meta.fields]
    return render(
        request,
        "web/notification_preferences.html",
        {
            "form": form,
            "hours": hours,
            "channels": [channel.label for channel in PERSONAL_CHANNELS],
            "listed": [(field, field.errors) for field in form],
        },
        status=422 if form.is_bound else 200,
    )


@csrf_exempt  # the signed link is the authority, and mail programs post it without a cookie (RFC 8058)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, then stop the mail that the link is about; needs no account, since addresses without one get mail."""
    try:
        wanted = unsubscribing.read_token(token)
        if request.method == "POST":
            unsubscribing.unsubscribe(token)
    except unsubscribing.BadToken as problem:
        raise Http404(str(problem)) from problem
    return render(request, "web/unsubscribe.html", {"wanted": wanted, "is_done": request.method == "POST"})
