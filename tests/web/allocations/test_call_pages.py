"""Calls as everybody reads them, and as the chair sets them up before they open."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from ops.allocations.models import Call, Offer
from ops.workflow.models import Event
from ops.workflow.services import create, perform
from tests.allocations.factories import AWARDS, open_call, periodic_call, resource, soon
from tests.cast import Cast
from tests.web.pages import browser, cost, text_of


@pytest.fixture
def call(cast: Cast) -> Call:
    """A call that is being prepared, with nothing in it."""
    data = {"slug": "2027a", "title": "Semester 2027A", "closes_at": soon(cast), **AWARDS}
    made: Call = create(Call, actor=cast.rac_chair, data=data)
    return made


def part(call: Call, name: str) -> str:
    """Where something is put into a call."""
    return reverse("new-part", args=[call.pk, name])


def test_everybody_reads_open_calls_and_the_committee_what_is_prepared(
    cast: Cast, call: Call, client: Any
) -> None:
    open_call()
    page = client.get(reverse("list-call"))
    assert "Urgent requests" in text_of(page, "main")
    assert "Semester 2027A" not in page.content.decode()
    assert client.get(call.get_absolute_url()).status_code == 404
    inside = text_of(browser(cast.rac_member).get(reverse("list-call")), "main")
    assert "Being prepared" in inside
    assert "Semester 2027A" in inside


def test_the_page_of_a_call_says_what_is_on_offer_and_how_it_is_judged(cast: Cast, client: Any) -> None:
    shown = periodic_call(blindness="dual_anonymous")
    Offer.objects.update(reserve=100, ceiling=400)
    words = text_of(client.get(shown.get_absolute_url()), "main")
    for said in ("Compute core-hours", "900", "400", "Scientific merit", "75 %", "Dual-anonymous"):
        assert said in words
    assert reverse("new-request") not in client.get(shown.get_absolute_url()).content.decode()
    assert (
        f"{reverse('new-request')}?call=2027a"
        in browser(cast.outsider).get(shown.get_absolute_url()).content.decode()
    )


def test_the_chair_sets_up_a_call_and_opens_it(cast: Cast, call: Call) -> None:
    client = browser(cast.rac_chair)
    compute = resource("compute", "core-hours")
    refused = client.post(part(call, "offer"), {"resource": compute.pk, "capacity-1": "-5", "reserve": "0"})
    assert refused.status_code == 422
    wrong = text_of(refused, ".error-summary")
    assert "Capacity, Feb to Apr 2027" in wrong
    assert "Capacity, May to Jul 2027" in wrong

    given = {"resource": compute.pk, "capacity-1": "500", "capacity-2": "700.5", "reserve": "50"}
    client.post(part(call, "offer"), given)
    assert client.post(part(call, "offer"), given).status_code == 422, "a resource stands once in a call"
    client.post(part(call, "criterion"), {"name": "Merit", "slug": "merit", "weight": "3"})
    question = {"section": "Software", "text": "Which software?", "slug": "software", "kind": "choice",
                "choices": "ours, theirs", "longest": "100", "is_required": "on"}  # fmt: skip
    client.post(part(call, "question"), question)
    offer = call.offers.get()
    assert [str(amount) for amount in offer.capacity] == ["500.000", "700.500"]
    assert call.questions.get().choices == ["ours", "theirs"]

    commit = reverse("commit-capacity", args=[call.pk, offer.pk])
    late = client.post(commit, {"quarter": "3", "amount": "10", "why": "RAC-7"})
    assert late.status_code == 422
    assert "from 1 to 2" in text_of(late, ".error-summary")
    client.post(commit, {"quarter": "2", "amount": "100", "why": "RAC-7 of the last semester"})
    assert [str(left) for left in Offer.objects.get().available] == ["450.000", "550.500"]
    assert Event.objects.of(call).filter(name="set_up").count() == 4

    set_up = text_of(client.get(reverse("set-up-call", args=[call.pk])), "main")
    assert "RAC-7 of the last semester" in set_up
    client.post(reverse("edit-part", args=[call.pk, "criterion", call.criteria.get().pk]),
                {"name": "Scientific merit", "slug": "merit", "weight": "2"})  # fmt: skip
    assert call.criteria.get().name == "Scientific merit"

    opened = perform(call, "open", actor=cast.rac_chair)
    assert (
        client.post(part(opened, "criterion"), {"name": "Late", "slug": "late", "weight": "1"}).status_code
        == 409
    )
    drop = reverse("drop-part", args=[call.pk, "criterion", call.criteria.get().pk])
    assert client.post(drop).status_code == 409
    assert call.criteria.count() == 1


def test_a_call_takes_over_what_another_had(cast: Cast, call: Call) -> None:
    open_call()
    browser(cast.operations_director).post(reverse("copy-call", args=[call.pk]), {"source": "urgent"})
    assert [criterion.slug for criterion in call.criteria.all()] == ["merit", "means"]
    assert call.offers.get().resource.slug == "compute"
    browser(cast.rac_chair).post(reverse("drop-part", args=[call.pk, "offer", call.offers.get().pk]))
    assert not call.offers.exists()


def test_nobody_else_prepares_a_call(cast: Cast, call: Call) -> None:
    for person in (cast.rac_member, cast.assessor, cast.outsider, cast.lead):
        client = browser(person)
        assert client.get(reverse("set-up-call", args=[call.pk])).status_code == 403
        answer = client.post(part(call, "criterion"), {"name": "Mine", "slug": "mine", "weight": "1"})
        assert answer.status_code in {403, 404}, person
    assert not call.criteria.exists()


def test_dates_that_contradict_one_another_are_refused(cast: Cast) -> None:
    client = browser(cast.rac_chair)
    given = {"slug": "x", "title": "X", "award_starts_on": "2027-02-01", "award_ends_on": "2026-07-31"}
    page = client.post(reverse("new", args=["call"]), given)
    assert page.status_code == 422
    assert "The last day lies before the first." in text_of(page, ".error-summary")
    page = client.post(reverse("new", args=["call"]), {**given, "award_ends_on": "2040-01-01"})
    assert "less than three years" in text_of(page, ".error-summary")


def test_lists_of_calls_cost_the_same_for_one_and_for_three(cast: Cast) -> None:
    open_call()
    one = cost(cast.outsider, reverse("list-call"))
    open_call("second")
    periodic_call()
    assert cost(cast.outsider, reverse("list-call")) == one
