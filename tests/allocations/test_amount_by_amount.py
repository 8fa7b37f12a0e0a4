"""Awards set amount by amount: at the line, as a recommendation, as a decision; on the pages and by the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ops.allocations.adjusting import adjust, taken_by_slot
from ops.allocations.decisions import current, decide, follow_recommendation, recommend_outcome
from ops.allocations.lines import draw
from ops.allocations.models import Amount, Place, Request
from ops.allocations.models.decisions import Stage
from ops.allocations.ranking import rank_call
from ops.workflow.errors import InvalidInput, Stale
from tests.allocations.awards import request_in
from tests.allocations.committee import scored
from tests.allocations.factories import moved, offer_in
from tests.cast import Cast
from tests.web.pages import browser, text_of


def with_storage(request: Request) -> Request:
    """A request that asks for 200 core-hours, at least 50, and for 10 TB in each of two quarters, at least 4."""
    storage = offer_in(request.call, "storage", "TB")
    request.amounts.update(minimum=50)
    Amount.objects.bulk_create(
        Amount(request=request, offer=storage, quarter=quarter, asked=10, minimum=4) for quarter in (1, 2)
    )
    return request


def rows(compute: str, *storage: str) -> list[dict[str, Any]]:
    """Amounts as programs write them."""
    amounts = [{"resource": "compute", "quarter": 1, "amount": compute}]
    return amounts + [
        {"resource": "storage", "quarter": quarter, "amount": amount}
        for quarter, amount in enumerate(storage, 1)
    ]


def table(request: Request, stage: Stage = Stage.RECOMMENDED) -> list[Decimal]:
    """The amounts that stand there now, in the order of resources and quarters."""
    outcome = current(request, stage)
    assert outcome is not None
    found = outcome.amounts.order_by("offer__resource__slug", "quarter")
    return list(found.values_list("amount", flat=True))


def program(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def discussed(cast: Cast) -> Request:
    return with_storage(request_in("discussed", cast))


def test_chair_sets_each_amount_by_the_api_and_the_director_another(cast: Cast, discussed: Request) -> None:
    at = f"/api/v1/requests/{discussed.key}/"
    body = {"grade": "reduced", "amounts": rows("120", "10", "4"), "comment": "Less compute."}
    made = program(cast.rac_chair).post(f"{at}recommendation/", body, content_type="application/json")
    assert made.status_code == 201, made.json()
    assert table(discussed) == [Decimal(120), Decimal(10), Decimal(4)]
    assert program(cast.reporter).get(f"{at}outcome/").status_code == 403
    moved(discussed, "recommended")
    director = program(cast.operations_director)
    body = {"grade": "reduced", "amounts": rows("150", "10", "4")}
    refused = director.post(f"{at}decision/", body, content_type="application/json")
    assert refused.status_code == 422
    assert "reason" in refused.json()["fields"]
    body |= {"reason": "There is more.", "expected": 0}
    assert director.post(f"{at}decision/", body, content_type="application/json").status_code == 201
    told = director.get(f"{at}outcome/").json()
    assert [row["amount"] for row in told["decided"]["amounts"]] == ["150", "10", "4"]
    assert told["recommended"]["comment"] == "Less compute."


MISFITS: list[tuple[Any, str]] = [
    (rows("201", "4", "4"), "Compute, quarter 1: 200 core-hours were asked for, not more."),
    (
        rows("49", "4", "4"),
        "below 50 core-hours it is of no use to them; give as much, or write in the reason",
    ),
    (rows("120", "4", "-1"), "Storage, quarter 2: write an amount from 0 up"),
    (rows("much", "4", "4"), "compute, quarter 1: write a decimal number"),
    ([{"resource": "gold", "quarter": 1, "amount": "1"}], "Row 1: the request asks for compute, storage."),
    (rows("120", "4", "4", "4"), "Row 4: the quarter is one of 1 to 2."),
    ([*rows("120"), *rows("120")], "given twice"),
    ([7], "Give a list"),
]


def test_what_does_not_fit_is_named(cast: Cast, discussed: Request) -> None:
    at, chair = f"/api/v1/requests/{discussed.key}/recommendation/", program(cast.rac_chair)
    for amounts, sentence in MISFITS:
        body = {"grade": "reduced", "amounts": amounts}
        answer = chair.post(at, body, content_type="application/json")
        assert answer.status_code == 422
        assert sentence in str(answer.json()["fields"]["amounts"])


def test_less_than_is_of_use_takes_a_sentence_which_the_decision_may_follow(
    cast: Cast, discussed: Request
) -> None:
    page = f"/calls/{discussed.call_id}/recommendations/{discussed.key}/amounts/"
    typed = {"amount-compute-1": "20", "amount-storage-1": "10", "amount-storage-2": "", "version": "0"}
    chair = browser(cast.rac_chair)
    assert "below 50 core-hours" in text_of(chair.post(page, typed))
    assert chair.post(page, typed | {"reason": "A pilot first."}).status_code == 302
    assert table(discussed) == [Decimal(20), Decimal(10)]
    text = text_of(chair.get(f"/calls/{discussed.call_id}/recommendations/"))
    assert "Recommended: 20 core-hours · 10 TB" in text
    before = moved(discussed, "recommended")
    follow_recommendation(before, actor=cast.operations_director)
    assert table(discussed, Stage.DECIDED) == [Decimal(20), Decimal(10)]


def test_of_two_who_write_at_once_the_second_reads_first(cast: Cast, discussed: Request) -> None:
    page = f"/calls/{discussed.call_id}/recommendations/"
    typed = {f"{discussed.key}.choice": "full", f"{discussed.key}.seen": "0"}
    chair = browser(cast.rac_chair)
    assert chair.post(page, typed).status_code == 302
    other = typed | {f"{discussed.key}.choice": "none"}
    answer = chair.post(page, other)
    assert answer.status_code == 409
    assert f"{cast.rac_chair.name} has written on {discussed.key} meanwhile" in text_of(answer)
    assert current(discussed, Stage.RECOMMENDED).grade == "full"
    with pytest.raises(Stale):
        recommend_outcome(discussed, actor=cast.rac_chair, grade="none", expected=0)


def test_a_comment_in_the_row_leaves_the_amounts_alone(cast: Cast, discussed: Request) -> None:
    places = {(row.offer_id, row.quarter): row.minimum for row in discussed.amounts.all()}
    made = recommend_outcome(discussed, actor=cast.rac_chair, grade="reduced", amounts=places)
    chair, page = browser(cast.rac_chair), f"/calls/{discussed.call_id}/recommendations/"
    key, shown = discussed.key, chair.get(page).context["page"].rows[0]
    typed = {f"{key}.choice": shown.choice, f"{key}.percent": shown.percent, f"{key}.comment": "Well."}
    assert chair.post(page, typed | {f"{key}.seen": str(made.pk)}).status_code == 302
    assert table(discussed) == [Decimal(50), Decimal(4), Decimal(4)]
    assert current(discussed, Stage.RECOMMENDED).comment == "Well."


def test_line_is_adjusted_amount_by_amount_within_what_there_is(cast: Cast) -> None:
    call, (request,) = scored(cast, (4, 4))
    with_storage(request)
    rank_call(call, actor=cast.rac_chair)
    line = draw(call, basis="ranked", actor=cast.rac_chair)
    at, chair = f"/api/v1/calls/{call.pk}/line/", program(cast.rac_chair)
    body = {"request": request.key, "amounts": rows("100", "10", "10"), "reason": "Half the field is done."}
    assert chair.post(f"{at}adjustments/", body, content_type="application/json").status_code == 201
    place = Place.objects.get(line=line)
    assert (place.given, len(place.amounts)) == (83, 3)
    assert sorted(taken_by_slot(line).values()) == [10.0, 10.0, 100.0]
    stale = body | {"expected": 100}
    assert chair.post(f"{at}adjustments/", stale, content_type="application/json").status_code == 409
    assert program(cast.rac_member).get(at).status_code == 403
    assert chair.get(at).json()["places"][0]["reasons"] == ["Half the field is done."]
    browser(cast.rac_chair).post(f"/calls/{call.pk}/line/draw/", {"basis": "ranked"})
    moved(request, "discussed")
    browser(cast.rac_chair).post(f"/calls/{call.pk}/recommendations/line/")
    assert table(request) == [Decimal(100), Decimal(10), Decimal(10)]
    assert current(request, Stage.RECOMMENDED).reason == "Half the field is done."


def test_line_gives_no_amount_beyond_its_capacity(cast: Cast) -> None:
    call, (request,) = scored(cast, (4, 4))
    with_storage(request)
    rank_call(call, actor=cast.rac_chair)
    line = draw(call, basis="ranked", actor=cast.rac_chair)
    place = line.places.get()
    nothing = adjust(place, percent=0, reason="Later.", expected=100, actor=cast.rac_chair)
    call.offers.filter(resource__slug="storage").update(capacity=[Decimal(5), Decimal(5)])
    amounts = {(row.offer_id, row.quarter): row.asked for row in request.amounts.all()}
    amounts[min(amounts)] -= 1
    with pytest.raises(InvalidInput) as refused:
        adjust(nothing.place, amounts=amounts, reason="Most.", expected=0, actor=cast.rac_chair)
    assert len(refused.value.fields["amounts"]) == 2
    with pytest.raises(InvalidInput, match="award"):
        decide(moved(request, "recommended"), actor=cast.operations_director, grade="half")
