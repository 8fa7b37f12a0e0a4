"""A request as its proposer writes it, section by section, checks it, sends it and follows it."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from ops.allocations.content import content_of
from ops.allocations.models import Call, Question, Request
from ops.tickets.models import Attachment
from ops.tickets.services import attach
from ops.web.models import Draft
from ops.workflow.services import perform
from tests.allocations.factories import RequestFactory, open_call, periodic_call, with_rights
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

WRITE = RequestFactory()


def empty_draft(cast: Cast, **data: object) -> Request:
    """A draft with a title and nothing else."""
    given = {"abstract": "", "methods": "", "amounts": [], "justifications": {}, **data}
    made: Request = WRITE.new(cast, **given)
    return made


def amounts(**cells: str) -> dict[str, str]:
    """What is typed into the section of resources."""
    return {"justification-compute": "A minute for each visit.", **cells}


def test_a_draft_is_begun_in_an_open_call_and_seen_by_nobody_else(cast: Cast) -> None:
    call = periodic_call()
    page = browser(cast.reporter).post(
        reverse("new-request"), {"call": call.slug, "title": "Slow novae", "purpose": "new"}
    )
    request = Request.objects.get()
    assert page.url == reverse("write-request", args=[request.key, "science"])
    assert (request.title, request.call, request.state, request.visibility) == (
        "Slow novae",
        call,
        "draft",
        "circle",
    )
    for person in cast.people():
        sees = person in {cast.reporter, cast.system}
        assert (browser(person).get(request.get_absolute_url()).status_code == 200) == sees, person


def test_a_call_that_takes_no_requests_is_not_offered_and_refused_in_a_sentence(cast: Cast) -> None:
    open_call()
    prepared, past = (
        periodic_call("2028a", title="Semester 2028A"),
        periodic_call("2026a", title="Semester 2026A"),
    )
    Call.objects.filter(pk=prepared.pk).update(state="draft")
    yesterday = timezone.now() - datetime.timedelta(days=1)
    Call.objects.filter(pk=past.pk).update(closes_at=yesterday)
    address, client = reverse("new-request"), browser(cast.rac_member)

    page = client.get(f"{address}?call=2026a")
    assert "takes no requests now" in text_of(page, ".notice")
    assert "2026A" not in text_of(page, "fieldset")
    assert f"{address}?call=" not in client.get(past.get_absolute_url()).content.decode()
    for slug, sentence in (
        ("2028a", "“Semester 2028A” has not opened yet"),
        ("2026a", f"“Semester 2026A” has closed on {yesterday:%-d %B %Y}"),
    ):
        page = client.post(address, {"call": slug, "title": "Slow novae", "purpose": "new"})
        assert page.status_code == 422
        assert sentence in text_of(page, "fieldset")
        by_program = client.post(
            "/api/v1/requests/", {"call": slug, "title": "Slow novae"}, content_type="application/json"
        )
        assert by_program.status_code == 422
        assert sentence in by_program.json()["fields"]["call"][0]
    assert not Request.objects.exists()


def test_sections_are_saved_one_after_the_other(cast: Cast) -> None:
    request = empty_draft(cast)
    client = browser(cast.reporter)
    science = reverse("write-request", args=[request.key, "science"])

    page = client.post(
        science, {"abstract": "Novae.", "methods": "Difference imaging.", "version": request.version}
    )

    assert page.url == reverse("write-request", args=[request.key, "people"])
    page = client.post(page.url, {"co_investigators": "outsider", "version": request.version + 1})
    assert page.url == reverse("write-request", args=[request.key, "resources"])
    page = client.post(page.url, amounts(**{"asked-compute-1": "1,200.5", "minimum-compute-1": "10"}))
    assert page.status_code == 422, "the call offers 1,000"
    page = client.post(
        reverse("write-request", args=[request.key, "resources"]),
        amounts(**{"asked-compute-1": "800", "minimum-compute-1": "10 core-hours", "asked-compute-2": ""}),
    )
    assert page.url == reverse("write-request", args=[request.key, "files"])
    kept = [(row.quarter, str(row.asked), str(row.minimum)) for row in request.amounts.all()]
    assert kept == [(1, "800.000", "10.000")]
    request = Request.objects.get(pk=request.pk)
    assert request.abstract == "Novae."
    assert browser(cast.outsider).get(request.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            {"asked-compute-1": "-5"},
            "Compute, quarter 1: an amount cannot be negative; write a number of core-hours.",
        ),
        (
            {"asked-compute-2": "1001"},
            "Compute, quarter 2: 1,001 core-hours are more than the 1,000 that may be asked for.",
        ),
        (
            {"asked-compute-1": "500 GB"},
            "Compute, quarter 1 is counted in core-hours; “500 GB” is in GB. Write a number of core-hours.",
        ),
        (
            {"asked-compute-1": "5", "minimum-compute-1": "6"},
            "Compute, quarter 1: the least that is of use (6) is more than what is asked for (5).",
        ),
        (
            {"asked-compute-1": "plenty"},
            "“plenty” is not an amount; write a number of core-hours.",
        ),
        ({"minimum-compute-1": "lots"}, "Compute, quarter 1, minimum: “lots” is not an amount"),
        ({"justification-compute": "x" * 5001}, "Compute: at most 5,000 characters; it has 5,001."),
    ],
)
def test_an_amount_that_cannot_be_is_refused_beside_its_field(cast: Cast, cells: dict, sentence: str) -> None:
    request = empty_draft(cast)
    address = reverse("write-request", args=[request.key, "resources"])
    page = browser(cast.reporter).post(address, amounts(**cells))
    assert page.status_code == 422
    assert sentence in text_of(page, ".field-errors")
    assert next(iter(cells.values()))[:80] in page.content.decode()
    assert not request.amounts.exists()


def test_an_abstract_that_is_too_long_is_refused_with_the_limit_and_not_lost(cast: Cast) -> None:
    request = empty_draft(cast)
    address = reverse("write-request", args=[request.key, "science"])
    page = browser(cast.reporter).post(address, {"abstract": "y" * 10_000, "methods": ""})
    assert page.status_code == 422
    assert "at most 3000 characters (it has 10000)" in text_of(page, ".error-summary")
    assert "y" * 10_000 in page.content.decode()


def test_answers_to_the_questions_of_the_call(cast: Cast) -> None:
    call = open_call()
    kinds = Question.Kind
    rows = [
        ("software", kinds.LINE),
        ("jobs", kinds.NUMBER),
        ("public", kinds.YES_NO),
        ("where", kinds.CHOICE),
    ]
    for slug, kind in rows:
        Question.objects.create(
            call=call,
            slug=slug,
            text=f"About {slug}?",
            section="Software",
            kind=kind,
            choices=["here", "there"],
        )
    request = empty_draft(cast)
    client, address = browser(cast.reporter), reverse("write-request", args=[request.key, "questions"])

    assert "About jobs?" in text_of(client.get(address), ".write-form")
    page = client.post(
        address, {"answer-jobs": "many", "answer-where": "elsewhere", "answer-software": "Python"}
    )
    assert page.status_code == 422
    wrong = text_of(page, ".error-summary")
    assert "“About jobs?”: “many” is not a number." in wrong
    assert "“About where?”: choose one of here, there." in wrong
    client.post(address, {"answer-jobs": "12", "answer-public": "yes", "answer-where": "here"})
    assert {row.question.slug: row.text for row in request.answers.all()} == {
        "jobs": "12", "public": "yes", "where": "here",
    }  # fmt: skip
    page = client.get(reverse("check-request", args=[request.key]))
    assert "Answer “About software?”" in text_of(page, ".mends")


def test_a_file_that_says_it_is_a_pdf_and_is_none(cast: Cast) -> None:
    request = empty_draft(cast)
    client, address = browser(cast.reporter), reverse("write-request", args=[request.key, "files"])
    page = client.post(address, {"files": SimpleUploadedFile("plan.pdf", b"PK\x03\x04 a word file")})
    assert page.status_code == 422
    assert "ends in .pdf but is none" in text_of(page, ".notice")
    assert not request.attachments.exists()
    client.post(address, {"files": SimpleUploadedFile("plan.pdf", b"%PDF-1.7 a plan")})
    assert [file.name for file in request.attachments.all()] == ["plan.pdf"]


def test_a_file_is_taken_off_until_it_is_sent(cast: Cast) -> None:
    request = WRITE.new(cast)
    kept, wrong = (
        attach(request, actor=cast.reporter, upload=SimpleUploadedFile(f"{name}.pdf", b"%PDF-1.7 a plan"))
        for name in ("plan", "wrong")
    )
    client = browser(cast.reporter)

    def off(file: Attachment) -> str:
        return reverse("take-off-file", args=[request.key, file.pk])

    assert browser(cast.outsider).post(off(wrong)).status_code == 404
    assert client.post(off(wrong)).status_code == 302
    assert client.post(off(wrong)).status_code == 404
    assert [file.name for file in request.attachments.all()] == ["plan.pdf"]
    sent = perform(request, "submit", actor=cast.reporter)
    assert client.post(off(kept)).status_code == 403
    back = WRITE.take(WRITE.BACK, sent, cast)
    assert client.post(off(kept)).status_code == 409, "it belongs to the first version"
    late = attach(back, actor=cast.assessor, upload=SimpleUploadedFile("notes.pdf", b"%PDF-1.7 notes"))
    assert [file["name"] for file in content_of(back)["files"]] == ["plan.pdf"], (
        "what others attach is not asked"
    )
    page = client.get(reverse("write-request", args=[request.key, "files"]))
    assert off(late) not in page.content.decode()
    assert client.post(off(late)).status_code == 404
    assert "in a version that was sent" in text_of(page, ".files")


def test_the_check_page_lists_what_is_missing_and_leads_there(cast: Cast) -> None:
    request = empty_draft(cast, purpose="continuation")
    with_rights(cast.reporter)
    cast.reporter.data_rights_until = None
    cast.reporter.save()

    page = browser(cast.reporter).get(reverse("check-request", args=[request.key]))

    missing = text_of(page, ".mends")
    for sentence in (
        "Name the award that this request goes on from.",
        "Write an abstract.",
        "Ask for at least one resource.",
        "Urgent requests go to a standing call",
        "Your data rights must hold until the award period ends",
    ):
        assert sentence in missing
    assert "Ask for more than the basic quota" not in missing, "nothing is said twice"
    assert "amounts_exceed" not in missing
    assert reverse("write-request", args=[request.key, "science"]) in page.content.decode()
    assert reverse("do", args=[request.key, "submit"]) not in page.content.decode()


def test_a_complete_request_is_sent_and_kept_under_a_number(cast: Cast) -> None:
    request = WRITE.new(cast)
    client = browser(cast.reporter)
    page = client.get(reverse("check-request", args=[request.key]))
    assert "Everything is there" in text_of(page, ".write-form")

    client.post(reverse("do", args=[request.key, "submit"]), {"version": request.version})

    request = Request.objects.get(pk=request.pk)
    snapshot = request.snapshots.get()
    assert (request.state, snapshot.number) == ("submitted", 1)
    assert snapshot.content["amounts"][0]["asked"] == ["200", "0"]
    page = client.get(reverse("request-version", args=[request.key, 1]))
    assert "Difference imaging of every visit." in text_of(page)
    assert client.get(reverse("write-request", args=[request.key, "science"])).status_code == 403


def test_what_came_back_says_why_and_what_changed_when_it_was_sent_again(cast: Cast) -> None:
    request = WRITE.in_state("returned", cast)
    client = browser(cast.reporter)
    for address in ("science", "resources"):
        page = client.get(reverse("write-request", args=[request.key, address]))
        assert "Give the size of a job." in text_of(page, ".notice")
    client.post(
        reverse("write-request", args=[request.key, "science"]),
        {
            "abstract": request.abstract,
            "methods": "Difference imaging of every second visit.",
            "version": request.version,
        },
    )
    page = client.get(reverse("check-request", args=[request.key]))
    assert "Give the size of a job." in text_of(page, ".notice")
    request = perform(Request.objects.get(pk=request.pk), "submit", actor=cast.reporter)

    page = client.get(reverse("request-version", args=[request.key, 2]))
    assert (
        text_of(page, ".differences")
        == "Science and methods changed Difference imaging of every second visit."
    )
    assert "<ins>second </ins>" in page.content.decode()
    first = client.get(reverse("request-version", args=[request.key, 1]))
    assert "What changed" not in text_of(first)
    beside = browser(cast.assessor).get(reverse("assess-request", args=[request.key]))
    assert "What changed since version 1" in text_of(beside, ".beside-text")
    assert "Give the size of a job." in text_of(beside, ".beside-text")


def test_text_that_was_not_sent_stands_there_again(cast: Cast) -> None:
    request = empty_draft(cast)
    Draft.objects.create(
        user=cast.reporter, key=f"write:{request.key}:resources", fields={"asked-compute-1": "77"}
    )
    page = browser(cast.reporter).get(reverse("write-request", args=[request.key, "resources"]))
    assert 'value="77"' in page.content.decode()


def test_my_requests_say_where_each_is_and_until_when(cast: Cast) -> None:
    for state in ("returned", "in_review", "active"):
        WRITE.in_state(state, cast)
    few = cost(cast.reporter, reverse("my-requests"))
    for state in ("in_review", "in_review", "submitted"):
        WRITE.in_state(state, cast)
    assert cost(cast.reporter, reverse("my-requests")) == few <= MOST_QUERIES
    client = browser(cast.reporter)
    page = client.get(reverse("my-requests"))
    row = text_of(page, "table tbody")
    assert "Submitted" in row
    assert "the technical assessors" in row
    assert "of use" not in row


def test_the_assessor_judges_beside_the_request(cast: Cast) -> None:
    request = WRITE.in_state("submitted", cast)
    client, address = browser(cast.assessor), reverse("assess-request", args=[request.key])
    page = client.get(address)
    assert "Difference imaging" in text_of(page, ".beside-text")
    assert "Note to the committee" in text_of(page, ".beside-form")

    page = client.post(
        address, {"verdict": "with_changes", "note_to_committee": "", "note_to_proposer": "Use less."}
    )
    assert page.status_code == 422

    client.post(
        address,
        {"verdict": "with_changes", "note_to_committee": "Only at night.", "note_to_proposer": "Use less."},
    )
    request = Request.objects.get(pk=request.pk)
    assert request.state == "assessed"
    seen = text_of(browser(cast.reporter).get(request.get_absolute_url()))
    assert "Use less." in seen
    assert "feasible with changes" in seen
    assert "Only at night." not in seen
    assert "Only at night." in text_of(browser(cast.rac_chair).get(request.get_absolute_url()))
    assert browser(cast.reporter).get(address).status_code == 403
