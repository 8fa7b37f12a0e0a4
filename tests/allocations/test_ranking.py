"""The scores of a call compared and kept."""

from __future__ import annotations

import pytest

from ops.allocations.models import Request, Review
from ops.allocations.ranking import latest_ranking, rank_call, ranking_is_current, reviews_awaited
from ops.workflow.errors import GuardUnmet
from tests.allocations.committee import barred, call_under_review, requests_in, scored
from tests.allocations.factories import moved, reviewed
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_three_numbers_stand_side_by_side(cast: Cast) -> None:
    call, (best, middle, worst) = scored(cast, (5, 4), (4, 3), (2, 1))
    ranking = rank_call(call, actor=cast.rac_chair)
    standings = {standing.request_id: standing for standing in ranking.standings.all()}
    assert [standings[request.pk].position for request in (best, middle, worst)] == [1, 2, 3]
    assert [standings[request.pk].raw for request in (best, middle, worst)] == [4.5, 3.5, 1.5]
    assert standings[best.pk].normalised > standings[middle.pk].normalised > standings[worst.pk].normalised
    assert all(standing.uncertainty > 0 for standing in standings.values())
    assert [bias.reviewer for bias in ranking.biases.all()] == [cast.rac_member, cast.rac_second]
    assert ranking.biases.first().bias > 0 > ranking.biases.last().bias


def test_no_reviews_no_number(cast: Cast) -> None:
    call = call_under_review()
    (request,) = requests_in(call, cast, 1)
    with pytest.raises(GuardUnmet, match="no review"):
        rank_call(call, actor=cast.rac_chair)
    other, *_ = requests_in(call, cast, 1)
    reviewed(other, cast.rac_member)
    ranking = rank_call(call, actor=cast.rac_chair)
    assert not ranking.standings.filter(request=request).exists()


def test_a_review_more_makes_a_ranking_out_of_date(cast: Cast) -> None:
    call, (first, _) = scored(cast, (5,), (4,))
    ranking = rank_call(call, actor=cast.rac_chair)
    assert ranking_is_current(ranking)
    reviewed(first, cast.rac_chair)
    assert not ranking_is_current(ranking)
    newer = rank_call(call, actor=cast.rac_chair)
    assert latest_ranking(call) == newer
    assert ranking_is_current(newer)


def test_the_review_of_whom_a_conflict_was_found_counts_no_more(cast: Cast) -> None:
    call, (first, _) = scored(cast, (5, 1), (4, 4))
    ranking = rank_call(call, actor=cast.rac_chair)
    barred(first, cast.rac_second)
    assert not ranking_is_current(ranking)
    assert rank_call(call, actor=cast.rac_chair).standings.get(request=first).raw == 5


def test_what_is_withdrawn_is_ranked_no_more(cast: Cast) -> None:
    call, (first, second) = scored(cast, (5, 4), (3, 2))
    moved(first, Request.State.WITHDRAWN)
    ranking = rank_call(call, actor=cast.rac_chair)
    assert [standing.request_id for standing in ranking.standings.all()] == [second.pk]


def test_reviews_that_are_awaited_are_counted(cast: Cast) -> None:
    call, (first, _) = scored(cast, (5,), (4,))
    Review.objects.create(request=first, reviewer=cast.rac_second, state=Review.State.ACCEPTED)
    assert reviews_awaited(call) == 1
