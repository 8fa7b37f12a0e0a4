"""The plan of a campaign: its environments and its cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ops.acceptance.models import Campaign, Environment, PinnedCase, TestCase
from ops.acceptance.plan_forms import EnvironmentForm
from ops.acceptance.planning import (
    add_environment,
    change_environment,
    pin_cases,
    remove_environment,
    unpin_case,
)
from ops.web.acceptance.campaigns_page import Plan
from ops.web.acceptance.finding import campaign_for
from ops.web.acceptance.forms_of_rows import CampaignForm
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.frame import toasts
from ops.workflow.errors import NotFound


@signed_in
@require_safe
def plan(request: SignedInRequest, key: str) -> HttpResponse:
    """Show what is tested, where, and what suffices."""
    campaign = campaign_for(request, key)
    return render(request, "acceptance/plan.html", {"plan": Plan(request, campaign), "campaign": campaign})


def environment_for(request: PageRequest, pk: int) -> Environment:
    """Return an environment of a campaign that the reader may know of; raises `NotFound`."""
    seen = Campaign.objects.visible_to(request.user)
    found = Environment.objects.filter(pk=pk, campaign__in=seen).select_related("campaign").first()
    if found is None:
        raise NotFound
    return found


class AddEnvironment(CampaignForm):
    """Another place to test in."""

    heading, send, words = "Another environment", "Add it", "The environment is added."
    help = "Where testers open what is tested: a result can be repeated only where this is known."
    part = "#environments"

    def carry_out(self) -> Any:
        """Add it."""
        return add_environment(self.campaign, actor=self.request.user, data=self.request.POST)

    def made(self, typed: Any) -> EnvironmentForm:
        """The form."""
        return EnvironmentForm(typed)


class ChangeEnvironment(CampaignForm):
    """A place to test in, said better."""

    heading, send, words = "Change the environment", "Save", "The environment is changed."
    part = "#environments"

    @property
    def campaign(self) -> Campaign:
        """Whose it is."""
        return environment_for(self.request, self.kwargs["pk"]).campaign

    def carry_out(self) -> Any:
        """Change it."""
        row = environment_for(self.request, self.kwargs["pk"])
        return change_environment(row, actor=self.request.user, data=self.request.POST)

    def made(self, typed: Any) -> EnvironmentForm:
        """The form, filled with what is there."""
        return EnvironmentForm(typed, instance=environment_for(self.request, self.kwargs["pk"]))


@signed_in
@require_POST
def drop_environment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an environment out of the plan."""
    row = environment_for(request, pk)
    key, name = row.campaign.key, row.name
    remove_environment(row, actor=request.user)
    toasts.say(request, f"{name} is taken out.")
    return redirect("campaign-plan", key)


@signed_in
@require_POST
def drop_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a case out of the plan."""
    pin = _pin_for(request, pk)
    key, name = pin.campaign.key, pin.case.identifier
    unpin_case(pin, actor=request.user)
    toasts.say(request, f"{name} is taken out.")
    return redirect("campaign-plan", key)


@signed_in
@require_POST
def take_latest(request: SignedInRequest, key: str) -> HttpResponse:
    """Run the latest version of every case of the plan."""
    campaign = campaign_for(request, key)
    cases = TestCase.objects.visible_to(request.user).filter(pins__campaign=campaign)
    count = pin_cases(campaign, actor=request.user, cases=list(cases.exclude(state="retired")))
    toasts.say(request, f"{count} case{'' if count == 1 else 's'} moved to the latest version.")
    return redirect("campaign-plan", key)


def _pin_for(request: PageRequest, pk: int) -> PinnedCase:
    seen = Campaign.objects.visible_to(request.user)
    found = PinnedCase.objects.filter(pk=pk, campaign__in=seen)
    pin = found.select_related("campaign", "case", "version__case").first()
    if pin is None:
        raise NotFound
    return pin
