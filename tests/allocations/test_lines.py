"""The line of a call: drawn, out of date, tried otherwise, adjusted with a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ops.allocations.adjusting import adjust, shares_of, taken_by_slot
from ops.allocations.line_setting import setting_of
from ops.allocations.lines import draw, latest_line, line_to_follow, what_if, why_stale
from ops.allocations.mathematics.lottery import commitment_to, lot
from ops.allocations.models import Adjustment, Amount, Assessment, Call, Line, Lottery, Request, Snapshot
from ops.allocations.ranking import rank_call
from ops.allocations.works import LINE, RANK
from ops.jobs.selectors import latest
from ops.jobs.services import do, start
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed, Stale
from ops.workflow.services import perform
from tests.allocations.committee import SENT_AT, barred, limited, scored
from tests.allocations.factories import CallFactory, moved, reviewed
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def drawn(call: Call, cast: Cast, basis: str = "ranked") -> Line:
    rank_call(call, actor=cast.rac_chair)
    return draw(call, basis=basis, actor=cast.rac_chair)


def shares(line: Line, name: str = "given") -> list[int]:
    return [getattr(place, name) for place in line.places.all()]


def test_the_ranked_list_stands_beside_the_optimum(cast: Cast) -> None:
    call, (large, *_) = scored(cast, (5, 5), (4, 4), (4, 4))
    limited(call, 400)
    Amount.objects.filter(request=large).update(asked=400, minimum=400)
    line = drawn(call, cast)
    assert shares(line, "ranked") == [100, 0, 0]
    assert shares(line, "optimal") == [0, 100, 100]
    assert shares(line) == [100, 0, 0]
    assert line.last_above == 1
    assert line.optimal_value > line.ranked_value
    assert "Optimal" in line.solver_status
    assert shares(draw(call, basis="optimal", actor=cast.rac_chair)) == [0, 100, 100]


def test_reserve_and_commitments_are_not_given_and_reduced_awards_are_useful(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5), (4, 4))
    offer = limited(call, 400)
    offer.reserve = Decimal(60)
    offer.save()
    offer.commitments.create(quarter=1, amount=20, why="RAC-1 of last semester")
    line = drawn(call, cast)
    # 320 are left of 400: the first gets its 200, the second 60 % of its 200, of which a quarter would do.
    assert shares(line, "ranked") == [100, 60]
    assert taken_by_slot(line) == {(offer.pk, 1): 320.0}


def test_bands_say_what_stands_firm(cast: Cast) -> None:
    call, _ = scored(cast, *[(5, 5)] * 4, (1, 1))
    limited(call, 790)
    Amount.objects.update(minimum=200)
    line = drawn(call, cast)
    assert sorted(place.band for place in line.places.all()) == ["marginal", "out", "safe", "safe", "safe"]


def test_an_infeasible_request_is_no_candidate(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 5), (4, 4))
    snapshot = Snapshot.objects.create(
        request=first, number=1, content={"title": first.title}, digest="x", taken_at=SENT_AT
    )
    Assessment.objects.create(
        request=first, snapshot=snapshot, assessor=cast.assessor, verdict="infeasible", note_to_committee="No.",
        made_at=SENT_AT,
    )  # fmt: skip
    line = drawn(call, cast)
    assert [place.request_id for place in line.places.all()] == [second.pk]


def test_what_changes_after_the_line_makes_it_out_of_date(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 5), (4, 4))
    line = drawn(call, cast)
    assert why_stale(line) == ""
    limited(call, 300)
    assert why_stale(line) == "Capacities have changed since the line was drawn."
    line = draw(call, basis="ranked", actor=cast.rac_chair)
    assert why_stale(line) == ""
    Amount.objects.filter(request=second).update(asked=60)
    assert why_stale(line) == "Requests have changed since the line was drawn."
    reviewed(first, cast.rac_chair)
    assert why_stale(line) == "Reviews have changed since the scores were compared."
    with pytest.raises(GuardUnmet, match="Compare the scores first"):
        draw(call, basis="ranked", actor=cast.rac_chair)
    rank_call(call, actor=cast.rac_chair)
    assert why_stale(line) == "The scores have been compared anew since the line was drawn."


def test_the_same_input_has_the_same_line(cast: Cast) -> None:
    call, _ = scored(cast, (5, 4), (4, 4), (4, 4), (2, 1))
    limited(call, 500)
    one = drawn(call, cast)
    two = drawn(call, cast)
    assert one.input_hash == two.input_hash
    values = ("request_id", "rank", "is_tied", "ranked", "optimal", "band", "given")
    assert list(one.places.values_list(*values)) == list(two.places.values_list(*values))


def test_equals_stand_by_lots_that_were_fixed_when_the_call_opened(cast: Cast) -> None:
    opened = CallFactory().in_state("open", cast)
    lottery = Lottery.objects.get(call=opened)
    assert lottery.commitment == commitment_to(lottery.seed)
    assert lottery.shown_seed == ""
    assert Lottery.objects.commit(opened).seed == lottery.seed
    assert Lottery.objects.get(call=CallFactory().in_state("published", cast)).shown_seed
    call, requests = scored(cast, (4, 4), (4, 4), (4, 4))
    line = drawn(call, cast)
    seed = Lottery.objects.get(call=call).seed
    by_lot = sorted(requests, key=lambda request: lot(seed, request.key))
    assert [place.request_id for place in line.places.all()] == [request.pk for request in by_lot]
    assert all(place.is_tied for place in line.places.all())


def test_trying_other_capacities_keeps_nothing(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 5), (4, 4))
    offer = limited(call, 400)
    line = drawn(call, cast)
    trial = what_if(setting_of(call, line.ranking), {offer.pk: 50})
    assert trial.ranked == {first.pk: 100, second.pk: 0}
    assert trial.ranked_value < line.ranked_value
    assert latest_line(call) == line
    assert shares(line, "ranked") == [100, 100]


def test_the_committee_departs_from_the_line_with_a_reason(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 5), (4, 4))
    limited(call, 200)
    line = drawn(call, cast)
    best, other = line.places.all()
    adjust(best, percent=40, reason="Half of the field is done already.", expected=100, actor=cast.rac_chair)
    adjust(other, percent=60, reason="It can begin.", expected=0, actor=cast.rac_chair)
    assert shares_of(line) == {first.pk: 40, second.pk: 60}
    said = Adjustment.objects.first()
    assert (said.before, said.after, said.reason, said.made_by) == (
        100, 40, "Half of the field is done already.", cast.rac_chair,
    )  # fmt: skip
    again = draw(call, basis="ranked", actor=cast.rac_chair)
    assert shares_of(again) == {first.pk: 40, second.pk: 60}
    assert again.places.get(request=first).adjustments.get().reason == said.reason


def test_an_adjustment_never_exceeds_a_capacity(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5), (4, 4))
    limited(call, 300)
    line = drawn(call, cast)
    second = line.places.last()
    assert second.given == 50
    with pytest.raises(InvalidInput) as refusal:
        adjust(second, percent=60, reason="They need it.", expected=50, actor=cast.rac_chair)
    assert refusal.value.fields["percent"] == [
        "Compute, quarter 1: 320.0 of 300.0 core-hours would be given. Reduce another request first."
    ]
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize(
    ("percent", "reason", "field"),
    [
        (10, "Some.", "percent"),
        (101, "More.", "percent"),
        (-1, "Less.", "percent"),
        (None, "What?", "percent"),
        (50, "  ", "reason"),
    ],
)
def test_what_makes_no_sense_is_refused(cast: Cast, percent: int | None, reason: str, field: str) -> None:
    call, _ = scored(cast, (5, 5))
    place = drawn(call, cast).places.get()
    with pytest.raises(InvalidInput) as refusal:
        adjust(place, percent=percent, reason=reason, expected=100, actor=cast.rac_chair)
    assert set(refusal.value.fields) == {field}


def test_two_chairs_at_once_do_not_overwrite_one_another(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5))
    place = drawn(call, cast).places.get()
    adjust(place, percent=50, reason="One.", expected=100, actor=cast.rac_chair)
    with pytest.raises(Stale, match="Somebody else"):
        adjust(place, percent=80, reason="Two.", expected=100, actor=cast.rac_chair)
    draw(call, basis="ranked", actor=cast.rac_chair)
    with pytest.raises(Stale, match="A newer line"):
        adjust(place, percent=80, reason="Two.", expected=50, actor=cast.rac_chair)


def test_line_stays_as_it_was_once_the_call_is_decided(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5))
    place = drawn(call, cast).places.get()  # as two chairs have it before them when the Director decides
    moved(call, Call.State.DECIDED)
    with pytest.raises(GuardUnmet, match="stays as it was"):
        adjust(place, percent=50, reason="One.", expected=100, actor=cast.rac_chair)
    with pytest.raises(GuardUnmet, match="stays as it was"):
        draw(call, basis="optimal", actor=cast.rac_chair)
    assert Line.objects.get().places.get().given == 100


def test_only_a_chair_without_a_conflict_adjusts(cast: Cast) -> None:
    call, (request,) = scored(cast, (5, 5))
    place = drawn(call, cast).places.get()
    for actor in (cast.rac_member, cast.operations_director, cast.reporter):
        with pytest.raises(NotAllowed):
            adjust(place, percent=0, reason="No.", expected=100, actor=actor)
    barred(request, cast.rac_chair)
    place = Line.objects.get().places.get()
    with pytest.raises(NotAllowed):
        adjust(place, percent=0, reason="No.", expected=100, actor=cast.rac_chair)


def test_workers_compare_and_draw_and_say_why_they_cannot(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5), (3, 4))
    do(start(LINE, actor=cast.rac_chair, about=call, data={"basis": "ranked"}).pk)
    assert latest(LINE, call).words.startswith("Compare the scores first")
    do(start(RANK, actor=cast.rac_chair, about=call).pk)
    do(start(LINE, actor=cast.rac_chair, about=call, data={"basis": "optimal"}).pk)
    assert latest(LINE, call).result == {"line": Line.objects.get().pk}
    assert Line.objects.get().made_by == cast.rac_chair


def test_what_is_withdrawn_leaves_the_line(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 5), (4, 4))
    line = drawn(call, cast)
    perform(Request.objects.get(pk=first.pk), "withdraw", actor=cast.reporter)
    assert why_stale(line) == "Reviews have changed since the scores were compared."
    assert moved(second, Request.State.DISCUSSED)
    assert [place.request_id for place in drawn(call, cast).places.all()] == [second.pk]


def test_the_committee_follows_no_line_that_is_out_of_date(cast: Cast) -> None:
    call, _ = scored(cast, (5, 5), (4, 4))
    with pytest.raises(GuardUnmet, match="No line is drawn yet"):
        line_to_follow(call)
    line = drawn(call, cast)
    assert line_to_follow(call) == line
    limited(call, 300)
    with pytest.raises(GuardUnmet, match=r"Capacities have changed .* Draw it again first"):
        line_to_follow(call)
