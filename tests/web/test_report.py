"""Reporting a problem, finding it again, and names completed while they are typed."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ops.issues.models import Issue
from ops.people.models import Product, User
from ops.tickets.models import Attachment
from ops.tickets.services import comment
from ops.web.forms import drafts
from ops.workflow.services import create
from tests.factories import issue_in
from tests.web.pages import browser, text_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def test_reporting_needs_an_account_and_leads_back_after_signing_in():
    assert Client().get("/report/").url == "/login/?next=%2Freport%2F"


def test_a_report_becomes_an_issue_with_everything_that_was_given(cast):
    answer = browser(cast.outsider).post(
        "/report/",
        {
            "title": "Cutouts are rotated",
            "description": "By **90** degrees.",
            "component": "portal",
            "visibility": "community",
            "watchers": "staff, pi@example.edu",
            "labels": "DP1, Image Service",
            "files": [SimpleUploadedFile("cutout.png", b"\x89PNG")],
        },
        follow=True,
    )
    issue = Issue.objects.get()
    assert answer.redirect_chain == [(f"/tickets/{issue.key}/", 302)]
    assert f"{issue.key} is reported." in text_of(answer)
    assert (issue.reporter, issue.visibility, issue.component) == (cast.outsider, "community", cast.portal)
    assert issue.labels == ["dp1", "image-service"]
    assert {str(each.recipient) for each in issue.watchers.all()} == {"Staff", "pi@example.edu"}
    assert issue.attachments.get().name == "cutout.png"


def test_what_was_typed_survives_an_error(cast):
    token = drafts.token_for(cast.outsider, "new:issue")
    typed = {"title": "", "description": "An hour of typing", "component": "portl", "visibility": "staff"}
    answer = browser(cast.outsider).post("/report/", {"draft": token, **typed})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "An hour of typing" in html
    assert 'value="portl"' in html
    assert "There is no product called “portl”." in text_of(answer)
    assert re.search(r'<input[^>]*value="staff"[^>]*checked', html)
    assert drafts.kept_for(cast.outsider, "new:issue").fields["description"] == "An hour of typing"


def test_a_refused_file_refuses_the_report_and_keeps_the_text(cast):
    answer = browser(cast.outsider).post(
        "/report/",
        {
            "title": "T",
            "description": "Typed",
            "visibility": "public",
            "files": [SimpleUploadedFile("x.exe", b"MZ")],
        },
    )
    assert answer.status_code == 422
    assert "“.exe” are not accepted" in text_of(answer)
    assert "Typed" in answer.content.decode()
    assert not Issue.objects.exists()
    assert not Attachment.objects.exists()


def test_what_was_typed_survives_a_lost_session(cast):
    token = drafts.token_for(cast.outsider, "new:issue")
    client = Client()
    lost = client.post(
        "/report/",
        {"draft": token, "title": "Cutouts", "description": "An hour of typing", "visibility": "public"},
        headers={"Referer": "http://testserver/report/"},
    )
    assert lost.url == "/login/?next=http%3A%2F%2Ftestserver%2Freport%2F" or lost.url.startswith(
        "/login/?next="
    )
    page = client.post(
        "/login/", {"username": "outsider", "password": "demo", "next": "/report/"}, follow=True
    )
    assert "An hour of typing" in page.content.decode()
    assert not Issue.objects.exists()
    client.post("/report/", {"draft": token, "title": "Cutouts", "visibility": "public"})
    assert not drafts.kept_for(cast.outsider, "new:issue")


def test_a_child_is_begun_below_its_parent(cast):
    parent = issue_in("triaged", cast)
    page = browser(cast.scientist).get(f"/new/issue/?parent={parent.key}")
    assert f'value="{parent.key}"' in page.content.decode()
    browser(cast.scientist).post(
        "/new/issue/", {"title": "Below", "visibility": "public", "parent": parent.key}
    )
    assert Issue.objects.get(title="Below").parent_id == parent.pk


def test_whoever_may_not_make_one_is_told_who_may(cast):
    answer = browser(cast.outsider).get("/new/announcement/")
    assert answer.status_code == 403
    assert "Only a community scientist may make" in text_of(answer)
    assert browser(cast.outsider).get("/new/dragon/").status_code == 404


def test_account_problems_are_shown_the_way(cast, settings):
    settings.ACCOUNT_HELP_URL = "https://accounts.example.org/help"
    page = browser(cast.outsider).get("/report/")
    assert 'href="https://accounts.example.org/help"' in page.content.decode()
    settings.ACCOUNT_HELP_URL = ""
    assert "Please ask those who run the accounts" in text_of(browser(cast.outsider).get("/report/"))


def test_similar_tickets_show_while_typing_but_none_that_is_hidden(cast):
    create(Issue, actor=cast.reporter, data={"title": "Portal cutouts are rotated"})
    create(Issue, actor=cast.reporter, data={"title": "Portal cutouts leak", "visibility": "confidential"})
    words = text_of(browser(cast.outsider).get("/similar/", {"title": "Rotated cutouts"}))
    assert "Portal cutouts are rotated" in words
    assert "leak" not in words
    assert text_of(Client().get("/similar/", {"title": "Ro"})) == ""


def test_search_finds_words_in_titles_descriptions_and_comments_and_shows_them(cast):
    issue = create(
        Issue,
        actor=cast.reporter,
        data={"title": "Plots", "description": "Yesterday the astrolabe <bent> itself."},
    )
    other = create(Issue, actor=cast.reporter, data={"title": "Other"})
    comment(other, actor=cast.reporter, body="Another astrolabe broke & fell.")
    page = Client().get("/search/?q=astrolabe")
    html = page.content.decode()
    assert issue.key in html
    assert other.key in html
    assert "Yesterday the <mark>astrolabe</mark>" in html
    assert "<bent>" not in html
    assert "Another <mark>astrolabe</mark> broke &amp; fell" in html


def test_search_finds_nothing_above_the_reader(cast):
    create(Issue, actor=cast.reporter, data={"title": "Astrolabe", "visibility": "confidential"})
    issue = create(Issue, actor=cast.reporter, data={"title": "Plots"})
    comment(issue, actor=cast.staff, body="The astrolabe of the director.", visibility="staff")
    page = browser(cast.outsider).get("/search/?q=astrolabe")
    assert "Nothing has these words" in text_of(page)
    assert issue.key in text_of(browser(cast.staff).get("/search/?q=astrolabe"))


def test_a_key_typed_into_the_search_leads_to_its_ticket_where_it_may_be_seen(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Plots", "visibility": "staff"})
    assert browser(cast.staff).get(f"/search/?q=%20{issue.key.lower()}").url == f"/tickets/{issue.key}/"
    assert browser(cast.outsider).get(f"/search/?q={issue.key}").status_code == 200
    assert issue.title not in text_of(browser(cast.outsider).get(f"/search/?q={issue.key}"), "main")


@pytest.mark.parametrize("words", ["", "   ", '"', "a & | !", "-", "%00", "'; drop table", "x" * 300])
def test_no_words_break_the_search(words):
    assert Client().get("/search/", {"q": words}).status_code == 200
    assert Client().get("/suggest/", {"q": words}).status_code == 200


def test_pages_of_finds_keep_the_words(cast):
    for n in range(3):
        create(Issue, actor=cast.reporter, data={"title": f"Astrolabe {n}"})
    finds = Client().get("/search/?q=astrolabe&page_size=2").context["finds"]
    assert finds.next.startswith("/search/?q=astrolabe&page_size=2&cursor=")
    assert len(Client().get(finds.next).context["finds"].rows) == 1


def test_the_palette_knows_tickets_by_key_and_words(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Astrolabe bent"})
    hidden = create(Issue, actor=cast.reporter, data={"title": "Astrolabe stolen", "visibility": "staff"})
    for words in ("astrolabe", issue.key.lower(), "strolab"):
        found = Client().get("/suggest/", {"q": words}).json()
        assert [each["url"] for each in found] == [f"/tickets/{issue.key}/"]
    assert hidden.key in str(browser(cast.staff).get("/suggest/", {"q": "astrolabe"}).json())


def values(person, what: str, typed: str) -> list[str]:
    return [each["value"] for each in browser(person).get(f"/lookup/{what}/", {"q": typed}).json()]


def test_people_complete_by_name_and_username_oneself_first(cast):
    assert values(cast.outsider, "user", "rep") == ["reporter"]
    assert values(cast.outsider, "user", "@Rep") == ["reporter"]
    assert values(cast.outsider, "user", "")[0] == "outsider"
    for n in range(20):
        User.objects.create_user(f"repeated{n}")
    assert len(values(cast.outsider, "user", "rep")) == 10
    assert "system" not in values(cast.outsider, "user", "sys")


def test_at_the_observatory_colleagues_are_offered_before_ten_thousand_scientists(cast):
    User.objects.create_user("aaron", display_name="Aaron Ahead-of-all")
    assert "aaron" not in values(cast.scientist, "user", "")[:5]
    assert values(cast.outsider, "user", "")[1] == "aaron"


def test_people_are_not_looked_up_from_outside(cast):
    answer = Client(headers={"Accept": "application/json"}).get("/lookup/user/", {"q": "rep"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_products_complete_by_name_with_what_they_belong_to(cast):
    (found,) = Client().get("/lookup/product/", {"q": "port"}).json()
    assert found == {"value": "portal", "label": "Portal", "hint": "Rubin Science Platform"}
    for n in range(20):
        Product.objects.create(slug=f"p{n}", name=f"Product {n}")
    assert len(Client().get("/lookup/product/").json()) == 10


def test_tickets_complete_by_key_and_title_as_far_as_they_may_be_seen(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Astrolabe bent"})
    hidden = create(
        Issue, actor=cast.reporter, data={"title": "Astrolabe stolen", "visibility": "confidential"}
    )
    for what in ("ticket", "issue"):
        assert values(cast.outsider, what, "astrolabe") == [issue.key]
        assert set(values(cast.reporter, what, "astrolabe")) == {issue.key, hidden.key}
        assert values(cast.outsider, what, hidden.key) == []
    assert values(cast.outsider, "ticket", "a") == []


def test_labels_complete_from_those_that_are_seen(cast):
    create(Issue, actor=cast.reporter, data={"title": "A", "labels": ["photometry"]})
    create(Issue, actor=cast.reporter, data={"title": "B", "labels": ["photons"], "visibility": "staff"})
    assert values(cast.outsider, "label", "phot") == ["photometry"]
    assert values(cast.staff, "label", "phot") == ["photometry", "photons"]


def test_nobody_knows_other_sorts_of_names():
    assert Client().get("/lookup/password/").status_code == 404
