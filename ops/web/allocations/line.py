"""The line of a call: shown, drawn, tried with other capacities, adjusted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.adjusting import adjust
from ops.allocations.given import share_of
from ops.allocations.models import Adjustment, Line, Place
from ops.allocations.models.line import PERCENT
from ops.allocations.works import LINE
from ops.tabular.numbers import whole_number
from ops.tickets.forms import cleaned
from ops.web.allocations.committee_room import (
    CommitteeForm,
    answered,
    begin,
    call_for,
    chair_only,
    committee_only,
)
from ops.web.allocations.given_form import GivenForm
from ops.web.allocations.line_page import LinePage
from ops.web.doors import SignedInRequest
from ops.workflow.errors import NotFound


@committee_only
@require_safe
def line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the line, or what it would be with other capacities."""
    page = LinePage(request, call_for(request, pk))
    template = (
        "allocations/_line_table.html" if request.htmx.target == "line-table" else "allocations/line.html"
    )
    return render(request, template, {"page": page, "call": page.call})


@chair_only
@require_POST
def draw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draw the line anew."""
    basis = request.POST.get("basis", "")
    data = {"basis": basis if basis in Line.Basis.values else Line.Basis.RANKED}
    return begin(request, LINE, call_for(request, pk), "call-line", "The line is being drawn.", data)


class AdjustForm(GivenForm):
    """Another share of everything, or other amounts; and why."""

    first = ("how", "percent")
    how = forms.ChoiceField(
        label="What the committee sets", choices=[("share", "One share of everything"), ("amounts", "Each amount")],
        widget=forms.RadioSelect, initial="share",
    )  # fmt: skip
    percent = forms.IntegerField(
        label="Given, in percent of what was asked", help_text="0 for nothing, 100 for all of it.",
        widget=forms.NumberInput({"min": 0, "max": PERCENT}),
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 4}), max_length=5_000,
        help_text="Kept with the line, for the committee and the Operations Director.",
    )  # fmt: skip


class AdjustPlace(CommitteeForm):
    """What the committee gives a request, otherwise than the line."""

    def carry_out(self) -> Adjustment:
        """Keep it with its reason."""
        place = self._place()
        form = AdjustForm(self.typed, asked=place.request, given={})
        typed, seen = cleaned(form), whole_number(self.request.POST.get("version", ""))
        amounts = form.read(place.request, self.request.POST) if typed["how"] == "amounts" else None
        return adjust(
            place, percent=typed["percent"], amounts=amounts, reason=typed["reason"], actor=self.request.user,
            expected=place.given if seen is None else seen,
        )  # fmt: skip

    def _place(self) -> Place:
        page = LinePage(self.request, call_for(self.request, self.kwargs["pk"]))
        places = Place.objects.filter(pk=self.kwargs["place_id"], line__call=page.call)
        place = places.exclude(request__in=page.barred).select_related("request__call").first()
        if place is None:
            raise NotFound
        return place

    def answer(self, done: Adjustment) -> HttpResponse:
        """Show the line again."""
        how = ", amount by amount," if done.amounts else ""
        words = f"{done.place.request.key} is given {done.after} %{how} instead of {done.before} %."
        return answered(self.request, reverse("call-line", args=[self.kwargs["pk"]]), words)

    def context(self) -> dict[str, Any]:
        """The form."""
        place = self._place()
        given = place.table or share_of(place.request, place.given)
        known = {"percent": place.given, "how": "amounts" if place.amounts else "share"}
        form = AdjustForm(self.typed, asked=place.request, given=given, initial=known)
        if self.refusal and not form.errors:
            form.said(self.refusal.fields)
        least = f"Below {place.least} % it is of no use to them." if place.least > 1 else ""
        return {
            "heading": f"Give {place.request.key} something else",
            "help": f"{place.request.title}. {least}",
            "form": form,
            "version": self.request.POST.get("version", place.given),
            "action": reverse("adjust-line", args=[self.kwargs["pk"], place.pk]),
            "send": "Adjust",
            "back": reverse("call-line", args=[self.kwargs["pk"]]),
            "can_send": True,
        }
