"""The line of a call: the ranked list beside the optimum, what if, what the committee gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ops.allocations.lines import (
    DECIMALS,
    Setting,
    Slot,
    Trial,
    adjust,
    latest_line,
    setting_of,
    taken_by_slot,
    what_if,
    why_stale,
)
from ops.allocations.models import Adjustment, Line, Lottery, Offer, Place
from ops.allocations.models.line import PERCENT
from ops.allocations.ranking import latest_ranking, ranking_is_current
from ops.allocations.works import LINE
from ops.jobs.models import Job
from ops.tickets.forms import cleaned
from ops.web.allocations.committee_room import (
    CommitteePage,
    Paged,
    answered,
    begin,
    call_for,
    chair_only,
    committee_only,
)
from ops.web.allocations.panel import unseen_scores
from ops.web.desk_form import DeskForm
from ops.web.doors import SignedInRequest
from ops.workflow.errors import NotFound

ROWS_A_PAGE = 400
LEAST_PERCENT, MOST_PERCENT = 50, 150


@dataclass(frozen=True)
class Share:
    """What a request is given, as a word; and how that differs from what it was."""

    percent: int
    before: int | None = None

    @property
    def words(self) -> str:
        """Full, so much, or nothing."""
        return {0: "\N{EN DASH}", PERCENT: "Full"}.get(self.percent, f"{self.percent}\N{NO-BREAK SPACE}%")

    @property
    def grade(self) -> str:
        """`full`, `reduced` or `none`, for its colour."""
        return {0: "none", PERCENT: "full"}.get(self.percent, "reduced")

    @property
    def change(self) -> str:
        """`more`, `less`, or nothing."""
        if self.before is None or self.before == self.percent:
            return ""
        return "more" if self.percent > self.before else "less"


@dataclass(frozen=True)
class Placed:
    """One request at the line as the table shows it; its number counts what the reader sees."""

    number: int
    place: Place
    score: float | None
    uncertainty: float | None
    ranked: Share
    optimal: Share
    given: Share
    is_last_above: bool
    is_tied: bool


@dataclass(frozen=True)
class Filled:
    """How much of a resource is given in a quarter."""

    slot: Slot
    given: float

    @property
    def percent(self) -> int:
        """Of what can be given."""
        return round(PERCENT * self.given / self.slot.capacity) if self.slot.capacity else 0


@dataclass(frozen=True)
class Lever:
    """One resource whose capacity can be tried otherwise."""

    offer: Offer
    percent: int


class LinePage(CommitteePage):
    """The line for one reader. Requests they must not judge are in no row and no number."""

    name = "call-line"

    @cached_property
    def line(self) -> Line | None:
        """The newest line."""
        return latest_line(self.call)

    @cached_property
    def can_draw(self) -> bool:
        """Whether the scores have been compared as they are now."""
        ranking = latest_ranking(self.call)
        return ranking is not None and ranking_is_current(ranking)

    @cached_property
    def drawing(self) -> Job | None:
        """The newest drawing of the line."""
        return self.job(LINE)

    @cached_property
    def setting(self) -> Setting | None:
        """What the line would be drawn from today."""
        return setting_of(self.call, self.line.ranking) if self.line else None

    @cached_property
    def stale(self) -> str:
        """Why the line is not that of today; empty while it is."""
        return why_stale(self.line, self.setting) if self.line else ""

    @property
    def lottery(self) -> Lottery | None:
        """The lots among equals."""
        return Lottery.objects.filter(call=self.call).first()

    @cached_property
    def hidden(self) -> set[int]:
        """The ids of the requests whose place the reader must not know."""
        return self.barred if self.is_chair else self.barred | unseen_scores(self.call, self.reader)

    # -- What if ------------------------------------------------------------------------------------------------

    @cached_property
    def levers(self) -> list[Lever]:
        """The resources, and how much of each is tried."""
        offers = self.call.offers.select_related("resource")
        return [Lever(offer, _percent(self.request.GET.get(f"offer-{offer.pk}", ""))) for offer in offers]

    @property
    def tries(self) -> Mapping[int, int]:
        """What is tried otherwise than it is, in percent, by offer."""
        return {lever.offer.pk: lever.percent for lever in self.levers if lever.percent != PERCENT}

    @cached_property
    def trial(self) -> Trial | None:
        """What the line would be; None when nothing is tried."""
        return what_if(self.setting, self.tries) if self.setting and self.tries else None

    # -- The table ----------------------------------------------------------------------------------------------

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page, the best first."""
        rows = self._places.select_related("request").prefetch_related("adjustments__made_by")
        return Paged(rows, ROWS_A_PAGE, self.request)

    @property
    def _places(self) -> QuerySet[Place]:
        return Place.objects.filter(line=self.line).exclude(request__in=self.hidden)

    @cached_property
    def last_above(self) -> int:
        """The id of the request below which the line is drawn; 0 where all are above it, or none."""
        last = 0
        for place in self._places.only("request_id", "ranked"):
            if self._share(place, "ranked").percent == 0:
                return last
            last = place.request_id
        return 0

    @cached_property
    def rows(self) -> list[Placed]:
        """The rows of the table, with the line between two of them."""
        return [
            Placed(
                number=number,
                place=place,
                score=self.standings.get(place.request_id, (None, None))[0],
                uncertainty=self.standings.get(place.request_id, (None, None))[1],
                ranked=self._share(place, "ranked"),
                optimal=self._share(place, "optimal"),
                given=Share(place.given),
                is_last_above=place.request_id == self.last_above,
                # An equal that the reader must not know of is none.
                is_tied=place.is_tied and self._equals[self._shown(place.request_id)] > 1,
            )
            for number, place in enumerate(self.paged.rows, self.paged.first)
        ]

    @cached_property
    def _equals(self) -> Counter[float | None]:
        return Counter(self._shown(pk) for pk in self._places.values_list("request_id", flat=True))

    def _shown(self, request_id: int) -> float | None:
        return round(self.standings[request_id][0], DECIMALS) if request_id in self.standings else None

    def _share(self, place: Place, name: str) -> Share:
        now: int = getattr(place, name)
        if self.trial is None:
            return Share(now)
        return Share(getattr(self.trial, name).get(place.request_id, 0), before=now)

    @property
    def hidden_count(self) -> int:
        """How many requests are in no row."""
        return Place.objects.filter(line=self.line, request__in=self.hidden).count()

    @cached_property
    def standings(self) -> Mapping[int, tuple[float, float]]:
        """Calibrated score and its uncertainty, by request."""
        if self.line is None:
            return {}
        rows = self.line.ranking.standings.values_list("request_id", "calibrated", "uncertainty")
        return {pk: (calibrated, uncertain) for pk, calibrated, uncertain in rows}

    @cached_property
    def filled(self) -> Sequence[tuple[str, str, list[Filled]]]:
        """Per resource, how much of each quarter the committee gives."""
        if self.line is None or self.setting is None:
            return []
        taken = taken_by_slot(self.line)
        found: dict[tuple[str, str], list[Filled]] = {}
        for slot in self.setting.slots:
            filled = Filled(slot, taken.get((slot.offer_id, slot.quarter), 0.0))
            found.setdefault((slot.resource, slot.unit), []).append(filled)
        return [(resource, unit, quarters) for (resource, unit), quarters in found.items()]


def _percent(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 4:
        return PERCENT
    return min(max(int(typed), LEAST_PERCENT), MOST_PERCENT)


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


class AdjustForm(forms.Form):
    """Another share, and why."""

    percent = forms.IntegerField(
        label="Given, in percent of what was asked", min_value=0, max_value=PERCENT,
        help_text="0 for nothing, 100 for all of it.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 4}), max_length=5_000,
        help_text="Kept with the line, for the committee and the Operations Director.",
    )  # fmt: skip


class AdjustPlace(DeskForm):
    """What the committee gives a request, otherwise than the line."""

    def carry_out(self) -> Adjustment:
        """Keep it with its reason."""
        place = self._place()
        typed = cleaned(AdjustForm(self.typed))
        expected = self.request.POST.get("version", "")
        return adjust(
            place, percent=typed["percent"], reason=typed["reason"], actor=self.request.user,
            expected=int(expected) if expected.isdecimal() else place.given,
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
        words = f"{done.place.request.key} is given {done.after} % instead of {done.before} %."
        return answered(self.request, reverse("call-line", args=[self.kwargs["pk"]]), words)

    def context(self) -> dict[str, Any]:
        """The form."""
        place = self._place()
        form = AdjustForm(self.typed, initial={"percent": place.given})
        if self.refusal:
            form.full_clean()
            for name, sentences in self.refusal.fields.items():
                if name in form.fields and name not in form.errors:
                    form.add_error(name, sentences)
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
