"""What the committee sees of requests on its pages: everything that it judges by, nothing of a conflict."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ops.allocations.conflicts import declare_conflict
from ops.allocations.detection import find_conflicts
from ops.allocations.models import Call, Conflict, Request, Review
from ops.tickets.services import attach
from ops.workflow.services import create, edit, perform
from tests.allocations.factories import RequestFactory, moved, reviewed
from tests.cast import Cast
from tests.printing.signed import signed_pdf
from tests.web.pages import browser, cost, text_of

WRITE = RequestFactory()


@pytest.fixture
def request_(cast: Cast) -> Request:
    """A request in review."""
    cast.reporter.institution = "Harbour University"
    cast.reporter.save()
    made: Request = WRITE.in_state("in_review", cast)
    return made


def address(request: Request) -> str:
    """Where the committee reads it."""
    return reverse("committee-request", args=[request.call_id, request.key])


def assigned(request: Request, cast: Cast, reviewer: str = "rac-member") -> Review:
    """A review that was asked for."""
    made: Review = create(Review, actor=cast.rac_chair, data={"request": request.key, "reviewer": reviewer})
    return made


def test_a_member_reads_what_was_sent_and_nobody_else_reads_it_there(cast: Cast, request_: Request) -> None:
    words = text_of(browser(cast.rac_member).get(address(request_)))
    assert "Difference imaging of every visit." in words
    assert "Harbour University" in words
    assert "Fits well." in words
    for person in (cast.outsider, cast.staff, cast.lead, cast.reporter, cast.assessor):
        assert browser(person).get(address(request_)).status_code == 403, person


def test_a_dual_anonymous_call_hides_who_asks(cast: Cast, request_: Request) -> None:
    Call.objects.filter(pk=request_.call_id).update(blindness="dual_anonymous")
    page = browser(cast.rac_member).get(address(request_))
    assert "Difference imaging of every visit." in text_of(page)
    for name in ("Harbour", cast.reporter.name, f">{cast.reporter.username}<"):
        assert name not in page.content.decode()


def test_files_of_a_dual_anonymous_call_have_no_names(cast: Cast) -> None:
    draft, plan = WRITE.new(cast), signed_pdf("Adaeze Okonkwo")
    for name, content in (("okonkwo-plan.pdf", plan), ("torn.pdf", b"%PDF-1.7 x")):
        attach(draft, actor=cast.reporter, upload=SimpleUploadedFile(name, content))
    sent = moved(perform(draft, "submit", actor=cast.reporter), "in_review")
    file, torn = (reverse("committee-file", args=[sent.call_id, sent.key, number]) for number in (1, 2))
    reader = browser(cast.rac_member)
    assert "okonkwo-plan.pdf" in reader.get(file)["Content-Disposition"]
    assert reader.get(file).getvalue() == plan
    Call.objects.filter(pk=sent.call_id).update(blindness="dual_anonymous")
    given = reader.get(file)
    assert b"Okonkwo" not in given.getvalue()
    assert "okonkwo" not in given["Content-Disposition"]
    assert "okonkwo" not in reader.get(address(sent)).content.decode()
    refused = reader.get(torn)
    assert refused.status_code == 409
    assert "Ask staff for a copy without names." in text_of(refused)
    declare_conflict(sent, actor=cast.rac_member, evidence="We share an office.")
    assert reader.get(file).status_code == 404


def test_whoever_declares_a_conflict_sees_the_title_alone_and_keeps_no_copy(
    cast: Cast, request_: Request
) -> None:
    client = browser(cast.rac_member)
    assert client.get(address(request_))["Cache-Control"] == "no-store"

    review = assigned(request_, cast)
    refused = client.post(f"{address(request_)}conflict/", {"evidence": " "})
    assert (refused.status_code, Conflict.objects.count()) == (422, 0)
    client.post(f"{address(request_)}conflict/", {"evidence": "We share an office."})

    review = Review.objects.get(pk=review.pk)
    assert review.state == "returned"
    page = client.get(address(request_))
    words = text_of(page, ".page-beside")
    assert request_.title in words
    assert "We share an office." in words
    for secret in ("Difference imaging", "Fits well.", "Harbour", "core-hours"):
        assert secret not in page.content.decode()
    assert client.get(reverse("review", args=[review.pk])).status_code == 404
    listed = text_of(client.get(reverse("committee-requests", args=[request_.call_id])), "tbody")
    assert "Recused" in listed
    assert "Feasible" not in listed

    client.post(f"{address(request_)}conflict/take-back/")
    assert "Difference imaging" in text_of(client.get(address(request_)))


def test_a_chair_who_is_conflicted_does_not_find_it_at_all(cast: Cast, request_: Request) -> None:
    client = browser(cast.rac_chair)
    assert client.get(request_.get_absolute_url()).status_code == 200
    declare_conflict(request_, actor=cast.rac_chair, evidence="My former student.")
    assert client.get(request_.get_absolute_url()).status_code == 404
    conflicts = client.get(reverse("call-conflicts", args=[request_.call_id]))
    assert request_.key not in text_of(conflicts, "main")
    # Somebody has to chair it: the Operations Director does.
    assert Request.objects.get(pk=request_.pk).chair_ids == {cast.operations_director.pk}


def test_detected_conflicts_come_with_evidence_and_severity(cast: Cast, request_: Request) -> None:
    earlier = WRITE.new(cast, co_investigators=["rac-second"])
    perform(earlier, "submit", actor=cast.reporter)
    cast.rac_member.institution = "  harbour  UNIVERSITY "
    cast.rac_member.save()

    find_conflicts([Request.objects.get(pk=request_.pk)], moment=request_.created_at)

    found = {(row.person, row.kind): row for row in Conflict.objects.filter(request=request_)}
    together = found[cast.rac_second, "earlier_request"]
    assert (together.severity, together.evidence) == ("minor", f"Together in {earlier.key}.")
    institution = found[cast.rac_member, "institution"]
    assert institution.severity == "serious"
    assert cast.reporter.name in institution.evidence
    page = browser(cast.rac_member).get(address(request_))
    assert "You are recused" in text_of(page, ".page-beside")
    assert cast.reporter.name not in page.content.decode(), "the title only, and not who asks"
    of_earlier = Conflict.objects.get(request=earlier, person=cast.rac_second)
    assert (of_earlier.kind, of_earlier.severity) == ("co_investigator", "absolute")


def test_the_chair_waives_what_can_be_waived_and_says_why(cast: Cast, request_: Request) -> None:
    row = Conflict.objects.create(
        request=request_, person=cast.rac_member, kind="institution", severity="serious", evidence="Harbour."
    )
    client = browser(cast.rac_chair)
    listed = client.get(reverse("call-conflicts", args=[request_.call_id]))
    waive = reverse("waive-conflict", args=[request_.call_id, row.pk])
    assert waive in listed.content.decode()
    assert client.post(waive, {"reason": ""}).status_code == 422
    client.post(waive, {"reason": "They work on other continents."})
    row.refresh_from_db()
    assert (row.waived_by, row.waiver, row.is_open) == (
        cast.rac_chair,
        "They work on other continents.",
        False,
    )
    assert "Difference imaging" in text_of(browser(cast.rac_member).get(address(request_)))

    firm = Conflict.objects.create(
        request=request_, person=cast.rac_second, kind="co_investigator", severity="absolute", evidence="x"
    )
    firm_address = reverse("waive-conflict", args=[request_.call_id, firm.pk])
    assert client.post(firm_address, {"reason": "Please."}).status_code == 409
    assert browser(cast.rac_member).post(waive, {"reason": "Please."}).status_code in {403, 404}


def test_a_review_is_written_on_one_screen_and_opens_the_others(cast: Cast, request_: Request) -> None:
    other = reviewed(request_, cast.rac_second, 2, 1)
    Review.objects.filter(pk=other.pk).update(comment_to_committee="Rather weak.")
    review = assigned(request_, cast)
    client, page = browser(cast.rac_member), reverse("review", args=[review.pk])

    assert "Will you review it?" in text_of(client.get(page))
    assert client.get(reverse("review", args=[other.pk])).status_code == 404
    assert "Rather weak." not in client.get(address(request_)).content.decode()
    client.post(reverse("do-review", args=[review.pk, "accept"]), {})
    assert "Scientific merit" in text_of(client.get(page), ".beside-form")

    refused = client.post(page, {"score-merit": "6", "confidence": "high", "comment_to_committee": "Good."})
    assert refused.status_code == 422
    wrong = text_of(refused, ".error-summary")
    assert "Scientific merit: give a score from 1 to 5." in wrong
    assert "Use of the means: give a score from 1 to 5." in wrong
    assert "Good." in refused.content.decode()

    sent = client.post(page, {"score-merit": "5", "score-means": "3", "confidence": "high"})
    assert sent.url == address(request_)
    review = Review.objects.get(pk=review.pk)
    assert (review.state, review.overall) == ("submitted", 4.5)
    assert "Rather weak." in text_of(client.get(address(request_)))
    assert client.get(reverse("review", args=[other.pk])).status_code == 200

    client.post(
        page, {"score-merit": "1", "score-means": "1", "confidence": "low", "version": review.version}
    )
    assert Review.objects.get(pk=review.pk).overall == 1.0


def test_two_changes_of_one_review_at_once(cast: Cast, request_: Request) -> None:
    """The second is shown what the first has done, and nothing that was typed is lost."""
    review = perform(assigned(request_, cast), "accept", actor=cast.rac_member)
    client, page = browser(cast.rac_member), reverse("review", args=[review.pk])
    given = {"score-merit": "5", "score-means": "3", "confidence": "high", "version": review.version}
    client.post(page, given)
    second = client.post(page, {**given, "score-merit": "2", "comment_to_committee": "On second thoughts."})
    assert second.status_code == 409
    assert "On second thoughts." in second.content.decode()
    assert Review.objects.get(pk=review.pk).overall == 4.5


def test_the_load_board_says_who_is_how_far(cast: Cast, request_: Request) -> None:
    reviewed(request_, cast.rac_second)
    assigned(request_, cast)
    page = browser(cast.rac_chair).get(reverse("call-load", args=[request_.call_id]))
    rows = text_of(page, "tbody")
    assert "Rac Second" in rows
    assert "100 %" in rows
    assert browser(cast.rac_member).get(reverse("call-load", args=[request_.call_id])).status_code == 403


@pytest.mark.parametrize("name", ["committee-requests", "call-conflicts", "call-load"])
def test_lists_of_a_call_cost_the_same_for_one_and_for_three(
    cast: Cast, request_: Request, name: str
) -> None:
    where = reverse(name, args=[request_.call_id])
    declare_conflict(request_, actor=cast.rac_member, evidence="A friend.")
    reviewed(request_, cast.rac_second)
    one = cost(cast.rac_chair, where)
    for _ in range(2):
        more = moved(perform(WRITE.new(cast), "submit", actor=cast.reporter), "in_review")
        declare_conflict(more, actor=cast.rac_member, evidence="A friend.")
        reviewed(more, cast.rac_second)
    assert cost(cast.rac_chair, where) == one


def test_my_requests_cost_the_same_for_one_and_for_three(cast: Cast) -> None:
    WRITE.new(cast)
    one = cost(cast.reporter, reverse("my-requests"))
    for _ in range(2):
        edit(WRITE.new(cast), actor=cast.reporter, data={"title": "Another"})
    assert cost(cast.reporter, reverse("my-requests")) == one
