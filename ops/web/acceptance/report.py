"""The report of a campaign as a page and as PDF, and what remains of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ops.acceptance.carrying import carry_as_issue, carry_to_campaign, may_carry, refuse_unless_may_carry
from ops.acceptance.models import Campaign, Execution
from ops.acceptance.reading import refuse_unless_report_is_open
from ops.acceptance.reporting.document import ReportDocument
from ops.acceptance.reporting.material import Material
from ops.tickets.models import Ticket
from ops.web.acceptance.finding import campaign_for
from ops.web.addresses import edit_url
from ops.web.doors import PageRequest, SignedInRequest
from ops.web.finding import ticket_named
from ops.web.forms.desk_form import RecordForm
from ops.web.frame.answers import led_to
from ops.web.records.actions import Action, actions
from ops.workflow.errors import InvalidInput, NotFound
from ops.workflow.services import editable_fields

STEPS = ("draft_report", "ask_for_sign_off", "sign", "refuse", "revise_report", "retest", "close")
WORDS = ("assessment", "recommendations")


class ReportPage(ReportDocument):
    """The report as one reader finds it on the page."""

    def __init__(self, request: PageRequest, campaign: Campaign) -> None:
        super().__init__(campaign)
        self.reader = request.user

    @cached_property
    def steps(self) -> list[Action]:
        """What the reader may do about the report, the next step first."""
        offered = actions(self.campaign, self.reader)
        found = [*([offered.primary] if offered.primary else []), *offered.others]
        return [each for each in found if each.step.name in STEPS]

    @property
    def words_url(self) -> str:
        """Where assessment and recommendations are written, for whoever may."""
        may = self.reader.is_authenticated and "assessment" in editable_fields(self.campaign, self.reader)
        return edit_url(self.campaign, *WORDS) if may else ""

    @cached_property
    def remainders(self) -> list[dict[str, Any]]:
        """What remains, with what it goes on as by what was put out, and by what was said since then."""
        carried = Material(self.campaign).carried
        return [
            {
                **each,
                "since": [key for key in carried.get(each["execution"], ()) if key not in each["goes_on_as"]],
            }
            for each in self.content["remainders"]
        ]

    @property
    def may_carry(self) -> bool:
        """Whether the reader says what remainders go on as."""
        return may_carry.test(self.reader, self.campaign)

    @property
    def groups(self) -> list[tuple[int, str, list[tuple[str, dict[str, Any]]]]]:
        """The detailed results by environment, each case with the address of its details."""
        return [
            (
                at,
                group["environment"],
                [(self._case_url(at, n), case) for n, case in enumerate(group["cases"])],
            )
            for at, group in enumerate(self.content["details"])
        ]

    def _case_url(self, group: int, case: int) -> str:
        return reverse("campaign-report-case", args=[self.campaign.key, group, case])


def _readable(request: PageRequest, key: str) -> ReportPage:
    campaign = campaign_for(request, key)
    refuse_unless_report_is_open(request.user, campaign)
    return ReportPage(request, campaign)


@require_safe
def report(request: PageRequest, key: str) -> HttpResponse:
    """Show the report."""
    page = _readable(request, key)
    return render(request, "acceptance/report.html", {"report": page, "campaign": page.campaign})


@require_safe
def case(request: PageRequest, key: str, group: int, number: int) -> HttpResponse:
    """Show every attempt at one case in one environment, step by step."""
    page = _readable(request, key)
    try:
        found = page.content["details"][group]["cases"][number]
    except IndexError:
        raise NotFound from None
    template = "acceptance/_report_case.html" if request.htmx else "acceptance/report_case.html"
    where = page.content["details"][group]["environment"]
    return render(request, template, {"case": found, "where": where, "campaign": page.campaign})


@require_safe
def pdf(request: PageRequest, key: str) -> HttpResponse:
    """Give out the report as PDF."""
    page = _readable(request, key)
    response = HttpResponse(page.as_pdf(), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{page.campaign.key}-report.pdf"'
    return response


class CarryForm(forms.Form):
    """As what a remainder goes on."""

    campaign = forms.CharField(
        required=False,
        max_length=24,
        label="Next campaign",
        help_text="A campaign that is being planned runs the case again. Empty: it becomes an issue.",
        widget=forms.TextInput(attrs={"data-lookup": "ticket", "autocomplete": "off"}),
    )


class CarryForward(RecordForm):
    """What remains of an attempt, carried forward."""

    record: Execution

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who may."""
        refuse_unless_may_carry(self.record, request.user)
        return self.draw()

    def carry_out(self) -> Ticket:
        """Make an issue of it, or have the next campaign run the case."""
        key = self.request.POST.get("campaign", "").strip()
        if not key:
            return carry_as_issue(self.record, actor=self.request.user)
        try:
            named = ticket_named(key, self.request.user)
        except NotFound:
            named = None
        if not isinstance(named, Campaign):
            sentence = f"There is no campaign {key.upper()} that you may see."
            raise InvalidInput(sentence, fields={"campaign": [sentence]})
        return carry_to_campaign(self.record, named, actor=self.request.user)

    def answer(self, done: Ticket) -> HttpResponse:
        """Lead back to the report."""
        words = f"{self.record.case_version.case.identifier} goes on as {done.key}."
        return led_to(self.request, self._back, words)

    @property
    def _back(self) -> str:
        return f"{reverse('campaign-report', args=[self.record.campaign.key])}#remains"

    def context(self) -> dict[str, Any]:
        """The form."""
        form = CarryForm(self.typed)
        if self.refusal:
            form = CarryForm(initial=self.typed.dict() if self.typed else None)
        return {
            **super().context(),
            "heading": f"What remains of {self.record.case_version.case.identifier}",
            "form": form,
            "action": reverse("carry-forward", args=[self.record.pk]),
            "send": "Carry it forward",
            "back": self._back,
        }
