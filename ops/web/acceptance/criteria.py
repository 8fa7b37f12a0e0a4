"""Entry and exit criteria: named, ticked with evidence, waived with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ops.acceptance.models import Campaign, Criterion, Stage
from ops.acceptance.plan_forms import CriterionForm, EvidenceForm, WaiverForm
from ops.acceptance.settling import (
    add_criterion,
    add_usual_criteria,
    remove_criterion,
    reopen_criterion,
    tick_criterion,
    waive_criterion,
)
from ops.web.acceptance.finding import campaign_for
from ops.web.acceptance.forms_of_rows import CampaignForm
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.frame import toasts
from ops.workflow.errors import NotFound


def criterion_for(request: PageRequest, pk: int) -> Criterion:
    """Return a criterion of a campaign that the reader may know of; raises `NotFound`."""
    seen = Campaign.objects.visible_to(request.user)
    found = Criterion.objects.filter(pk=pk, campaign__in=seen).select_related("campaign").first()
    if found is None:
        raise NotFound
    return found


class AddCriterion(CampaignForm):
    """What must hold."""

    heading, send, words = "Another criterion", "Add it", "The criterion is added."
    help = "Choose what the desk computes by itself, or write what somebody will tick, with evidence."
    part = "#criteria"

    def carry_out(self) -> Any:
        """Add it."""
        return add_criterion(self.campaign, actor=self.request.user, data=self.request.POST)

    def made(self, typed: Any) -> forms.BaseForm:
        """The form."""
        return CriterionForm(typed, initial={"stage": self.request.GET.get("stage", "")})


class OfACriterion(CampaignForm):
    """A form about one criterion."""

    part = "#criteria"

    @property
    def criterion(self) -> Criterion:
        """What it is about."""
        return criterion_for(self.request, self.kwargs["pk"])

    @property
    def campaign(self) -> Campaign:
        """Whose it is."""
        return self.criterion.campaign

    @property
    def while_planning(self) -> bool:  # type: ignore[override]
        """Entry criteria are settled while the plan is made."""
        return self.criterion.stage == Stage.ENTRY

    @property
    def heading(self) -> str:  # type: ignore[override]
        """The criterion itself."""
        return self.criterion.sentence


class Tick(OfACriterion):
    """A criterion is met, and this shows it."""

    help, send, words = (
        "What shows that it is met stands in the report.",
        "It is met",
        "The criterion is met.",
    )

    def carry_out(self) -> Any:
        """Tick it."""
        return tick_criterion(self.criterion, actor=self.request.user, data=self.request.POST)

    def made(self, typed: Any) -> forms.BaseForm:
        """The form."""
        return EvidenceForm(typed)


class Waive(OfACriterion):
    """The campaign goes on without a criterion."""

    help = "The campaign goes on without it. The report says so, with your name and your reason."
    send, words = "Waive it", "The criterion is waived."

    def carry_out(self) -> Any:
        """Waive it."""
        return waive_criterion(self.criterion, actor=self.request.user, data=self.request.POST)

    def made(self, typed: Any) -> forms.BaseForm:
        """The form."""
        return WaiverForm(typed)


@signed_in
@require_POST
def reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back a tick or a waiver."""
    row = reopen_criterion(criterion_for(request, pk), actor=request.user)
    toasts.say(request, "The criterion is open again.")
    return redirect("campaign-plan", row.campaign.key)


@signed_in
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a criterion out of the plan."""
    row = criterion_for(request, pk)
    key = row.campaign.key
    remove_criterion(row, actor=request.user)
    toasts.say(request, "The criterion is taken out.")
    return redirect("campaign-plan", key)


@signed_in
@require_POST
def usual(request: SignedInRequest, key: str) -> HttpResponse:
    """Add every criterion that the desk computes."""
    count = add_usual_criteria(campaign_for(request, key), actor=request.user)
    toasts.say(
        request, f"{count} criteri{'on' if count == 1 else 'a'} added." if count else "They are all there."
    )
    return redirect("campaign-plan", key)
