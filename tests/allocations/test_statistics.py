"""The public figures of a call: counted right, told in time."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from ops.allocations.models import Call, Request
from ops.allocations.statistics import HEADINGS, as_csv, figures_of
from tests.allocations.committee import limited, scored
from tests.allocations.factories import moved, outcome
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def finished(cast: Cast, state: str) -> Call:
    """A call of three requests, of which one was given in full, one by half, one withdrawn."""
    call, (full, half, gone) = scored(cast, (5,), (4,), (3,))
    limited(call, 250)
    Request.objects.filter(pk=half.pk).update(purpose="continuation")
    outcome(full, cast.operations_director)
    outcome(half, cast.operations_director, grade="reduced", part="0.5")
    for request in (full, half):
        moved(request, Request.State.AWARDED)
    moved(gone, Request.State.WITHDRAWN)
    moved(call, state)
    return Call.objects.get(pk=call.pk)


def test_what_was_asked_and_awarded_by_resource_quarter_and_kind(cast: Cast) -> None:
    figures = figures_of(finished(cast, Call.State.PUBLISHED))
    assert (figures.requests, figures.awarded) == (2, 2)
    assert [(kind.name, kind.requests, kind.awarded) for kind in figures.kinds] == [
        ("New", 1, 1), ("Continuation of an earlier award", 1, 1),
    ]  # fmt: skip
    (compute,) = figures.resources
    first, second = compute.quarters[1], compute.quarters[2]
    assert (first.asked, first.available, first.awarded) == (400, 250, 300)
    assert first.oversubscription == Decimal("1.60")
    assert (second.asked, second.awarded) == (0, 0)
    assert (compute.total.asked, compute.total.available, compute.total.awarded) == (400, 500, 300)
    assert compute.purposes["New"].awarded == 200


def test_nothing_is_told_too_early(cast: Cast) -> None:
    call = finished(cast, Call.State.OPEN)
    figures = figures_of(call)
    assert (figures.requests, figures.awarded, figures.resources) == (2, None, [])
    figures = figures_of(moved(call, Call.State.DECIDED))
    assert figures.awarded is None
    assert figures.resources[0].total.awarded is None
    assert figures.resources[0].purposes["New"].awarded is None


def test_the_same_as_csv(cast: Cast) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(figures_of(finished(cast, Call.State.PUBLISHED))))))
    assert tuple(rows[0]) == HEADINGS
    assert rows[0] == {
        "resource": "Compute", "unit": "core-hours", "quarter": "all", "kind": "all", "asked": "400.000",
        "available": "500.000", "awarded": "300.000", "oversubscription": "0.80",
    }  # fmt: skip
    hidden = list(
        csv.DictReader(io.StringIO(as_csv(figures_of(moved(Call.objects.get(), Call.State.RANKED)))))
    )
    assert {row["awarded"] for row in hidden} == {""}


def test_the_number_of_queries_does_not_grow(cast: Cast, django_assert_max_num_queries) -> None:
    call = finished(cast, Call.State.PUBLISHED)
    with django_assert_max_num_queries(7):
        figures_of(call)
