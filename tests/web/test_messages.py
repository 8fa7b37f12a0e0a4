"""The bell and its list, what one wants to be told, and hearing no more."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ops.notify import composers, notices, preferences, unsubscribing
from ops.notify.models import Message, Timing
from ops.notify.preferences import preferences_of
from tests.notify.room import Room, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(monkeypatch) -> Room:
    """A room that writes notes, the only one in the house."""
    monkeypatch.setattr(composers, "_kinds", {})
    room = Room()
    composers.register("note", room.compose, label="Notes", headlines=room.headlines)
    return room


@pytest.fixture
def reader(client, mara):
    client.force_login(mara)
    return client


def lines(page) -> list[str]:
    """Return the addresses of the lines on a page."""
    return re.findall(r'href="([^"]+)" data-row', page.content.decode())


def test_the_bell_counts_what_is_unread(reader, room, mara, teo):
    assert "Messages</span>" in reader.get("/notifications/bell/").content.decode()
    tell(1, mara, actor=teo)
    tell(2, mara, actor=teo)
    assert "Messages, 2 unread" in reader.get("/notifications/bell/").content.decode()


def test_strangers_have_a_silent_bell(client, room):
    assert "unread" not in client.get("/notifications/bell/").content.decode()


def test_what_one_was_told_is_listed_one_line_per_thread(reader, room, mara, teo):
    tell(1, mara, actor=teo, thread="note:1")
    tell(1, mara, actor=teo, thread="note:1")
    tell(2, mara, actor=teo)
    page = reader.get("/notifications/")
    assert len(lines(page)) == 2
    assert "and 1 more" in page.content.decode()


def test_nothing_to_read_says_what_will_stand_here(reader, room):
    assert "Nothing to read" in reader.get("/notifications/").content.decode()


def test_opening_a_line_reads_it_and_leads_there(reader, room, mara, teo):
    tell(1, mara, actor=teo)
    tell(2, mara, actor=teo)
    newest = lines(reader.get("/notifications/"))[0]
    assert reader.get(newest).url == "/notes/2/"
    assert notices.unread_count(mara) == 1


def test_nobody_reads_for_another(reader, client, room, mara, teo):
    tell(1, mara, actor=teo)
    (address,) = lines(reader.get("/notifications/"))
    client.force_login(teo)
    client.get(address)
    assert notices.unread_count(mara) == 1


def test_an_address_that_we_did_not_sign_leads_nowhere(reader):
    assert reader.get('/notifications/open/[[1],"https:evil.example"]:x/').status_code == 404


def test_all_are_read_at_once(reader, room, mara, teo):
    tell(1, mara, actor=teo)
    tell(2, mara, actor=teo)
    page = reader.post("/notifications/read/", follow=True)
    assert "2 marked as read." in page.content.decode()
    assert notices.unread_count(mara) == 0


def test_what_may_no_longer_be_seen_is_not_listed(reader, room, mara, teo):
    tell(1, mara, actor=teo)
    room.secret.add(1)
    assert lines(reader.get("/notifications/")) == []


def test_older_ones_are_on_the_next_page(reader, room, mara, teo):
    for number in range(notices.NOTICES_PER_PAGE + 1):
        tell(number, mara, actor=teo)
    page = reader.get("/notifications/")
    older = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
    assert older is not None
    assert len(lines(reader.get(older[1]))) == 1


@pytest.mark.parametrize("odd", ["-1", "x", "9" * 30, "1.5"])
def test_a_page_that_cannot_be_is_refused(reader, odd):
    assert reader.get("/notifications/", {"before": odd}).status_code == 400


def test_the_list_asks_as_many_questions_for_three_lines_as_for_one(reader, room, mara, teo):
    tell(0, mara, actor=teo)
    reader.get("/notifications/")
    with CaptureQueriesContext(connection) as for_one:
        reader.get("/notifications/")
    tell(1, mara, actor=teo)
    tell(2, mara, actor=teo)
    with CaptureQueriesContext(connection) as for_three:
        reader.get("/notifications/")
    assert len(for_three) == len(for_one)


def wishes(**changed: str) -> dict[str, str]:
    """Return the form of preferences as a browser posts it."""
    return {"digest_at": "08:00", "*:email": "", "note:email": "", "chat_url": "", **changed}


def test_preferences_are_changed(reader, room, mara):
    answer = reader.post(
        "/preferences/notifications/", wishes(**{"note:email": "daily", "digest_at": "07:30"})
    )
    assert answer.url == "/preferences/notifications/"
    assert preferences_of(mara).timings == {"note": {"email": Timing.DAILY}}
    assert "07:30" in reader.get("/preferences/notifications/").content.decode()


def test_preferences_that_do_not_fit_are_said(reader, room, mara):
    page = reader.post("/preferences/notifications/", wishes(quiet_from="22:00"))
    assert page.status_code == 422
    assert 'href="#id_quiet_until"' in page.content.decode()
    assert preferences.preferences_of(mara).pk is None


def link(recipient, thread: str = "") -> str:
    """Return the path of an unsubscribe link."""
    return "/unsubscribe/" + unsubscribing.unsubscribe_url(recipient, thread).split("/unsubscribe/")[1]


def test_a_link_asks_before_it_does_anything(client, mara):
    page = client.get(link(mara))
    assert "Hear no more?" in page.content.decode()
    assert preferences_of(mara).pk is None


def test_a_link_stops_the_mail_without_signing_in_and_without_a_cookie(mara):
    page = Client(enforce_csrf_checks=True).post(link(mara), {"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200
    assert preferences_of(mara).timings["*"]["email"] == Timing.OFF


def test_a_link_about_one_thread_mutes_that_one(client, mara):
    client.post(link(mara, "note:7"))
    assert preferences_of(mara).muted_threads == ["note:7"]


def test_a_link_that_was_cut_short_is_not_found(client, mara):
    assert client.get(link(mara)[:-9] + "/").status_code == 404


def test_strangers_sign_in_to_read(client):
    for path in ["/notifications/", "/preferences/notifications/"]:
        assert client.get(path).status_code == 302
    assert not Message.objects.exists()
