"""The line of a call as its page shows it: the ranked list beside the optimum, what if, what the committee gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import prefetch_related_objects

from ops.allocations.adjusting import taken_by_slot
from ops.allocations.line_setting import DECIMALS, Setting, Slot, setting_of
from ops.allocations.lines import (
    Freshness,
    Trial,
    freshness_of,
    is_settled,
    latest_line,
    what_if,
)
from ops.allocations.models import Line, Lottery, Place
from ops.allocations.models.line import PERCENT
from ops.allocations.ranking import latest_ranking, ranking_is_current
from ops.allocations.works import LINE
from ops.jobs.models import Job
from ops.tabular.numbers import whole_number
from ops.web.allocations.committee_room import CommitteePage, Paged
from ops.web.allocations.panel import unseen_scores

ROWS_A_PAGE = 100
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
class Worth:
    """The sum of score times granted share, down the ranked list and as the best choice."""

    ranked: float
    optimal: float


@dataclass(frozen=True)
class Lever:
    """One resource whose capacity can be tried otherwise."""

    offer_id: int
    resource: str
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
        if self.freshness is not None:
            return self.freshness.can_be_drawn
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

    @property
    def is_settled(self) -> bool:
        """Whether the results are decided: then nothing is tried or adjusted any more."""
        return is_settled(self.call)

    @cached_property
    def freshness(self) -> Freshness | None:
        """Whether the line is that of today."""
        return freshness_of(self.line, self.setting) if self.line else None

    @property
    def stale(self) -> str:
        """Why it is not; empty while it is."""
        return self.freshness.what_changed if self.freshness else ""

    @property
    def lottery(self) -> Lottery | None:
        """The lots among equals."""
        return self.setting.lottery if self.setting else None

    @cached_property
    def hidden(self) -> set[int]:
        """The ids of the requests whose place the reader must not know."""
        return self.barred if self.is_chair else self.barred | unseen_scores(self.call, self.reader)

    @cached_property
    def levers(self) -> list[Lever]:
        """The resources, and how much of each is tried."""
        names = {slot.offer_id: slot.resource for slot in self.setting.slots} if self.setting else {}
        return [
            Lever(offer, name, _percent(self.request.GET.get(f"offer-{offer}", "")))
            for offer, name in names.items()
        ]

    @property
    def tries(self) -> Mapping[int, int]:
        """What is tried otherwise than it is, in percent, by offer."""
        return {lever.offer_id: lever.percent for lever in self.levers if lever.percent != PERCENT}

    @cached_property
    def trial(self) -> Trial | None:
        """What the line would be; None when nothing is tried."""
        return what_if(self.setting, self.tries) if self.setting and self.tries else None

    @cached_property
    def paged(self) -> Paged:
        """The requests of this page, the best first."""
        return Paged(self._visible, ROWS_A_PAGE, self.request)

    @cached_property
    def _all(self) -> list[Place]:
        # Of a request its key, its title and where its page is: the texts of three hundred would be megabytes.
        shown = [field.attname for field in Place._meta.concrete_fields]
        places = Place.objects.filter(line=self.line).select_related("request")
        return list(places.only(*shown, "request__key", "request__title", "request__kind"))

    @cached_property
    def _visible(self) -> list[Place]:
        return [place for place in self._all if place.request_id not in self.hidden]

    @cached_property
    def last_above(self) -> int:
        """The id of the request below which the line is drawn; 0 where all are above it, or none."""
        last = 0
        for place in self._visible:
            if self._share(place, "ranked").percent == 0:
                return last
            last = place.request_id
        return 0

    @cached_property
    def rows(self) -> list[Placed]:
        """The rows of the table, with the line between two of them."""
        prefetch_related_objects(self.paged.rows, "adjustments__made_by")
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
        return Counter(self._shown(place.request_id) for place in self._visible)

    def _shown(self, request_id: int) -> float | None:
        return round(self.standings[request_id][0], DECIMALS) if request_id in self.standings else None

    def _share(self, place: Place, name: str) -> Share:
        now: int = getattr(place, name)
        if self.trial is None:
            return Share(now)
        return Share(getattr(self.trial, name).get(place.request_id, 0), before=now)

    @property
    def worth(self) -> Worth:
        """What the line is worth as it was drawn."""
        places = self._visible
        return self._worth(
            {place.request_id: place.ranked for place in places},
            {place.request_id: place.optimal for place in places},
        )

    @property
    def worth_tried(self) -> Worth | None:
        """What it would be worth; None when nothing is tried."""
        return self._worth(self.trial.ranked, self.trial.optimal) if self.trial else None

    def _worth(self, ranked: Mapping[int, int], optimal: Mapping[int, int]) -> Worth:
        # Of the requests that the reader sees: from a sum of all the score of the one that is missing could be told.
        scores = {place.request_id: self._shown(place.request_id) or 0.0 for place in self._visible}
        return Worth(
            *(
                sum(score * shares.get(pk, 0) / PERCENT for pk, score in scores.items())
                for shares in (ranked, optimal)
            )
        )

    @property
    def hidden_count(self) -> int:
        """How many requests are in no row."""
        return len(self._all) - len(self._visible)

    @cached_property
    def standings(self) -> Mapping[int, tuple[float, float]]:
        """Calibrated score and its uncertainty, by request."""
        if self.line is None:
            return {}
        rows = self.line.ranking.standings.values_list("request_id", "calibrated", "uncertainty")
        return {pk: (calibrated, uncertain) for pk, calibrated, uncertain in rows}

    @cached_property
    def filled(self) -> Sequence[tuple[str, str, list[Filled]]]:
        """Per resource, how much of each quarter the committee gives to the requests that the reader sees."""
        if self.line is None or self.setting is None:
            return []
        taken = taken_by_slot(self.line, without=self.hidden)
        found: dict[tuple[str, str], list[Filled]] = {}
        for slot in self.setting.slots:
            given = taken.get((slot.offer_id, slot.quarter), 0.0)
            found.setdefault((slot.resource, slot.unit), []).append(Filled(slot, given))
        return [(resource, unit, quarters) for (resource, unit), quarters in found.items()]


def _percent(typed: str) -> int:
    percent = whole_number(typed)
    return PERCENT if percent is None else min(max(percent, LEAST_PERCENT), MOST_PERCENT)
