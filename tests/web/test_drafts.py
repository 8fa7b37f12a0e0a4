"""Nothing typed is lost: not by a closed page, a lost session, an old form or a refusal."""

from __future__ import annotations

import pytest
from django.test import Client

from ops.web.forms import drafts
from ops.web.models import Draft
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db

KEY = "comment:CST-7"


def form(owner, key: str = KEY, **fields: object) -> dict[str, object]:
    """Return a form as a browser posts it."""
    return {drafts.FIELD: drafts.token_for(owner, key), "csrfmiddlewaretoken": "x", "version": "3", **fields}


@pytest.fixture
def writer(client, mara):
    client.force_login(mara)
    return client


def test_what_is_typed_is_kept_and_replaced(writer, mara):
    assert writer.post("/drafts/", form(mara, body="Seen", visibility="staff")).status_code == 204
    writer.post("/drafts/", form(mara, body="Seen again", visibility="public"))
    assert drafts.kept_for(mara, KEY).fields == {"body": "Seen again", "visibility": "public"}


def test_a_field_with_several_values_keeps_them(writer, mara):
    writer.post("/drafts/", form(mara, labels=["alerts", "portal"]))
    assert drafts.kept_for(mara, KEY).fields == {"labels": ["alerts", "portal"]}


def test_what_is_refused_for_a_zero_byte_is_kept_without_it(writer, mara):
    assert writer.post("/report/", form(mara, **{"bo\x00dy": ["Se\x00en", "twice"]})).status_code == 422
    assert drafts.kept_for(mara, KEY).fields == {"body": ["Seen", "twice"]}


def test_an_emptied_form_leaves_no_draft(writer, mara):
    writer.post("/drafts/", form(mara, body="Seen"))
    writer.post("/drafts/", form(mara, body="", place="sheet-body", view="home"))
    assert not drafts.kept_for(mara, KEY)
    assert not Draft.objects.exists()


def test_each_person_has_their_own(writer, mara, teo):
    writer.post("/drafts/", form(mara, body="Seen"))
    assert not drafts.kept_for(teo, KEY)


@pytest.mark.parametrize("token", ["", "nonsense", '[1,"comment:CST-7"]:forged'])
def test_a_token_that_we_did_not_sign_keeps_nothing(writer, token):
    assert writer.post("/drafts/", {drafts.FIELD: token, "body": "Seen"}).status_code == 403
    assert not Draft.objects.exists()


def test_a_form_of_another_account_keeps_nothing(writer, teo):
    answer = writer.post("/drafts/", form(teo, body="Seen"), headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_draft")
    assert not Draft.objects.exists()


def test_too_much_text_is_said_to_be_too_much(writer, mara):
    answer = writer.post(
        "/drafts/", form(mara, body="x" * (drafts.LARGEST + 1)), headers={"accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_long")


def test_without_a_session_the_page_is_told_so(client, mara):
    answer = client.post("/drafts/", form(mara, body="Seen"), headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_the_oldest_go_when_there_are_too_many(mara, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_PER_PERSON", 2)
    for n in range(4):
        drafts.keep(mara, f"comment:CST-{n}", {"body": "Seen"})
    assert set(Draft.objects.values_list("key", flat=True)) == {"comment:CST-2", "comment:CST-3"}


def test_a_draft_is_discarded_where_one_is(writer, mara):
    drafts.keep(mara, KEY, {"body": "Seen"})
    answer = writer.post("/drafts/discard/", form(mara), headers={"referer": "http://testserver/help/"})
    assert answer.url == "http://testserver/help/"
    assert not drafts.kept_for(mara, KEY)


def test_nobody_discards_for_another(writer, teo):
    drafts.keep(teo, KEY, {"body": "Seen"})
    writer.post("/drafts/discard/", form(teo))
    assert drafts.kept_for(teo, KEY)


def test_a_form_sent_after_the_session_ended_waits_behind_the_door(client, mara):
    client.post("/profile/theme/", form(mara, body="Seen"))
    client.post("/login/", {"username": "mara", "password": PASSWORD})
    assert drafts.kept_for(mara, KEY).fields == {"body": "Seen"}


def test_what_waits_behind_the_door_is_given_to_nobody_else(client, mara, teo):
    client.post("/profile/theme/", form(mara, body="Confidential"))
    client.post("/login/", {"username": "teo", "password": PASSWORD})
    assert not Draft.objects.exists()
    client.post("/logout/")
    client.post("/login/", {"username": "mara", "password": PASSWORD})
    assert not Draft.objects.exists()


def test_a_form_from_before_the_last_sign_in_is_kept_and_explained(mara):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mara)
    page = client.post("/profile/theme/", form(mara, body="Seen"))
    assert page.status_code == 403
    assert "What you typed is kept" in page.content.decode()
    assert drafts.kept_for(mara, KEY).fields == {"body": "Seen"}


def test_a_page_shows_what_was_left(writer, mara, settings):
    settings.DEMO = True
    drafts.keep(mara, "styleguide", {"body": "Seen <again>", "visibility": "staff"})
    page = writer.get("/styleguide/").content.decode()
    assert "Seen &lt;again&gt;</textarea>" in page
    assert 'value="staff" checked' in page
    assert "Discard draft" in page


def test_strangers_have_no_drafts(client, settings):
    settings.DEMO = True
    assert 'name="draft"' not in client.get("/styleguide/").content.decode()
