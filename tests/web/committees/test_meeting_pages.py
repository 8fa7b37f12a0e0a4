"""The pages of meetings: agenda, attendance, minutes; and the executive part, which no door opens to others."""

from __future__ import annotations

import pytest
from django.test import Client

from ops.committees.actions import take_actions
from ops.committees.calendars import key_of
from ops.committees.models import Action, AgendaPoint, Committee, Meeting
from ops.committees.sittings import add_point, write_minutes
from ops.issues.models import Issue
from ops.people.models import Membership, User
from ops.workflow.services import edit, perform
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

SECRET = "Dismissal of Smith"
WORD = "Dismissal"
ROOM = "room-for-members"
UC = "/committees/users-committee/"


@pytest.fixture
def whispered(held: Meeting, cast: Cast) -> Meeting:
    """A meeting with something in every executive place."""
    add_point(held, actor=cast.uc_chair, data={"title": f"{SECRET} point", "part": "executive"})
    text = f"{SECRET} minutes.\nACTION: @uc-member {SECRET} action"
    write_minutes(held, "executive", actor=cast.uc_chair, data={"text": text, "based_on": 0})
    take_actions(held, "executive", actor=cast.uc_chair)
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": "We met in the open.", "based_on": 0})
    return edit(held, actor=cast.uc_chair, data={"video_link": f"https://video.example.org/{ROOM}"})


def doors(meeting: Meeting) -> list[str]:
    at, number = meeting.get_absolute_url(), meeting.pk
    executive = f"/meetings/{number}/minutes/executive/"
    return [
        at, UC, f"{UC}meetings/", executive, f"{executive}1/", f"{executive}write/",
        f"/meetings/{number}/calendar.ics",
        f"/meetings/{number}/minutes/open/", f"/search/?q={WORD}", "/", "/notifications/",
        f"/api/v1/meetings/{number}/", f"/api/v1/meetings/{number}/events/", f"/api/v1/search/?q={WORD}",
        f"/api/v1/meetings/{number}/agenda/", f"/api/v1/meetings/{number}/minutes/open/",
        f"/api/v1/meetings/{number}/minutes/executive/", f"/api/v1/meetings/{number}/attendance/",
        f"/workflows/meeting/?of={number}", "/suggest/?q=Smith", f"{UC}hours/",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["lead", "director", "scientist", "staff", "outsider", "rac_chair"])
def test_no_door_opens_the_executive_part_to_others(whispered: Meeting, cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    calendar = f"/calendars/{key_of(person).secret}.ics"
    for published in (False, True):
        for address in [*doors(whispered), calendar]:
            page = browser(person).get(address)
            assert page.status_code in {200, 403, 404}, address
            for words in (SECRET, ROOM):
                assert words not in page.content.decode(), address
        if not published:
            perform(whispered, "publish_minutes", actor=cast.uc_chair)
    point, action = AgendaPoint.objects.get(), Action.objects.get()
    at = f"/meetings/{whispered.pk}"
    for address in (
        f"{at}/agenda/{point.pk}/drop/",
        f"{at}/agenda/{point.pk}/move/",
        f"{at}/actions/{action.pk}/",
    ):
        assert browser(person).post(address, {"to": "1"}).status_code == 404


def test_without_an_account_only_published_minutes_are_read(whispered: Meeting, cast: Cast) -> None:
    at = whispered.get_absolute_url()
    assert Client().get(at).status_code == 404
    perform(whispered, "publish_minutes", actor=cast.uc_chair)
    page = Client().get(at)
    assert "We met in the open." in text_of(page, "#main")
    for address in doors(whispered):
        for words in (SECRET, ROOM):
            assert words not in Client().get(address).content.decode(), address


def test_whoever_left_reads_the_executive_part_no_more(whispered: Meeting, cast: Cast) -> None:
    at = whispered.get_absolute_url()
    assert SECRET in browser(cast.uc_member).get(at).content.decode()
    Membership.objects.filter(person=cast.uc_member).update(ends_on="2021-01-01")
    assert SECRET not in browser(cast.uc_member).get(at).content.decode()


def test_minutes_before_their_publication_are_for_members_and_leads(whispered: Meeting, cast: Cast) -> None:
    at, read = whispered.get_absolute_url(), f"/meetings/{whispered.pk}/minutes/open/"
    for person in (cast.uc_member, cast.lead):
        assert "in the open" in text_of(browser(person).get(at), "#main")
        assert browser(person).get(read).status_code == 200
    assert "in the open" not in browser(cast.outsider).get(at).content.decode()
    assert browser(cast.outsider).get(read).status_code == 404
    perform(whispered, "publish_minutes", actor=cast.uc_chair)
    assert "in the open" in text_of(browser(cast.outsider).get(read), "#main")


def test_an_agenda_is_made_on_the_page(planned: Meeting, cast: Cast) -> None:
    client, at = browser(cast.uc_chair), f"/meetings/{planned.pk}"
    assert client.get(f"{at}/agenda/add/").status_code == 200
    assert client.post(f"{at}/agenda/add/", {"title": "", "part": "open"}).status_code == 422
    for title in ("Budget", "Feedback"):
        data = {
            "title": title,
            "part": "open",
            "minutes_long": "20",
            "presenter": "staff",
            "notes": "*Read* before.",
        }
        assert client.post(f"{at}/agenda/add/", data).status_code == 302
    first, second = AgendaPoint.objects.order_by("number")
    client.post(f"{at}/agenda/{second.pk}/move/", {"to": "1"})
    form = client.get(f"{at}/agenda/{first.pk}/")
    assert 'value="Budget"' in form.content.decode()
    client.post(f"{at}/agenda/{first.pk}/", {"title": "Money", "part": "open"})
    assert [point.title for point in AgendaPoint.objects.order_by("number")] == ["Feedback", "Money"]
    answer = client.post(f"{at}/agenda/{second.pk}/drop/", headers={"HX-Request": "true"})
    assert 'id="record"' in answer.content.decode()
    assert [point.title for point in AgendaPoint.objects.all()] == ["Money"]
    assert (
        browser(cast.outsider).post(f"{at}/agenda/add/", {"title": "Mine", "part": "open"}).status_code == 403
    )


def test_who_came_is_noted(held: Meeting, cast: Cast) -> None:
    client, at = browser(cast.uc_chair), f"/meetings/{held.pk}/attendance/"
    assert "Uc Member" in text_of(client.get(at), "#main")
    assert client.post(at, {"uc-chair": "present", "uc-member": "remote"}).status_code == 302
    assert "2 of 2" in text_of(client.get(held.get_absolute_url()), "#main")
    assert "1.50 h" in text_of(client.get(f"{UC}hours/"), "#main")


def test_two_write_the_minutes_at_once_and_both_are_there(held: Meeting, cast: Cast) -> None:
    at = f"/meetings/{held.pk}/minutes/open/write/"
    chair, lead = browser(cast.uc_chair), browser(cast.lead)
    chair.post(at, {"text": "One\n\nTwo\n\nThree", "based_on": "0"})
    form = lead.get(at).content.decode()
    assert 'name="based_on" value="1"' in form
    chair.post(at, {"text": "One, said the chair\n\nTwo\n\nThree", "based_on": "1"})
    answer = lead.post(at, {"text": "One\n\nTwo\n\nThree, said the lead", "based_on": "1"}, follow=True)
    words = text_of(answer)
    assert "One, said the chair" in words
    assert "Three, said the lead" in words
    assert "together with what others have written" in words
    clash = lead.post(at, {"text": "Nothing was said", "based_on": "1"}, follow=True)
    written = clash.content.decode()
    assert "Nothing was said" in written
    assert "said the chair" in written
    assert "side by side" in text_of(clash)


def test_what_was_typed_is_kept_when_the_minutes_were_published_meanwhile(held: Meeting, cast: Cast) -> None:
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": "We met.", "based_on": 0})
    perform(held, "publish_minutes", actor=cast.uc_chair)
    at = f"/meetings/{held.pk}/minutes/open/write/"
    answer = browser(cast.lead).post(at, {"text": "My long text", "based_on": "1"})
    assert answer.status_code == 409
    assert "My long text" in answer.content.decode()


def test_versions_are_read_one_by_one(held: Meeting, cast: Cast) -> None:
    for number, text in enumerate(("First wording", "Second wording")):
        write_minutes(held, "open", actor=cast.uc_chair, data={"text": text, "based_on": number})
    at, client = f"/meetings/{held.pk}/minutes/open/", browser(cast.uc_chair)
    assert "Second wording" in text_of(client.get(at), "#main")
    assert "First wording" in text_of(client.get(f"{at}1/"), "#main")
    assert client.get(f"{at}7/").status_code == 404
    assert client.get(f"/meetings/{held.pk}/minutes/other/").status_code == 404


def test_lines_become_tickets_in_one_action(held: Meeting, planned: Meeting, cast: Cast) -> None:
    text = "ACTION: @staff ask the archive, by 2030-03-01\nACTION: write it down"
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": text, "based_on": 0})
    client, at = browser(cast.uc_chair), held.get_absolute_url()
    assert "Make 2 tickets" in text_of(client.get(at), "#main")
    client.post(f"/meetings/{held.pk}/minutes/open/actions/")
    assert Issue.objects.count() == 2
    words = text_of(client.get(planned.get_absolute_url()), "#main")
    assert "Open from before 2" in words
    assert "ask the archive" in words
    assert browser(cast.outsider).post(f"/meetings/{held.pk}/minutes/open/actions/").status_code == 403


def test_executive_actions_are_ticked_off(whispered: Meeting, cast: Cast) -> None:
    action, client = Action.objects.get(), browser(cast.uc_member)
    client.post(f"/meetings/{whispered.pk}/actions/{action.pk}/", {"done": "yes"})
    assert Action.objects.get().done_by == cast.uc_member
    client.post(f"/meetings/{whispered.pk}/actions/{action.pk}/", {"done": "no"})
    assert Action.objects.get().done_at is None


def test_calendars_are_given_to_programs_without_signing_in(planned: Meeting, cast: Cast) -> None:
    page = browser(cast.uc_member).get("/committees/calendar/")
    secret = key_of(cast.uc_member).secret
    assert secret in page.content.decode()
    feed = Client().get(f"/calendars/{secret}.ics")
    assert feed.headers["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in feed.content
    browser(cast.uc_member).post("/committees/calendar/renew/")
    assert Client().get(f"/calendars/{secret}.ics").status_code == 404
    file = browser(cast.outsider).get(f"/meetings/{planned.pk}/calendar.ics")
    assert b"listening-" in file.content
    assert Client().get(f"/meetings/{planned.pk}/calendar.ics").status_code == 404


def test_a_fair_date_is_found_and_planned(cast: Cast, users_committee: Committee) -> None:
    User.objects.filter(pk=cast.uc_chair.pk).update(time_zone="Asia/Tokyo")
    client = browser(cast.uc_chair)
    page = client.get(f"{UC}dates/")
    words = text_of(page, "#main")
    assert "fairest" in words
    assert "Tokyo" in words
    assert "/new/meeting/?committee=users-committee&amp;starts_at=" in page.content.decode()
    wrong = text_of(client.get(f"{UC}dates/?first=2030-02-02&last=2030-02-01&minutes=60"), "#main")
    assert "before the first" in wrong
    assert client.get(f"{UC}dates/?first=x&last=&minutes=-1").status_code == 200
    assert browser(cast.outsider).get(f"{UC}dates/").status_code == 403


def test_the_page_of_a_meeting_costs_the_same_for_few_and_for_many(
    held: Meeting, planned: Meeting, cast: Cast
) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            add_point(planned, actor=cast.uc_chair, data={"title": f"Point {count}-{number}", "part": "open"})
        version = held.minutes_of("open").number
        text = "\n".join(f"ACTION: @staff do {count} {number}" for number in range(count))
        write_minutes(held, "open", actor=cast.uc_chair, data={"text": text, "based_on": version})
        take_actions(held, "open", actor=cast.uc_chair)

    fill(1)
    few = [cost(cast.uc_chair, meeting.get_absolute_url()) for meeting in (held, planned)]
    fill(3)
    assert [cost(cast.uc_chair, meeting.get_absolute_url()) for meeting in (held, planned)] == few
    assert max(few) <= MOST_QUERIES
