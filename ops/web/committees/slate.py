"""Nominations, and the slate that the advisory committee lays before the Director."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.committees.appointing import approve_slate, may_see_slates, may_waive, slate_for, waive
from ops.committees.forms import WaiverForm
from ops.committees.models import Committee, Seat
from ops.committees.rules import is_director
from ops.committees.selectors import committee_named
from ops.committees.slates import Slate, days_of_slates
from ops.web.committees.answers import lead_to
from ops.web.committees.places import tabs_of
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.teams import today
from ops.workflow.days import day_named
from ops.workflow.errors import NotAllowed, NotFound


class SlatePage:
    """The slate of one day."""

    def __init__(self, request: SignedInRequest, slug: str) -> None:
        self.request, self.reader = request, request.user
        self.committee = committee_named(slug)
        self.tabs = tabs_of(self.committee, request, "slate-of")
        self.days = days_of_slates(self.committee)
        asked = request.GET.get("begins", "")
        self.day = day_named("begins", asked) if asked else next(iter(self.days), today())

    @cached_property
    def slate(self) -> Slate:
        """Who would sit there, and what the rules say; raises `NotAllowed` where it is not the reader's concern."""
        return slate_for(self.reader, self.committee, self.day)

    @property
    def may_waive(self) -> bool:
        """Whether the reader may waive a rule."""
        return may_waive(self.reader, self.committee)

    @property
    def waiting(self) -> int:
        """How many wait for the Director."""
        return sum(place.seat.state == Seat.State.ON_SLATE for place in self.slate.new if place.seat)

    @property
    def may_approve(self) -> bool:
        """Whether the reader may approve it now."""
        return bool(self.waiting) and self.slate.is_settled and is_director.test(self.reader)

    @property
    def unsettled(self) -> int:
        """How many rules are broken and not waived."""
        return sum(not finding.is_settled for finding in self.slate.findings)


@signed_in
@require_safe
def slate(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a slate with every rule checked."""
    page = SlatePage(request, slug)
    return render(request, "web/committees/slate.html", {"page": page, "slate": page.slate})


@signed_in
@require_POST
def approve(request: SignedInRequest, slug: str, day: str) -> HttpResponse:
    """Approve everybody who waits on a slate."""
    committee, begins = committee_named(slug), day_named("begins", day)
    count = len(approve_slate(committee, begins, actor=request.user))
    toasts.say(request, f"{count} approved. They are asked whether they accept.")
    return redirect(_address(committee, begins))


class Waive(DeskForm):
    """The reason why a slate may break a rule."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the committee and the day."""
        super().setup(request, *args, **kwargs)
        self.committee, self.day = committee_named(kwargs["slug"]), day_named("begins", kwargs["day"])

    @cached_property
    def finding(self) -> Any:
        """The rule that is broken."""
        findings = slate_for(self.request.user, self.committee, self.day).findings
        found = next(
            (each for each in findings if each.rule.pk == self.kwargs["rule"] and not each.is_met), None
        )
        if found is None:
            raise NotFound
        return found

    def carry_out(self) -> Any:
        """Record the waiver."""
        reason = self.request.POST.get("reason", "")
        return waive(
            self.committee, self.day, rule=self.kwargs["rule"], reason=reason, actor=self.request.user
        )

    def answer(self, done: Any) -> HttpResponse:
        """Show the slate as it is now."""
        toasts.say(self.request, "Waived; the reason is on record.")
        return lead_to(self.request, _address(self.committee, self.day))

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            "heading": f"Waive: {self.finding.rule}",
            "help": f"{self.finding.breach} Write why that is right this time; it holds for this breach alone.",
            "form": WaiverForm(self.typed),
            "action": self.request.path,
            "send": "Waive it",
            "back": _address(self.committee, self.day),
            "can_send": may_waive(self.request.user, self.committee),
        }


def _address(committee: Committee, day: datetime.date) -> str:
    return f"{reverse('slate-of', args=[committee.slug])}?begins={day.isoformat()}"


@signed_in
@require_safe
def nominations(request: SignedInRequest, slug: str) -> HttpResponse:
    """List who was nominated, and how far each has come."""
    committee = committee_named(slug)
    if not may_see_slates(request.user, committee):
        raise NotAllowed("Only the advisory committee, the Director and the leads see nominations.")
    rows = committee.seats.visible_to(request.user).exclude(state__in=(Seat.State.ACTIVE, Seat.State.ENDED))
    order = [str(state) for state in Seat.State]
    seats = sorted(
        rows.select_related("person", "nominated_by"),
        key=lambda seat: (order.index(seat.state), seat.person.name),
    )
    context = {
        "committee": committee,
        "tabs": tabs_of(committee, request, "nominations-of"),
        "seats": seats,
        "nominate_url": f"{reverse('new', args=[Seat.workflow.kind])}?committee={committee.slug}",
    }
    return render(request, "web/committees/nominations.html", context)
