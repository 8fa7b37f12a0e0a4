"""A semester of the Users Committee, from what a user says to what is verified; and a review that came twice.

Told through the pages and the real outbox; what is read is what each person sees.
"""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ops.committees.models import Feedback, Item, Report
from ops.issues.models import Issue
from tests.cast import Cast
from tests.committees.test_import_recommendations import FIRST, SECOND
from tests.scenarios.desk import Desk
from tests.web.conftest import plain_file_names
from tests.web.pages import browser, text_of

__all__ = ["plain_file_names"]
NEXT_MEETING = (timezone.now() + datetime.timedelta(days=150)).strftime("%Y-%m-%dT%H:%M")


def takes(person: Client, record, step: str, **data: str) -> None:
    """Take a step of a record on its page."""
    address = reverse("do", args=[record.key, step]) if isinstance(record, Report) else ""
    address = address or reverse(f"do-{record.workflow.kind}", args=[record.pk, step])
    answer = person.post(address, data)
    assert answer.status_code == 302, text_of(answer, "main")


def test_a_semester_from_feedback_to_verified(cast: Cast, desk: Desk) -> None:
    user, chair, member = browser(cast.reporter), browser(cast.uc_chair), browser(cast.uc_member)
    director, staff = browser(cast.director), browser(cast.scientist)

    # A user says what hinders them, in confidence; the chair is told, and not by whom.
    user.post("/feedback/give/", {"text": "Failed queries do not say why.", "is_confidential": "on"})
    told = desk.letters()
    assert set(told) == {"uc-chair"}
    assert "Reporter" not in told["uc-chair"].replace("Reply-To", "")
    feedback = Feedback.objects.get()

    # The chair writes a report; an item rests on the feedback; the members vote; it is adopted and delivered.
    chair.post("/new/report/", {"title": "Report on queries", "semester": "2026A", "source": "committee"})
    report = Report.objects.get()
    chair.post(
        reverse("add-item", args=[report.key]), {"kind": "recommendation", "text": "Say why a query failed."}
    )
    item = Item.objects.get()
    chair.post(reverse("attach-feedback", args=[feedback.pk]), {"item": item.pk})
    desk.letters()
    member.post(reverse("cast-vote", args=[report.key]), {"choice": "yes"})
    assert browser(cast.director).get(report.get_absolute_url()).status_code == 404
    takes(chair, report, "adopt")
    desk.letters()
    takes(chair, report, "deliver", response_due_at=NEXT_MEETING)
    assert "director" in desk.letters()
    takes(chair, report, "publish")
    desk.letters()
    assert "Say why a query failed." in text_of(Client().get(report.public_url))

    # The Director's office answers and opens a ticket; whoever gave the feedback hears, and is not named.
    takes(director, item.response, "answer", disposition="accept", text="With the next release.")
    told = desk.letters()
    assert {"reporter", "uc-chair", "uc-member"} <= set(told)
    assert "Reporter" not in told["uc-member"]
    staff.post(reverse("open-item-ticket", args=[item.pk]),
               {"title": "Say why", "description": "", "component": "portal", "visibility": "public",
                "origin": "committee"})  # fmt: skip
    takes(director, report, "respond")
    takes(chair, item.response, "accept")
    takes(chair, report, "review")

    # It is done, and said to be; the committee looks, asks for more, looks again.
    takes(director, item.work, "start", assignee="assignee")
    worker = browser(cast.assignee)
    takes(worker, item.work, "claim_done", evidence="https://example.org/release-28")
    takes(chair, item.work, "send_back", reason="Joins still say “internal error”.")
    assert "Joins still say" in desk.letters()["assignee"]
    takes(worker, item.work, "claim_done", evidence="https://example.org/release-29")
    takes(chair, item.work, "verify", recheck_at=NEXT_MEETING)
    assert "verified" in desk.letters()["reporter"].lower()
    takes(chair, report, "close")

    page = text_of(Client().get(item.get_absolute_url()))
    assert "Verified" in page
    assert "https://example.org/release-28" in page
    assert f"{Issue.objects.get().key} Say why" in page
    assert "0 of 1 finished" in page
    assert not re.search(
        r"\bReporter\b", text_of(member.get(feedback.get_absolute_url())).replace("Reported", "")
    )


def test_a_review_is_imported_twice(cast: Cast) -> None:
    lead = browser(cast.lead)

    def imported(sample, day: str) -> str:
        file = SimpleUploadedFile("list.csv", sample.read_bytes())
        page = lead.post("/recommendations/import/", {"file": file, "as_of": day})
        sealed = re.search(r'name="sealed" value="([^"]+)"', page.content.decode())
        assert sealed is not None
        lead.post("/recommendations/import/", {"sealed": sealed[1]})
        return text_of(page, "main")

    assert "5 created" in imported(FIRST, "2025-03-20")
    report = Report.objects.get()
    assert Client().get(report.public_url).status_code == 404
    director = browser(cast.director)
    takes(director, report, "publish")

    differences = imported(SECOND, "")
    assert "In Progress becomes → Implemented" in differences
    assert "it is the output of the command" in differences
    parts = Item.objects.get(external_key="OPS-102")
    page = text_of(Client().get(parts.get_absolute_url()))
    assert "Claimed done" in page
    assert "They lie in the store." in page
    assert "Ordered." in page, "the former words stay in the history"
    tracker = text_of(
        Client().get(f"/recommendations/?report={report.key}&work=claimed_done"), "table.tracker"
    )
    assert "Spare parts for the dome" in tracker
    assert "Say who decides at night" in tracker
    assert "Teach the tools" not in tracker
    written = b"".join(
        Client().get(f"/recommendations/list.csv?report={report.key}").streaming_content
    ).decode()
    assert written.splitlines()[0].startswith(
        "Issue key,Rec#,Summary,Report date,Due Date,Implementation Status,"
    )
    assert "OPS-105,,Count what is used,AOR_2025_03,," in written


@pytest.mark.parametrize("who", ["scientist", "uc_chair", "reporter"])
def test_lists_are_imported_by_those_who_keep_them(cast: Cast, who: str) -> None:
    page = browser(getattr(cast, who)).get("/recommendations/import/")
    assert page.status_code == 403
    assert "the lead community scientist" in text_of(page)
