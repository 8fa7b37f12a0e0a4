"""Where the browser sends what is being typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ops.web.doors import signed_in
from ops.web.errors import error_page, previous_page
from ops.web.forms import drafts

SIGNED_OUT = "You are signed out. Sign in again in another tab; what you typed stays here."
NOT_YOURS = "This form was opened under another account, so its text was not kept."
TOO_LONG = f"A draft holds {drafts.LARGEST:,} characters; this is longer and was not kept."


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the posted form as the draft that it names."""
    if not request.user.is_authenticated:
        return error_page(request, 401, SIGNED_OUT, code="signed_out")
    owner_and_key = drafts.read_token(request.POST.get(drafts.FIELD, ""))
    if owner_and_key is None or owner_and_key[0] != request.user.pk:
        return error_page(request, 403, NOT_YOURS, code="not_your_draft")
    try:
        drafts.keep(request.user, owner_and_key[1], drafts.typed(request.POST))
    except drafts.TooLong:
        return error_page(request, 413, TOO_LONG, code="too_long")
    return HttpResponse(status=204)


@signed_in
@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Forget the named draft and return to the form, which is then empty."""
    drafts.discard_sent(request)
    return redirect(previous_page(request) or "/")
