"""An urgent request, from the night in which it is needed to the award that is enforced, within its five days."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from ops.allocations.decisions import follow_recommendation, recommend_outcome
from ops.allocations.enforcement import base, write_overrides
from ops.allocations.entitlements import entitlements_of
from ops.allocations.models import Award, Request, Review
from ops.allocations.results import letter_of
from ops.clocks.models import Deadline
from ops.clocks.sweep import sweep
from ops.notify.models import Message
from ops.workflow.services import create, perform
from tests.allocations.awards import limit, request_in
from tests.allocations.factories import open_call, with_rights
from tests.allocations.quota.server import TOKEN, Service, running
from tests.cast import Cast

HOUR = datetime.timedelta(hours=1)
# A Monday morning at the desk.
MONDAY = datetime.datetime(2026, 11, 16, 18, tzinfo=datetime.UTC)


@pytest.fixture
def platform(cast: Cast, settings) -> Iterator[Service]:
    """The authorisation service, with the default that everybody has."""
    with running(Service(base=base())) as service:
        settings.QUOTA_SERVICE_URL, settings.QUOTA_SERVICE_TOKEN = service.address, TOKEN
        yield service


def test_urgent_request_is_decided_in_time_and_enforced(cast: Cast, platform: Service) -> None:
    queries = limit("queries", "tap.qserv", basic=12)
    call = open_call()
    call.offers.create(resource=queries, capacity=[60] * len(call.quarters))
    data = {
        "call": call.slug, "purpose": "urgent", "title": "A comet on its way out",
        "abstract": "It leaves for good.", "methods": "Stacking along the track.",
        "amounts": [{"resource": "queries", "quarter": 1, "asked": 20, "minimum": 16}],
        "justifications": {"queries": "The track crosses forty fields."},
    }  # fmt: skip
    request = create(Request, actor=with_rights(cast.reporter), data=data, moment=MONDAY)
    request = perform(request, "submit", actor=cast.reporter, moment=MONDAY)
    due = Deadline.objects.get(object_id=request.pk, policy__slug="urgent-decision")
    assert due.due_at - MONDAY <= datetime.timedelta(days=7)

    verdict = {"verdict": "feasible", "note_to_committee": "Small.", "note_to_proposer": ""}
    request = perform(request, "assess", actor=cast.assessor, data=verdict, moment=MONDAY + 4 * HOUR)
    request = perform(request, "send_to_review", actor=cast.rac_chair, moment=MONDAY + 5 * HOUR)
    asked = {"request": request.key, "reviewer": cast.rac_member.username}
    review = create(Review, actor=cast.rac_chair, data=asked, moment=MONDAY + 5 * HOUR)
    review = perform(review, "accept", actor=cast.rac_member, moment=MONDAY + 6 * HOUR)
    said = {"scores": {"merit": 5, "means": 4}, "confidence": "high", "comment_to_proposer": "Good luck."}
    perform(review, "submit", actor=cast.rac_member, data=said, moment=MONDAY + 24 * HOUR)
    request = perform(request, "discuss", actor=cast.rac_chair, moment=MONDAY + 25 * HOUR)
    recommend_outcome(request, actor=cast.rac_chair, grade="full", moment=MONDAY + 25 * HOUR)
    request = perform(request, "recommend", actor=cast.rac_chair, moment=MONDAY + 26 * HOUR)
    follow_recommendation(request, actor=cast.operations_director, moment=MONDAY + 48 * HOUR)

    due.refresh_from_db()
    assert due.state == Deadline.State.MET
    assert due.ended_at == MONDAY + 48 * HOUR
    letter = letter_of(request, cast.reporter)
    assert [text for _, text in letter.comments] == ["Good luck."]

    request = perform(Request.objects.get(pk=request.pk), "accept", actor=cast.reporter)
    perform(request, "provision", actor=cast.assessor)
    award = Award.objects.get(request=request)
    platform.groups["reporter"] = [award.group]
    (active,) = write_overrides(actor=cast.assessor)
    assert active.state == "active"
    assert platform.quota_of([award.group])["tap"] == {"qserv": {"concurrent": 20}}
    held = next(each for each in entitlements_of(cast.reporter) if each.name == "Queries")
    assert (held.basic, held.total) == (12, 20)


def test_nobody_decides_by_silence(cast: Cast) -> None:
    """Everybody sleeps: those who should know are told, and the request stands where it stood."""
    data = {
        "call": open_call().slug, "purpose": "urgent", "title": "A comet on its way out", "abstract": "It leaves.",
        "methods": "Stacking.", "amounts": [{"resource": "compute", "quarter": 1, "asked": 100, "minimum": 50}],
        "justifications": {"compute": "Ten minutes for each field."},
    }  # fmt: skip
    request = create(Request, actor=with_rights(cast.reporter), data=data, moment=MONDAY)
    perform(request, "submit", actor=cast.reporter, moment=MONDAY)
    Message.objects.all().delete()
    sweep(moment=MONDAY + datetime.timedelta(days=12))
    told = {message.person for message in Message.objects.select_related("person")}
    assert {cast.rac_chair, cast.operations_director} <= told
    assert Request.objects.get(pk=request.pk).state == "submitted"


def test_award_ends_with_its_period_and_is_written_off_after_the_grace(cast: Cast) -> None:
    request = request_in("active", cast)
    award = Award.objects.get(request=request)
    sweep(moment=request.award_ends_at + HOUR)
    assert Request.objects.get(pk=request.pk).state == "grace"
    assert award.entries.count() == 1
    sweep(moment=request.grace_ends_at + HOUR)
    assert Request.objects.get(pk=request.pk).state == "expired"
    assert list(award.entries.values_list("kind", "amount")) == [("grant", 200), ("expiry", -200)]
