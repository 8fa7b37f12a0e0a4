"""Personal tokens: made, shown once, revoked."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ops.people import tokens
from ops.people.tokens import Issued
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.personal import TokenForm
from ops.web.frame import toasts
from ops.workflow.errors import NotFound


@never_cache
@signed_in
def listing(request: SignedInRequest) -> HttpResponse:
    """List a person's tokens and make another; its secret is on the answer and nowhere else, so it is not kept."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    issued = _issued(request, form) if request.method == "POST" and form.is_valid() else None
    shown = TokenForm() if issued else form
    context = {"form": shown, "issued": issued, "tokens": tokens.tokens_of(request.user)}
    return render(request, "web/tokens.html", context, status=422 if shown.errors else 200)


def _issued(request: SignedInRequest, form: TokenForm) -> Issued | None:
    try:
        return tokens.issue(
            request.user, actor=request.user, name=form.cleaned_data["name"], expires_at=form.expires_at
        )
    except ValidationError as problem:
        form.add_error("name", problem)
        return None


@signed_in
@require_POST
def revoke(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Make a token useless."""
    token = tokens.tokens_of(request.user).filter(pk=token_id).first()
    if token is None:
        raise NotFound
    tokens.revoke(token, actor=request.user)
    toasts.say(request, f"The token “{token.name}” opens nothing any more.")
    return redirect("tokens")
