"""Awards: the list, one award with its course and its ledger, and what a person may use altogether."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ops.allocations.additions import RUNNING
from ops.allocations.awards import enter, keeps_ledger
from ops.allocations.enforcement import being_set_up, by_hand_tasks, may_enforce, set_up_by_hand
from ops.allocations.entitlements import Entitlement, entitlements_of, person_for
from ops.allocations.forms import EntryForm, SetUpForm
from ops.allocations.holdings import Holding, award_for, awards_visible_to, holdings, holdings_of, proposals
from ops.allocations.models import Addition, Award, LedgerEntry, Request
from ops.tickets.forms import cleaned
from ops.web.allocations.committee_room import Paged, answered
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.workflow.selectors import Offer, offers

AWARDS_A_PAGE = 50
NEWEST_LINES = 200
STATES = {"running": RUNNING, "over": ("expired", "revoked")}


class AwardList:
    """The awards that the reader may see."""

    def __init__(self, request: SignedInRequest) -> None:
        self.request, self.reader = request, request.user

    @property
    def only(self) -> str:
        """Which awards are shown."""
        wanted = self.request.GET.get("only", "running")
        return wanted if wanted in STATES else "running"

    @cached_property
    def paged(self) -> Paged:
        """The awards of this page."""
        rows = awards_visible_to(self.reader).filter(request__state__in=STATES[self.only])
        return Paged(rows, AWARDS_A_PAGE, self.request)

    @cached_property
    def rows(self) -> list[tuple[Award, Sequence[Holding]]]:
        """Each award with how its resources stand; a handful of queries for any number."""
        awards = self.paged.rows
        found = holdings(awards)
        return [(award, found.get(award.pk, [])) for award in awards]

    @cached_property
    def proposals(self) -> list[Holding]:
        """What could be clawed back, for those who may."""
        return proposals(self.reader) if keeps_ledger.test(self.reader) else []

    @property
    def sees_everybody(self) -> bool:
        """Whether the reader looks after the awards of others."""
        return bool(keeps_ledger.test(self.reader))


class AwardPage:
    """One award."""

    def __init__(self, request: SignedInRequest, award: Award) -> None:
        self.request, self.reader, self.award = request, request.user, award

    @cached_property
    def holdings(self) -> list[Holding]:
        """How each resource stands."""
        return holdings_of(self.award)

    @cached_property
    def lines(self) -> list[LedgerEntry]:
        """The newest lines of the ledger, the newest first."""
        rows = self.award.entries.select_related("resource", "entered_by").order_by("-pk")
        return list(rows[:NEWEST_LINES])

    @property
    def may_enter(self) -> bool:
        """Whether the reader writes in the ledger."""
        return bool(keeps_ledger.test(self.reader)) and self.award.request.state in RUNNING

    @property
    def tasks(self) -> list[str]:
        """What somebody has to set up elsewhere."""
        return by_hand_tasks(self.award)

    @property
    def may_set_up(self) -> bool:
        """Whether the reader can say that it was set up."""
        return bool(may_enforce.test(self.reader)) and bool(being_set_up(self.award))

    @cached_property
    def additions(self) -> list[Addition]:
        """The supplements and extensions that stand in its ledger."""
        return list(self.award.additions.select_related("request"))

    @cached_property
    def steps(self) -> list[Offer]:
        """The steps that the reader may take now."""
        request = Request.objects.select_related("call", "held_award").get(pk=self.award.request_id)
        return [offer for offer in offers(request, self.reader) if offer.is_open]


@signed_in
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Show the awards of the reader, or all to those who look after them."""
    return render(request, "allocations/awards.html", {"page": AwardList(request)})


@signed_in
@require_safe
def award(request: SignedInRequest, key: str) -> HttpResponse:
    """Show one award with its course and its ledger."""
    found = award_for(key, request.user)
    return render(request, "allocations/award.html", {"page": AwardPage(request, found), "award": found})


@signed_in
@require_safe
def entitlements(request: SignedInRequest, username: str = "") -> HttpResponse:
    """Show what a person may use: oneself, or anybody to those who look after awards."""
    person = person_for(username or request.user.username, request.user)
    shown: Sequence[Entitlement] = entitlements_of(person)
    parts = {part.award.pk for each in shown for part in each.parts}
    # Whoever looks after awards may know what somebody has without being in the circle of the request.
    seen = (
        set(awards_visible_to(request.user).filter(pk__in=parts).values_list("pk", flat=True))
        if parts
        else set()
    )
    context = {"person": person, "entitlements": shown, "seen": seen}
    return render(request, "allocations/entitlements.html", context)


class AwardForm(DeskForm):
    """A form about one award."""

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().setup(request, *args, **kwargs)
        self.award = award_for(kwargs["key"], request.user)

    def answer(self, done: Any) -> HttpResponse:
        """Show the award as it now is."""
        address = reverse("award", args=[self.kwargs["key"].upper()])
        return answered(self.request, address, "Written down.")

    def said_beside_the_fields(self, form: forms.Form) -> forms.Form:
        """Return the form with what the services said of what was typed."""
        if self.refusal is not None and not form.errors:
            for name, sentences in self.refusal.fields.items():
                form.add_error(name if name in form.fields else None, sentences)
        return form

    def _context(self, form: Any, heading: str, words: str, name: str, send: str) -> dict[str, Any]:
        return {
            "heading": heading,
            "help": words,
            "form": self.said_beside_the_fields(form),
            "action": reverse(name, args=[self.kwargs["key"]]),
            "send": send,
            "back": reverse("award", args=[self.kwargs["key"]]),
            "can_send": True,
        }


class WriteEntry(AwardForm):
    """A line of the ledger."""

    def _form(self) -> EntryForm:
        initial = {
            name: self.request.GET[name]
            for name in ("kind", "resource", "amount")
            if name in self.request.GET
        }
        return EntryForm(self.typed, award=self.award, actor=self.request.user, initial=initial)

    def carry_out(self) -> None:
        """Write it."""
        given = cleaned(self._form())
        enter(self.award.request, actor=self.request.user, **given)

    def context(self) -> dict[str, Any]:
        """The form."""
        words = "Lines are never changed; a mistake is mended by another line."
        return self._context(
            self._form(), f"Ledger of {self.kwargs['key']}", words, "award-entry", "Write the line"
        )


class SetUp(AwardForm):
    """That an award was set up by hand."""

    def carry_out(self) -> None:
        """Note it."""
        note = cleaned(SetUpForm(self.request.POST))["note"]
        set_up_by_hand(self.award.request, note=note, actor=self.request.user)

    def context(self) -> dict[str, Any]:
        """The form."""
        tasks = "; ".join(by_hand_tasks(self.award))
        words = f"To be set up elsewhere: {tasks}." if tasks else "Its limits are in the quota document."
        return self._context(SetUpForm(self.typed), "Set up by hand", words, "award-set-up", "It is set up")
