"""Forms about rows of a campaign: an environment, a criterion, a tester's place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from ops.acceptance.models import Campaign
from ops.acceptance.planning import refuse_unless_may_change
from ops.web.acceptance.finding import campaign_for
from ops.web.doors import SignedInRequest
from ops.web.forms.desk_form import DeskForm
from ops.web.frame.answers import led_to


class CampaignForm(DeskForm):
    """A form about something in the plan of a campaign; it leads back to the page from which it was opened."""

    page = "campaign-plan"
    part = ""
    words = ""
    heading, help, send = "", "", ""
    while_planning = True

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form for whoever may send it now; others are told at once who may, and when."""
        refuse_unless_may_change(self.campaign, request.user, while_planning=self.while_planning)
        return self.draw()

    @property
    def campaign(self) -> Campaign:
        """What it is about."""
        return campaign_for(self.request, self.kwargs["key"])

    def made(self, typed: Any) -> forms.BaseForm:
        """Return the form, empty or with what was typed."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        """Where the form is sent."""
        return self.request.path

    @property
    def back(self) -> str:
        """Where it was opened."""
        return reverse(self.page, args=[self.campaign.key])

    def answer(self, done: Any) -> HttpResponse:
        """Lead back, and say that it was done."""
        return led_to(self.request, f"{self.back}{self.part}", self.said(done))

    def said(self, done: Any) -> str:
        """What was done, in words."""
        return self.words

    def context(self) -> dict[str, Any]:
        """What the form is drawn with."""
        form = self.made(self.typed)
        if self.refusal is not None:
            form.is_valid()
            for name, sentences in self.refusal.fields.items():
                if name in form.fields and name not in form.errors:
                    form.add_error(name, list(sentences))
        return {
            "heading": self.heading,
            "help": self.help,
            "form": form,
            "action": self.address,
            "send": self.send,
            "back": self.back,
            "can_send": True,
        }
