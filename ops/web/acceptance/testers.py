"""The testers of a campaign: asked, volunteering, how much each has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from ops.acceptance.models import Campaign, Tester, TesterGroup
from ops.acceptance.plan_forms import QuotaForm
from ops.acceptance.planning import set_quotas
from ops.acceptance.reading import refuse_unless_sees_testers
from ops.acceptance.recruiting import (
    InvitationForm,
    ask,
    ask_people,
    committee_to_ask,
    earlier_testers,
    refuse_unless_recruiting,
    volunteer,
)
from ops.web.acceptance.finding import campaign_for
from ops.web.acceptance.forms_of_rows import CampaignForm
from ops.web.acceptance.testers_page import Testers
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms import declared
from ops.web.frame import toasts
from ops.workflow.errors import NotFound


def campaign_with_testers(request: SignedInRequest, key: str) -> Campaign:
    """Return a campaign whose testers the reader may know; raises `NotAllowed` for others."""
    campaign = campaign_for(request, key)
    refuse_unless_sees_testers(request.user, campaign)
    return campaign


@signed_in
@require_safe
def testers(request: SignedInRequest, key: str) -> HttpResponse:
    """Show who tests, from which group, and how much each has."""
    campaign = campaign_with_testers(request, key)
    return render(
        request, "acceptance/testers.html", {"page": Testers(request, campaign), "campaign": campaign}
    )


class Ask(CampaignForm):
    """People who might test, named."""

    page, heading, send = "campaign-testers", "Ask people to test", "Ask them"
    while_planning = False
    help = "Each gets one mail with a page to say yes or no. Nobody is asked twice."

    def carry_out(self) -> Any:
        """Ask them."""
        return ask(self.campaign, actor=self.request.user, data=self.request.POST)

    def said(self, done: Any) -> str:
        """What became of it."""
        return str(done.sentence)

    def made(self, typed: Any) -> forms.BaseForm:
        """The form."""
        return InvitationForm(typed)


GROUPS_TO_ASK = {"committee": committee_to_ask, "earlier": earlier_testers}


@signed_in
@require_POST
def ask_group(request: SignedInRequest, key: str, group: str) -> HttpResponse:
    """Ask everybody of a group who was not asked yet."""
    campaign = campaign_with_testers(request, key)
    if group not in GROUPS_TO_ASK:
        raise NotFound
    asked = ask_people(campaign, actor=request.user, people=GROUPS_TO_ASK[group](campaign))
    toasts.say(request, asked.sentence)
    return redirect("campaign-testers", key)


class Quotas(CampaignForm):
    """How many testers from each group."""

    page, heading, send, words = "campaign-testers", "Places by group", "Save", "The places are set."
    while_planning = False
    help = "How many testers are wanted from each group; an empty field sets no limit."

    def carry_out(self) -> Any:
        """Set them."""
        data = {name: self.request.POST.get(name, "") for name in TesterGroup.values}
        return set_quotas(self.campaign, actor=self.request.user, data=data)

    def made(self, typed: Any) -> forms.BaseForm:
        """The form, filled with what is set."""
        return QuotaForm(typed, initial=dict(self.campaign.quotas.values_list("group", "places")))


class Volunteer(CampaignForm):
    """Taking part without having been asked."""

    heading, send = "Take part in the tests", "Take part"
    asks, offers = ("agrees", "capacity"), ("setup",)

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form while testers are looked for; whoever was asked already has a page of their own."""
        mine = self.campaign.testers.filter(person=request.user).first()
        if mine is not None:
            return redirect(mine)
        refuse_unless_recruiting(self.campaign)
        return self.draw()

    @property
    def help(self) -> str:  # type: ignore[override]
        """What one lets oneself in for."""
        return (
            f"You go through some prepared cases of “{self.campaign.title}” in your own browser and write down what "
            "happens; each resumes where you left it."
        )

    @property
    def back(self) -> str:
        """The campaign."""
        return self.campaign.get_absolute_url()

    def carry_out(self) -> Tester:
        """Take part."""
        data = declared.read(self.made(None), self.request.POST)
        return volunteer(self.campaign, actor=self.request.user, data=data)

    def answer(self, done: Tester) -> HttpResponse:
        """Show one's own page."""
        toasts.say(self.request, "Thank you. You hear as soon as there are tests for you.")
        return redirect(done)

    def made(self, typed: Any) -> Any:
        """The form."""
        blank = Tester(campaign=self.campaign, person=self.request.user)
        return declared.drawn(blank, asks=self.asks, offers=self.offers, actor=self.request.user, typed=typed)
