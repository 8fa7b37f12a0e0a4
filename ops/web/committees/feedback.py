"""Feedback to the committee: given, read, taken back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.committees.feedback.services import (
    ASKED,
    agree_to_be_named,
    feedback_form,
    give_feedback,
    withdraw_feedback,
)
from ops.committees.models import Feedback
from ops.committees.reports.rules import is_users_committee_member
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import record_for
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.frame.answers import on_the_list

MOST = 200


@signed_in
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show what one gave oneself and, to the members, what was given."""
    rows = (
        Feedback.objects.visible_to(request.user)
        .select_related("source__person")
        .order_by("-given_at", "-pk")
    )
    own = rows.filter(source__person=request.user)
    is_member = is_users_committee_member.test(request.user)
    context = {
        "own": list(own[:MOST]),
        "given": list(
            rows.exclude(state=Feedback.State.WITHDRAWN).prefetch_related("uses__item__report")[:MOST]
        )
        if is_member
        else (),
        "is_member": is_member,
    }
    return render(request, "committees/feedback.html", context)


class GiveFeedback(DeskForm):
    """One thing told to the committee."""

    def carry_out(self) -> Feedback:
        """Write it down; in confidence, where that is wished."""
        data = {name: self.request.POST.get(name, "") for name in ASKED if name != "is_confidential"}
        data["is_confidential"] = bool(self.request.POST.get("is_confidential"))  # type: ignore[assignment]
        return give_feedback(actor=self.request.user, data=data)

    def answer(self, done: Feedback) -> HttpResponse:
        """Say that the committee has it."""
        return on_the_list(
            self.request, "list-feedback", "The committee has it. You hear what becomes of it."
        )

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return "feedback"

    def context(self) -> dict[str, Any]:
        """The form."""
        form = feedback_form(self.request.user, self.typed)
        form.initial.update(self.kept.fields)
        return {
            "heading": "Tell the Users Committee",
            "help": "The committee speaks for everybody who uses the observatory's data and services.",
            "form": self.with_refusal(form),
            "action": reverse("give-feedback"),
            "send": "Send it",
            "back": reverse("list-feedback"),
            "can_send": True,
        }


@signed_in
@require_POST
def name(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agree to be named to the committee, or take that back."""
    agrees = bool(request.POST.get("agree"))
    given = record_for(request, Feedback.workflow.kind, pk)
    agree_to_be_named(given, agrees=agrees, actor=request.user)
    toasts.say(
        request,
        "The committee reads that it comes from you." if agrees else "Your name is not shown any more.",
    )
    return redirect(given)


@signed_in
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back what one gave."""
    withdraw_feedback(record_for(request, Feedback.workflow.kind, pk), actor=request.user)
    toasts.say(request, "It is taken back; the committee reads it no longer.")
    return redirect("list-feedback")
