"""Signing in and out, and what a person says about themselves."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ops.people.models import Membership, User
from ops.web.doors import signed_in
from ops.web.errors import previous_page
from ops.web.forms import drafts
from ops.web.forms.personal import ProfileForm, ThemeForm
from ops.web.frame import toasts
from ops.web.sign_in import DEMONSTRATION_PASSWORD, SignInForm, demonstration_accounts


class SignIn(LoginView):
    """The door. What was typed in a form before the session ended is waiting behind it."""

    template_name = "web/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the demonstration accounts, where there are any."""
        return super().get_context_data(
            accounts=demonstration_accounts(),
            demonstration_password=DEMONSTRATION_PASSWORD,
            **context,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, then give the person back what they had typed."""
        response = super().form_valid(form)
        drafts.adopt(self.request, form.get_user())
        return response


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change name, institution, time zone and theme; show the roles held and until when."""
    # Not `request.user`: a form that fails has already changed its instance, and the frame would show that.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        toasts.say(request, "Your profile is saved.")
        return redirect("profile")
    terms = Membership.objects.on().filter(person_id=request.user.pk).select_related("team")
    return render(
        request, "web/profile.html", {"form": form, "terms": terms}, status=422 if form.is_bound else 200
    )


@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of the account ends."""
    user = User.objects.get(pk=request.user.pk)
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        toasts.say(request, "Your password is changed.")
        return redirect("profile")
    return render(request, "web/password.html", {"form": form}, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Change the theme from wherever the person is, and stay there."""
    form = ThemeForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        form.save()
    return redirect(previous_page(request) or reverse("profile"))
