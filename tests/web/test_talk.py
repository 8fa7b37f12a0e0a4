"""Comments, their wordings, files, links, followers and those let in."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ops.issues.models import Issue
from ops.tickets.models import Attachment, Comment, Link
from ops.tickets.services import attach, comment, edit_comment, invite, link, watch
from ops.web.forms import drafts
from ops.workflow.services import create
from tests.factories import issue_in
from tests.web.pages import browser, text_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def issue(cast):
    return issue_in("triaged", cast)


def a_file(name: str = "cutout.png", content: bytes = b"\x89PNG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_comment_is_said_to_whom_it_was_addressed(cast, issue):
    answer = browser(cast.staff).post(
        f"/tickets/{issue.key}/comment/", {"body": "Not yet public.", "visibility": "staff"}
    )
    assert answer.url == f"/tickets/{issue.key}/#composer"
    assert Comment.objects.get().visibility == "staff"
    assert "Staff only" in text_of(browser(cast.staff).get(f"/tickets/{issue.key}/"), "ol.thread")


@pytest.mark.parametrize(
    ("name", "visibility"), [("outsider", "staff"), ("outsider", "participants"), ("reporter", "staff")]
)
def test_nobody_addresses_those_among_whom_they_are_not(cast, issue, name, visibility):
    answer = browser(getattr(cast, name)).post(
        f"/tickets/{issue.key}/comment/", {"body": "Typed with care", "visibility": visibility}
    )
    assert answer.status_code == 403
    assert "Typed with care" in answer.content.decode()
    assert not Comment.objects.exists()


def test_an_empty_comment_is_refused_in_its_place(cast, issue):
    client = browser(cast.outsider, headers=HTMX)
    answer = client.post(f"/tickets/{issue.key}/comment/", {"body": "  ", "visibility": "public"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#composer-place")
    assert "Write what you want to say." in text_of(answer)


def test_a_comment_sent_by_htmx_comes_back_in_the_story_with_an_empty_composer(cast, issue):
    token = drafts.token_for(cast.outsider, f"comment:{issue.key}")
    drafts.keep(cast.outsider, f"comment:{issue.key}", {"body": "I see it too"})
    client = browser(cast.outsider, headers=HTMX)
    answer = client.post(
        f"/tickets/{issue.key}/comment/", {"body": "I see it too.", "visibility": "public", "draft": token}
    )
    assert "I see it too." in text_of(answer, "ol.thread")
    assert "I see it too" not in text_of(answer, ".composer")
    assert "hx-preserve" not in answer.content.decode()
    assert not drafts.kept_for(cast.outsider, f"comment:{issue.key}")


def test_a_draft_of_a_comment_stands_in_the_composer_again(cast, issue):
    drafts.keep(cast.outsider, f"comment:{issue.key}", {"body": "Half a sentence", "visibility": "public"})
    composer = text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"), ".composer")
    assert "Half a sentence" in composer
    assert "Your draft from" in composer


def test_a_comment_brings_its_files(cast, issue):
    browser(cast.outsider).post(
        f"/tickets/{issue.key}/comment/",
        {"body": "See.", "visibility": "public", "files": [a_file(), a_file("query.sql")]},
    )
    assert [each.name for each in Comment.objects.get().attachments.all()] == ["cutout.png", "query.sql"]
    assert "query.sql" in text_of(Client().get(f"/tickets/{issue.key}/"), "ol.thread")


def test_a_refused_file_takes_the_comment_back_but_not_the_text(cast, issue):
    answer = browser(cast.outsider).post(
        f"/tickets/{issue.key}/comment/",
        {"body": "See.", "visibility": "public", "files": [a_file(), a_file("run.exe")]},
    )
    assert answer.status_code == 422
    assert "“.exe” are not accepted" in text_of(answer)
    assert "See." in answer.content.decode()
    assert not Comment.objects.exists()
    assert not Attachment.objects.exists()


def test_an_author_rewords_and_the_former_wording_is_kept(cast, issue):
    said = comment(issue, actor=cast.outsider, body="It is teh header.")
    client = browser(cast.outsider)
    assert (
        "It is teh header." in client.get(f"/tickets/{issue.key}/comments/{said.pk}/edit/").content.decode()
    )
    client.post(f"/tickets/{issue.key}/comments/{said.pk}/edit/", {"body": "It is the header."})
    history = text_of(Client().get(f"/tickets/{issue.key}/comments/{said.pk}/history/"), "ol.thread")
    assert history.index("It is the header.") < history.index("It is teh header.")
    assert "edited" in text_of(Client().get(f"/tickets/{issue.key}/"), "ol.thread")


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_rewords_what_somebody_else_said(cast, issue, method):
    said = comment(issue, actor=cast.outsider, body="Mine.")
    answer = getattr(browser(cast.lead), method)(
        f"/tickets/{issue.key}/comments/{said.pk}/edit/", {"body": "Yours."}
    )
    assert answer.status_code == 404
    said.refresh_from_db()
    assert said.body == "Mine."


def test_the_wordings_of_a_comment_are_read_by_its_audience_only(cast, issue):
    said = comment(issue, actor=cast.staff, body="secret one", visibility="staff")
    edit_comment(said, actor=cast.staff, body="secret two")
    address = f"/tickets/{issue.key}/comments/{said.pk}/history/"
    assert "secret one" in text_of(browser(cast.scientist).get(address))
    assert browser(cast.reporter).get(address).status_code == 404
    other = create(Issue, actor=cast.reporter, data={"title": "Another"})
    assert browser(cast.scientist).get(address.replace(issue.key, other.key)).status_code == 404


def test_a_file_is_given_out_as_a_download_that_nothing_runs(cast, issue):
    kept = attach(issue, actor=cast.reporter, upload=a_file("plot “1”.svg", b"<svg onload='alert(1)'/>"))
    answer = Client().get(kept.get_absolute_url())
    assert b"".join(answer.streaming_content) == b"<svg onload='alert(1)'/>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_file_that_the_store_has_lost_is_not_found_and_no_fault(cast, issue):
    kept = attach(issue, actor=cast.reporter, upload=a_file("plot.png", b"x"))
    kept.file.storage.delete(kept.file.name)
    answer = Client().get(kept.get_absolute_url())
    assert (answer.status_code, "the store has lost it" in answer.content.decode()) == (404, True)
    assert Client().get(f"/api/v1/issues/{issue.key}/attachments/{kept.pk}/").status_code == 404


def test_files_follow_the_visibility_of_what_they_hang_on(cast, issue):
    said = comment(
        issue, actor=cast.staff, body="For us", visibility="staff", uploads=[a_file("inside.txt", b"x")]
    )
    address = said.attachments.get().get_absolute_url()
    assert browser(cast.scientist).get(address).status_code == 200
    assert browser(cast.reporter).get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert Client().get("/attachments/999999/").status_code == 404


def test_files_are_added_to_the_ticket_itself(cast, issue):
    answer = browser(cast.reporter).post(
        f"/tickets/{issue.key}/files/", {"files": [a_file("log.txt", b"x")]}, follow=True
    )
    assert "log.txt" in text_of(answer, "#files")
    refused = browser(cast.reporter).post(
        f"/tickets/{issue.key}/files/", {"files": [a_file("empty.txt", b"")]}
    )
    assert refused.status_code == 422
    assert "empty" in text_of(refused)


def test_several_files_are_kept_together_or_not_at_all(cast, issue):
    where, reporter = f"/tickets/{issue.key}/files/", browser(cast.reporter)
    one_is_refused = reporter.post(where, {"files": [a_file("log.txt", b"x"), a_file("empty.txt", b"")]})
    assert one_is_refused.status_code == 422
    none_is_there = reporter.post(where)
    assert none_is_there.status_code == 422
    assert "Choose a file." in text_of(none_is_there)
    assert not Attachment.objects.exists()


def test_links_are_made_and_removed_by_those_who_take_part(cast, issue):
    other = create(Issue, actor=cast.outsider, data={"title": "The header is wrong"})
    client = browser(cast.reporter)
    page = client.post(f"/tickets/{issue.key}/links/", {"kind": "caused_by", "target": other.key.lower()})
    assert page.status_code in {302, 422}
    client.post(f"/tickets/{issue.key}/links/", {"kind": "caused_by", "target": other.key}, follow=True)
    assert f"is caused by {other.key}" in text_of(Client().get(f"/tickets/{issue.key}/"))
    assert f"causes {issue.key}" in text_of(Client().get(f"/tickets/{other.key}/"))
    made = Link.objects.get()
    assert browser(cast.director).post(f"/tickets/{issue.key}/links/{made.pk}/remove/").status_code == 302
    assert not Link.objects.exists()


def test_a_stranger_to_the_ticket_links_nothing(cast, issue):
    other = create(Issue, actor=cast.reporter, data={"title": "Other"})
    answer = browser(cast.outsider).post(
        f"/tickets/{issue.key}/links/", {"kind": "blocks", "target": other.key}
    )
    assert answer.status_code == 403
    secret = create(Issue, actor=cast.reporter, data={"title": "Secret", "visibility": "confidential"})
    answer = browser(cast.assignee).post(
        f"/tickets/{issue.key}/links/", {"kind": "blocks", "target": secret.key}
    )
    assert answer.status_code == 422
    made = link(issue, other, kind="blocks", actor=cast.scientist)
    third = create(Issue, actor=cast.reporter, data={"title": "Third"})
    assert browser(cast.staff).post(f"/tickets/{third.key}/links/{made.pk}/remove/").status_code == 404


def test_anybody_follows_and_stops_following_with_one_button(cast, issue):
    client = browser(cast.outsider)
    page = client.post(f"/tickets/{issue.key}/follow/", follow=True)
    assert f"You follow {issue.key} now." in text_of(page)
    assert "Unfollow" in text_of(page, "#followers")
    page = client.post(f"/tickets/{issue.key}/unfollow/", follow=True)
    assert "Unfollow" not in text_of(page, "#followers")
    assert not issue.watchers.exists()


def test_others_are_signed_up_by_name_or_address(cast, issue):
    client = browser(cast.reporter)
    client.post(f"/tickets/{issue.key}/followers/", {"who": "outsider"})
    client.post(f"/tickets/{issue.key}/followers/", {"who": "pi@example.edu"})
    assert [str(each.recipient) for each in issue.watchers.order_by("pk")] == ["Outsider", "pi@example.edu"]
    assert client.post(f"/tickets/{issue.key}/followers/", {"who": "neither"}).status_code == 422
    assert (
        browser(cast.outsider).post(f"/tickets/{issue.key}/followers/", {"who": "staff"}).status_code == 403
    )
    assert client.post(f"/tickets/{issue.key}/followers/remove/", {"who": "outsider"}).status_code == 403
    browser(cast.staff).post(f"/tickets/{issue.key}/followers/remove/", {"who": "pi@example.edu"})
    assert [str(each.recipient) for each in issue.watchers.all()] == ["Outsider"]


def test_addresses_of_followers_are_known_to_those_who_may_sign_up_others(cast, issue):
    watch(issue, actor=cast.scientist, who="pi@example.edu")
    assert "pi@example.edu" in text_of(browser(cast.scientist).get(f"/tickets/{issue.key}/"))
    assert "pi@example.edu" not in text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"))
    assert "pi@example.edu" not in text_of(Client().get(f"/tickets/{issue.key}/"))


def test_somebody_is_let_in_to_a_confidential_ticket_and_out_again(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Conduct", "visibility": "confidential"})
    client = browser(cast.reporter)
    client.post(f"/tickets/{issue.key}/invitations/", {"person": "outsider"})
    assert browser(cast.outsider).get(f"/tickets/{issue.key}/").status_code == 200
    assert "Outsider" in text_of(client.get(f"/tickets/{issue.key}/"), "#invited")
    client.post(f"/tickets/{issue.key}/invitations/remove/", {"person": "outsider"})
    assert browser(cast.outsider).get(f"/tickets/{issue.key}/").status_code == 404


def test_who_was_let_in_does_not_let_in_others(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Conduct", "visibility": "confidential"})
    invite(issue, actor=cast.reporter, person=cast.outsider)
    answer = browser(cast.outsider).post(f"/tickets/{issue.key}/invitations/", {"person": "staff"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["follow/", "followers/", "links/", "files/", "comment/", "invitations/"])
def test_without_an_account_one_is_asked_to_sign_in_and_nothing_is_done(cast, issue, path):
    answer = Client().post(
        f"/tickets/{issue.key}/{path}", {"body": "x", "visibility": "public", "who": "a@example.org"}
    )
    assert (answer.status_code, answer.url[:13]) == (302, "/login/?next=")
    assert not issue.watchers.exists()
    assert not issue.comments.exists()


def test_by_htmx_a_stranger_is_led_to_sign_in(issue):
    answer = Client(headers=HTMX).post(f"/tickets/{issue.key}/follow/")
    assert answer.headers["HX-Redirect"].startswith("/login/")


def test_a_refusal_without_a_form_is_one_sentence_for_htmx(cast, issue):
    client = browser(cast.reporter, headers=HTMX)
    answer = client.post(f"/tickets/{issue.key}/followers/", {"who": "neither"})
    assert answer.status_code == 422
    assert answer.json()["fields"]["who"] == [
        "There is no person with the username “neither”; an e-mail address works too."
    ]


def test_a_preview_shows_markdown_and_keeps_nothing(cast):
    answer = Client(headers=HTMX).post("/preview/", {"body": "**bold** <script>x</script>"})
    assert "<strong>bold</strong>" in answer.content.decode()
    assert "<script>x" not in answer.content.decode()
    assert "Nothing to preview" in text_of(Client().post("/preview/", {"body": " "}))
