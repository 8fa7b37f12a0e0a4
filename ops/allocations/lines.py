"""The line of a call: drawn over its ranking and capacities, asked what if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from ops.allocations.line_setting import Setting, setting_of
from ops.allocations.mathematics.line import Line as Drawn
from ops.allocations.mathematics.line import draw_line, greedy, optimum
from ops.allocations.mathematics.line import ranking as in_order
from ops.allocations.models import Adjustment, Call, Line, Place, Ranking
from ops.allocations.models.line import PERCENT
from ops.allocations.ranking import latest_ranking, ranking_is_current
from ops.people.models import User
from ops.workflow.errors import GuardUnmet

SETTLED = "The results of this call are decided; its line stays as it was."


@dataclass(frozen=True)
class Trial:
    """What the line would be with other capacities: shares by request id. Nothing of it is kept."""

    ranked: Mapping[int, int]
    optimal: Mapping[int, int]
    ranked_value: float
    optimal_value: float


def draw(call: Call, *, basis: str, actor: User) -> Line:
    """Draw the line from the present ranking and keep it; what the committee adjusted before, and why, stays.

    Raises `GuardUnmet` where there is no ranking, where it is not that of the present reviews, and once the results
    are decided: then the line is what was decided by.
    """
    ranking = latest_ranking(call)
    if ranking is None or not ranking_is_current(ranking):
        raise GuardUnmet("Compare the scores first; the line is drawn over the present ranking.")
    setting = setting_of(call, ranking)
    drawn = draw_line(setting.candidates, setting.capacities)
    with transaction.atomic():
        # Whoever adjusts or decides waits here, so that no adjustment is lost and none comes too late.
        if is_settled(Call.objects.select_for_update(no_key=True).get(pk=call.pk)):
            raise GuardUnmet(SETTLED)
        before = latest_line(call)
        line = _kept(call, ranking, setting, drawn, basis, actor)
        if before is not None:
            _carry_over(before, line)
    return line


def _kept(call: Call, ranking: Ranking, setting: Setting, drawn: Drawn, basis: str, actor: User) -> Line:
    line = Line.objects.create(
        call=call,
        ranking=ranking,
        basis=basis,
        input_hash=drawn.input_hash,
        capacities=setting.kept_capacities,
        last_above=drawn.last_above,
        ranked_value=drawn.ranked.value,
        optimal_value=drawn.optimal.value,
        solver_status=drawn.optimal.status,
        gap=drawn.optimal.gap,
        made_by=actor,
    )
    least = {each.key: each.least for each in setting.candidates}
    Place.objects.bulk_create(
        Place(
            line=line,
            request_id=setting.requests[each.key],
            rank=each.rank,
            is_tied=each.is_tied,
            least=least[each.key],
            ranked=each.ranked,
            optimal=each.optimal,
            band=each.band,
            given=each.optimal if basis == Line.Basis.OPTIMAL else each.ranked,
        )
        for each in drawn.places
    )
    return line


def _carry_over(before: Line, line: Line) -> None:
    said = Adjustment.objects.filter(place__line=before).select_related("place").order_by("pk")
    latest = {each.place.request_id: each for each in said}
    for place in line.places.filter(request__in=latest):
        old = latest[place.request_id]
        if old.after == place.given and not old.amounts:
            continue
        Adjustment.objects.create(
            place=place, before=place.given, after=old.after, amounts=old.amounts, reason=old.reason,
            made_at=old.made_at, made_by_id=old.made_by_id,
        )  # fmt: skip
        place.given, place.amounts = old.after, old.amounts
        place.save(update_fields=["given", "amounts"])


def what_if(setting: Setting, percents: Mapping[int, int]) -> Trial:
    """Return what would fit if the capacities of some offers (by id) were so many percent of what they are."""
    order = in_order(setting.candidates)
    capacities = [slot.capacity * percents.get(slot.offer_id, PERCENT) / PERCENT for slot in setting.slots]
    ranked, optimal = greedy(order, capacities), optimum(order, capacities)
    return Trial(
        ranked={setting.requests[key]: share for key, share in ranked.shares.items()},
        optimal={setting.requests[key]: share for key, share in optimal.shares.items()},
        ranked_value=ranked.value,
        optimal_value=optimal.value,
    )


def latest_line(call: Call) -> Line | None:
    """Return the newest line of a call."""
    line = Line.objects.filter(call=call).select_related("ranking", "made_by").first()
    if line is not None:
        line.call = line.ranking.call = call
    return line


@dataclass(frozen=True)
class Freshness:
    """Whether a line is that of today: what has changed since; whether it can be drawn over the present scores."""

    what_changed: str
    can_be_drawn: bool


def is_settled(call: Call) -> bool:
    """Whether the results of a call are decided: its line is history and is not touched any more."""
    return call.state in {Call.State.DECIDED, Call.State.PUBLISHED}


def freshness_of(line: Line, setting: Setting | None = None) -> Freshness:
    """Compare a line with what it would be drawn from now; once the call is decided, it is what was decided by."""
    if is_settled(line.call):
        return Freshness("", can_be_drawn=False)
    newest = latest_ranking(line.call)
    is_current = newest is not None and ranking_is_current(newest)
    if newest is not None and newest.pk != line.ranking_id:
        return Freshness("The scores have been compared anew since the line was drawn.", is_current)
    if not is_current:
        return Freshness("Reviews have changed since the scores were compared.", can_be_drawn=False)
    setting = setting or setting_of(line.call, line.ranking)
    if setting.input_hash == line.input_hash:
        return Freshness("", can_be_drawn=True)
    if line.capacities != setting.kept_capacities:
        return Freshness("Capacities have changed since the line was drawn.", can_be_drawn=True)
    return Freshness("Requests have changed since the line was drawn.", can_be_drawn=True)


def why_stale(line: Line) -> str:
    """Say what has changed since the line was drawn; empty while it is that of today."""
    return freshness_of(line).what_changed


def line_to_follow(call: Call) -> Line:
    """Return the line that the committee recommends by; raises `GuardUnmet` for none or one out of date."""
    line = latest_line(call)
    if line is None:
        raise GuardUnmet("No line is drawn yet; draw it first.")
    if changed := why_stale(line):
        raise GuardUnmet(f"{changed} Draw it again first.")
    return line
