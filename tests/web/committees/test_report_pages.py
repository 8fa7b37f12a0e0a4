"""Writing a report, voting on it, reading it; items and their tracks; the tracker; feedback; the import."""

from __future__ import annotations

import datetime
import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from ops.committees.feedback.services import attach_feedback, give_feedback, withdraw_feedback
from ops.committees.models import Feedback, Item, PastedText, Report, Response, Work
from ops.committees.models.reports import open_tracks
from ops.committees.reports.outline import add_item
from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership
from ops.tickets.models import Link
from ops.web.waiting import MOST
from ops.workflow.services import edit, perform
from tests.cast import Cast
from tests.committees.reports import ANSWER, EVIDENCE, ReportFactory, ResponseFactory
from tests.committees.test_import_recommendations import FIRST, SECOND
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db
TEXT = """# Report of 2026A

We met twice.

## Recommendations

1. **Errors.** Say why a query failed.
   Name the column.
2. Teach the tools.
   1. Begin with the Portal.

## Commendations

The help desk is quick.
"""


def draft(cast: Cast) -> Report:
    return ReportFactory().new(cast)


def published(cast: Cast) -> Report:
    return ReportFactory().in_state("published", cast)


def test_chair_writes_and_a_member_reads(cast: Cast):
    report = draft(cast)
    address = reverse("report-outline", args=[report.key])
    page = browser(cast.uc_chair).get(address)
    assert "Add an item" in text_of(page)
    page = browser(cast.uc_member).get(address)
    assert page.status_code == 200
    assert "Add an item" not in text_of(page)
    for person in (cast.outsider, cast.lead, cast.director):
        assert browser(person).get(address).status_code == 404


def test_items_are_added_moved_and_taken_out(cast: Cast):
    report, chair = draft(cast), browser(cast.uc_chair)
    outline = reverse("report-outline", args=[report.key])
    answer = chair.post(
        reverse("add-item", args=[report.key]), {"text": "Second", "kind": "finding"}, follow=True
    )
    assert "Item 2 is saved." in text_of(answer)
    second = Item.objects.get(text="Second")
    chair.post(
        f"{reverse('add-item', args=[report.key])}?below={second.pk}", {"text": "Below", "kind": "finding"}
    )
    assert Item.objects.get(text="Below").number == "2.1"

    chair.post(reverse("move-item", args=[second.pk]), {"direction": "up"})
    assert [(item.number, item.text[:5]) for item in report.outline()] == [
        ("1", "Secon"),
        ("1.1", "Below"),
        ("2", "Let q"),
    ]
    third = report.outline()[2]
    places = [f"{third.pk}:0", f"{second.pk}:0", f"{Item.objects.get(text='Below').pk}:1"]
    assert chair.post(reverse("arrange-items", args=[report.key]), {"place": places}).status_code == 204
    assert [item.number for item in report.outline()] == ["1", "2", "2.1"]
    page = chair.get(second.get_absolute_url())
    ways = [str(other.number) for other in page.context["page"].neighbours.values()]
    assert ways == ["1", "2.1"]
    chair.post(reverse("remove-item", args=[second.pk]))
    assert [item.number for item in report.outline()] == ["1"]
    assert "taken out" in text_of(chair.get(outline))


def test_item_without_text_is_refused_by_the_field(cast: Cast):
    answer = browser(cast.uc_chair).post(
        reverse("add-item", args=[draft(cast).key]), {"text": " ", "kind": "finding"}
    )
    assert answer.status_code == 422
    assert "required" in text_of(answer, "#field-text")


def test_second_of_two_writers_sees_both_texts(cast: Cast):
    item = draft(cast).outline()[0]
    chair, address = browser(cast.uc_chair), reverse("change-item", args=[item.pk])
    chair.post(address, {"text": "By the first", "kind": "finding", "version": 1})
    answer = chair.post(address, {"text": "By the second", "kind": "finding", "version": 1})
    assert answer.status_code == 409
    assert "By the first" in text_of(answer)
    assert "By the second" in answer.content.decode()
    assert Item.objects.get(pk=item.pk).text == "By the first"


def test_delivered_item_is_not_deleted(cast: Cast):
    item = published(cast).outline()[0]
    answer = browser(cast.uc_chair).post(reverse("remove-item", args=[item.pk]))
    assert answer.status_code == 409
    assert "closed as withdrawn" in text_of(answer)
    assert Item.objects.filter(pk=item.pk).exists()


def test_pasted_text_is_corrected_and_kept_word_for_word(cast: Cast):
    report, chair = draft(cast), browser(cast.uc_chair)
    address = reverse("paste-report", args=[report.key])
    page = chair.post(address, {"text": TEXT})
    assert "4 pieces found" in text_of(page)
    assert report.items.count() == 1
    pieces = {
        "piece-place": ["0", "0", "1", "leave_out"],
        "piece-kind": ["recommendation", "recommendation", "recommendation", "commendation"],
        "piece-title": ["Errors", "", "", ""],
        "piece-text": [
            "Say why a query failed.",
            "Teach the tools.",
            "Begin with the Portal.",
            "The help desk",
        ],
    }
    chair.post(address, {"text": TEXT, "stage": "corrected", **pieces})
    assert [(item.number, item.title) for item in report.outline()] == [
        ("1", ""),
        ("2", "Errors"),
        ("3", ""),
        ("3.1", ""),
    ]
    assert PastedText.objects.get().text.replace("\r\n", "\n").strip() == TEXT.strip()


def test_members_vote_and_the_chair_adopts(cast: Cast):
    report = draft(cast)
    address = reverse("cast-vote", args=[report.key])
    page = browser(cast.uc_member).post(address, {"choice": "yes"}, follow=True)
    assert "1 for it, 0 against" in text_of(page)
    assert "It carries." in text_of(page)
    read = {"choice": "no", "wording": report.wording()}
    add_item(report, actor=cast.uc_chair, data={"text": "One more"})
    page = browser(cast.uc_member).get(reverse("report-votes", args=[report.key]))
    assert "on earlier words" in text_of(page)
    assert browser(cast.uc_member).post(address, read).status_code == 409  # not the words that were read
    assert report.votes.get().choice == "yes"


def test_votes_stay_with_the_members_and_as_they_were_counted(cast: Cast):
    report = published(cast)
    address = reverse("report-votes", args=[report.key])
    for person in (cast.outsider, cast.lead, cast.director):
        assert browser(person).get(address).status_code == 403
    Report.objects.filter(pk=report.pk).update(adopted_at=timezone.now() - datetime.timedelta(days=2))
    gone = Membership.objects.filter(person=cast.uc_member, team__slug=USERS_COMMITTEE)
    gone.update(ends_on=timezone.now().date() - datetime.timedelta(days=1))
    page = text_of(browser(cast.uc_chair).get(address))
    assert "1 for it, 0 against" in page
    assert cast.uc_member.name in page


def test_report_is_read_by_everybody_once_published(cast: Cast, client):
    report = published(cast)
    response = report.responses().get()
    home = browser(cast.director).get("/")
    assert f"{response.item.heading} (2026A 1)" in text_of(home)
    perform(response, "answer", actor=cast.director, data=ANSWER)
    page = client.get(report.public_url)
    assert page.status_code == 200
    assert "Let queries that fail say why" in text_of(page, "article.report")
    assert "We will, with the next release." in text_of(page, "article.report")
    markdown = client.get(reverse("report-markdown", args=[report.key])).content.decode()
    assert markdown.startswith("# Report of the Users Committee\n")
    assert "> We will, with the next release." in markdown
    pdf = client.get(reverse("report-pdf", args=[report.key]))
    assert pdf["Content-Type"] == "application/pdf"
    (one,) = PdfReader(BytesIO(pdf.content)).pages
    assert "Let queries that fail say why" in " ".join(one.extract_text().split())


def test_draft_is_found_by_its_members_alone(cast: Cast, client):
    report = draft(cast)
    for view in ("report-page", "report-pdf", "report-markdown"):
        assert client.get(reverse(view, args=[report.key])).status_code == 404
        assert browser(cast.director).get(reverse(view, args=[report.key])).status_code == 404
    assert client.get(reverse("report-item", args=[report.outline()[0].pk])).status_code == 404


def test_what_the_committee_did_among_itself_stays_there(cast: Cast, client):
    report = published(cast)
    assert "vote" in text_of(browser(cast.uc_member).get(report.get_absolute_url())).lower()
    public = text_of(client.get(report.get_absolute_url()), ".thread")
    assert "Uc Member" not in public
    assert "Published" in public


def test_steps_of_a_track_are_taken_on_the_item(cast: Cast):
    item = published(cast).outline()[0]
    director = browser(cast.director)
    page = director.get(item.get_absolute_url())
    assert "Answer…" in text_of(page, "#response")
    answer = director.post(reverse("do-response", args=[item.response.pk, "answer"]), ANSWER)
    assert answer.headers["Location"] == item.get_absolute_url()
    page = director.get(item.get_absolute_url())
    assert "We will, with the next release." in text_of(page, "#response")
    chair = browser(cast.uc_chair)
    chair.post(reverse("do-response", args=[item.response.pk, "accept"]), {"verdict_note": "Good."})
    assert Response.objects.get().state == "acceptable"
    refused = director.post(reverse("do-work", args=[item.work.pk, "claim_done"]), {"evidence": ""})
    assert refused.status_code == 422
    director.post(reverse("do-work", args=[item.work.pk, "claim_done"]), EVIDENCE)
    chair.post(reverse("do-work", args=[item.work.pk, "verify"]))
    assert Work.objects.get().state == "verified"
    assert "Evidence" in text_of(chair.get(item.get_absolute_url()), ".thread")


def test_response_of_twenty_thousand_characters_fits_and_no_more(cast: Cast):
    item = published(cast).outline()[0]
    address = reverse("do-response", args=[item.response.pk, "answer"])
    director = browser(cast.director)
    refused = director.post(address, {**ANSWER, "text": "x" * 20_001})
    assert refused.status_code == 422
    assert "20000" in text_of(refused, "#field-text")
    director.post(address, {**ANSWER, "text": "x" * 20_000})
    assert len(Response.objects.get().text) == 20_000


def test_ticket_is_opened_from_an_item_and_linked_both_ways(cast: Cast):
    report = published(cast)
    item = report.outline()[0]
    staff = browser(cast.scientist)
    page = staff.get(reverse("open-item-ticket", args=[item.pk]))
    assert "Let queries that fail say why" in page.content.decode()
    staff.post(
        reverse("open-item-ticket", args=[item.pk]),
        {
            "title": "Say why",
            "description": "From it.",
            "component": "portal",
            "visibility": "public",
            "origin": "committee",
        },
    )
    issue = Issue.objects.get()
    assert (issue.origin, list(item.tickets.all())) == ("committee", [issue.ticket_ptr])
    link = Link.objects.get()
    assert {link.source_id, link.target_id} == {report.pk, issue.pk}
    assert "0 of 1 finished" in text_of(staff.get(item.get_absolute_url()), "#tickets")
    assert browser(cast.outsider).get(reverse("open-item-ticket", args=[item.pk])).status_code == 403
    refused = browser(cast.outsider).post(reverse("open-item-ticket", args=[item.pk]), {"title": "Mine"})
    assert refused.status_code == 403


def test_tracker_shows_what_each_may_see_and_filters(cast: Cast, client):
    item = published(cast).outline()[0]
    page = client.get("/recommendations/")
    assert item.heading[:30] in text_of(page, "table.tracker")
    assert (
        text_of(client.get("/recommendations/?work=verified"), "div.nothing h2")
        == "Nothing fits these filters"
    )
    for bad in ("work=nothing", "sort=title", "page=0", "page=999999", "overdue=maybe", "search=%00"):
        assert client.get(f"/recommendations/?{bad}").status_code == 400
    rst = b"".join(client.get("/recommendations/list.rst").streaming_content).decode()
    assert ".. list-table::" in rst
    assert "Let queries that fail say why" in text_of(client.get("/recommendations/page/"), "main")


def test_tracker_costs_the_same_for_one_row_and_for_three(cast: Cast):
    ResponseFactory().item(cast)
    once = cost(cast.director, "/recommendations/")
    ResponseFactory().item(cast)
    ResponseFactory().item(cast)
    assert cost(cast.director, "/recommendations/") == once <= MOST_QUERIES


def test_outline_and_item_cost_the_same_whatever_they_hold(cast: Cast):
    report = draft(cast)
    address = reverse("report-outline", args=[report.key])
    once = cost(cast.uc_chair, address)
    for text in ("Two", "Three"):
        add_item(report, actor=cast.uc_chair, data={"text": text})
    assert cost(cast.uc_chair, address) == once <= MOST_QUERIES


def test_members_talk_about_one_item_among_themselves(cast: Cast):
    report = draft(cast)
    item = add_item(report, actor=cast.uc_chair, data={"text": "Teach the tools."})
    said = {"body": "Say which tools.", "visibility": "public", "about": item.part_name}
    at = reverse("comment", args=[report.key])
    answer = browser(cast.uc_member).post(at, said)
    made = report.comments.get()
    assert answer["Location"] == f"{item.get_absolute_url()}#comment-{made.pk}"
    outline, page = reverse("report-outline", args=[report.key]), item.get_absolute_url()
    once = cost(cast.uc_chair, outline), cost(cast.uc_chair, page)
    browser(cast.uc_chair).post(at, {**said, "body": "The Portal and the notebooks."})
    assert cast.uc_member in {row.person for row in Message.objects.filter(kind="tickets.comment")}
    assert (cost(cast.uc_chair, outline), cost(cast.uc_chair, page)) == once
    for address in (outline, page, report.get_absolute_url()):
        assert "Say which tools." in text_of(browser(cast.uc_chair).get(address)), address
    assert f"on item {item.number}" in text_of(browser(cast.uc_chair).get(report.get_absolute_url()))
    assert "Say which tools." not in text_of(
        browser(cast.uc_chair).get(report.outline()[0].get_absolute_url())
    )
    bare = browser(cast.uc_member).post(at, {**said, "body": ""})
    assert (bare.status_code, said["about"] in bare.content.decode()) == (422, True)
    assert browser(cast.uc_member).post(at, {**said, "about": "item-0"}).status_code == 422
    browser(cast.uc_chair).post(reverse("remove-item", args=[item.pk]))
    story = text_of(browser(cast.uc_chair).get(report.get_absolute_url()))
    assert "on something that was taken out" in story


def test_talk_about_an_item_stays_with_members_when_the_report_is_public(cast: Cast, client):
    item = published(cast).outline()[0]
    at = reverse("comment", args=[item.report.key])
    said = {"body": "Quietly.", "visibility": "public", "about": item.part_name}
    assert browser(cast.uc_member).post(at, said).status_code == 302
    assert "Quietly." in text_of(browser(cast.uc_chair).get(item.get_absolute_url()))
    for person in (cast.director, cast.lead, cast.staff, cast.outsider):
        assert "Quietly." not in browser(person).get(item.get_absolute_url()).content.decode()
        assert browser(person).post(at, said).status_code == 403
    assert "Quietly." not in client.get(item.get_absolute_url()).content.decode()


def test_feedback_names_nobody_who_did_not_agree(cast: Cast):
    told = {"text": "The Portal forgets my columns.", "area": "Portal"}
    browser(cast.reporter).post("/feedback/give/", {**told, "is_confidential": "on"})
    browser(cast.outsider).post("/feedback/give/", {**told, "text": "The help is quick."})
    hidden, named = Feedback.objects.order_by("pk")
    for address in ("/feedback/", hidden.get_absolute_url()):
        page = browser(cast.uc_chair).get(address).content.decode()
        assert cast.reporter.username not in page.replace("Reported", "").replace("reported", "")
        assert cast.reporter.name not in page
    assert cast.outsider.name in text_of(browser(cast.uc_member).get(named.get_absolute_url()))
    assert browser(cast.outsider).get(hidden.get_absolute_url()).status_code == 404
    assert browser(cast.director).get(named.get_absolute_url()).status_code == 404
    own = text_of(browser(cast.reporter).get("/feedback/"))
    assert "The Portal forgets my columns." in own
    assert "The help is quick." not in own


def test_whoever_gave_feedback_agrees_later_and_changes_their_mind(cast: Cast):
    given = give_feedback(actor=cast.reporter, data={"text": "It hangs.", "is_confidential": True})
    at, page = reverse("name-feedback", args=[given.pk]), given.get_absolute_url()
    assert browser(cast.outsider).post(at, {"agree": "yes"}).status_code == 404
    assert browser(cast.uc_chair).post(at, {"agree": "yes"}).status_code == 404
    assert "In confidence" in text_of(browser(cast.uc_member).get(page))
    browser(cast.reporter).post(at, {"agree": "yes"})
    assert f"From {cast.reporter.name}" in text_of(browser(cast.uc_member).get(page))
    browser(cast.reporter).post(at)
    seen = text_of(browser(cast.uc_member).get(page))
    assert ("In confidence" in seen, cast.reporter.name in seen) == (True, False)
    assert {event.actor.username for event in given.history_for(cast.uc_chair)} == {"system"}


def test_feedback_is_attached_and_taken_back(cast: Cast):
    item = published(cast).outline()[0]
    given = give_feedback(actor=cast.reporter, data={"text": "It hangs.", "is_confidential": True})
    chair = browser(cast.uc_chair)
    chair.post(reverse("attach-feedback", args=[given.pk]), {"item": item.pk})
    page = text_of(chair.get(item.get_absolute_url()))
    assert "It hangs." in page
    assert "in confidence" in page
    assert "It hangs." not in text_of(browser(cast.director).get(item.get_absolute_url()))
    browser(cast.reporter).post(reverse("withdraw-feedback", args=[given.pk]))
    assert "It hangs." not in text_of(chair.get(item.get_absolute_url()))
    assert chair.get(given.get_absolute_url()).status_code == 404
    assert browser(cast.outsider).post(reverse("withdraw-feedback", args=[given.pk])).status_code == 404


def test_whoever_gave_feedback_hears_and_stands_in_no_history(cast: Cast, client):
    item = published(cast).outline()[0]
    given = give_feedback(actor=cast.reporter, data={"text": "It hangs.", "is_confidential": True})
    attach_feedback(given, item, actor=cast.uc_member)
    done = perform(item.response, "answer", actor=cast.director, data=ANSWER)
    assert cast.reporter in [person for people in done.told.values() for person in people]
    regretted = give_feedback(actor=cast.outsider, data={"text": "Never mind."})
    attach_feedback(regretted, item, actor=cast.uc_member)
    withdraw_feedback(regretted, actor=cast.outsider)
    assert set(item.everybody_who_hears()) == {cast.reporter}
    api = browser(cast.uc_chair).get(f"/api/v1/feedback/{given.pk}/").content.decode()
    api += browser(cast.uc_chair).get(f"/api/v1/feedback/{given.pk}/events/").content.decode()
    assert '"reporter"' not in api
    assert "Reporter" not in api


def test_list_is_imported_after_its_differences_were_shown(cast: Cast):
    lead = browser(cast.lead)
    for sample, words, day in ((FIRST, "5 created", "2025-03-20"), (SECOND, "3 changed", "")):
        file = SimpleUploadedFile("list.csv", sample.read_bytes())
        page = lead.post("/recommendations/import/", {"file": file, "as_of": day})
        assert words in text_of(page)
        assert Item.objects.count() in (0, 5)
        sealed = re.search(r'name="sealed" value="([^"]+)"', page.content.decode())
        assert sealed
        answer = lead.post("/recommendations/import/", {"sealed": sealed[1]}, follow=True)
        assert f"Imported: {words}" in text_of(answer)
    assert Item.objects.count() == 5
    forged = lead.post("/recommendations/import/", {"sealed": "made-up"})
    assert forged.status_code == 422
    assert browser(cast.staff).get("/recommendations/import/").status_code == 403
    nonsense = lead.post("/recommendations/import/", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert nonsense.status_code == 422


def test_operators_do_not_read_who_gave_feedback(cast: Cast, admin_client):
    given = give_feedback(actor=cast.reporter, data={"text": "It hangs.", "is_confidential": True})
    perform(given, "note", actor=cast.uc_member)
    letters = Message.objects.filter(kind="committees.feedback.event", person=cast.reporter)
    letters.update(state=Message.State.PARKED)
    assert letters
    for address in (
        "/operators/outbox/?shelf=parked",
        "/admin/notify/message/",
        f"/admin/notify/message/{letters[0].pk}/change/",
    ):
        page = admin_client.get(address)
        assert page.status_code == 200, address
        assert cast.reporter.name not in text_of(page), address
        assert "not shown" in text_of(page), address


def test_of_more_than_home_has_room_for_the_pressing_are_shown(cast: Cast):
    report = published(cast)
    places = range(10, 10 + MOST + 5)
    items = Item.objects.bulk_create(Item(report=report, position=at, text=f"Thing {at}.") for at in places)
    first, *others = items
    open_tracks(first, due_at=None)
    Work.objects.bulk_create(Work(item=item, state=Work.State.NOT_STARTED) for item in others)
    edit(first.work, actor=cast.director, data={"due_at": timezone.now() + datetime.timedelta(days=3)})
    shown = text_of(browser(cast.director).get("/"), ".home-main")
    assert f"Work {first.text}" in shown
    assert sum(item.text in shown for item in items) < len(items)
