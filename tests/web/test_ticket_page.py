"""The page of a ticket: who sees it, what it says first, what it offers."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from ops.issues.models import Issue
from ops.tickets.services import comment, invite, link, watch
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import issue_in
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db


def report(cast: Cast, **data: object) -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": "Cutouts are rotated", **data})


def test_a_public_ticket_is_read_without_an_account(cast):
    issue = report(cast, description="Look at **this**.")
    page = Client().get(f"/tickets/{issue.key}/")
    assert page.status_code == 200
    assert "<strong>this</strong>" in page.content.decode()
    assert "Sign in</a> to comment" in page.content.decode()


@pytest.mark.parametrize("visibility", ["community", "staff", "confidential"])
def test_what_a_stranger_may_not_see_answers_like_what_does_not_exist(cast, visibility):
    issue = report(cast, visibility=visibility)
    hidden, unknown = Client().get(f"/tickets/{issue.key}/"), Client().get("/tickets/CST-999999/")
    assert hidden.status_code == unknown.status_code == 404
    assert text_of(hidden, ".nothing-page") == text_of(unknown, ".nothing-page")
    assert issue.title not in hidden.content.decode()


@pytest.mark.parametrize("name", ["reporter", "assignee", "lead", "staff", "scientist", "outsider"])
def test_a_confidential_ticket_is_there_only_for_those_it_concerns(cast, name):
    issue = edit(issue_in("triaged", cast), actor=cast.scientist, data={"visibility": "confidential"})
    may = name in {"reporter", "assignee", "lead"}
    assert browser(getattr(cast, name)).get(f"/tickets/{issue.key}/").status_code == (200 if may else 404)


def test_an_invited_person_sees_it_and_nobody_else_learns_who_was_let_in(cast):
    issue = report(cast, visibility="staff")
    assert browser(cast.outsider).get(f"/tickets/{issue.key}/").status_code == 404
    invite(issue, actor=cast.reporter, person=cast.outsider)
    assert "Outsider" in text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"))


@pytest.mark.parametrize("path", ["do/triage/", "edit/", "moves/", "story/", "comment/"])
def test_every_address_below_a_hidden_ticket_is_not_found(cast, path):
    issue = report(cast, visibility="confidential")
    assert browser(cast.outsider).get(f"/tickets/{issue.key}/{path}").status_code in {404, 405}
    assert browser(cast.outsider).post(f"/tickets/{issue.key}/{path}").status_code in {404, 405}


def test_a_key_in_small_letters_leads_to_the_right_address(cast):
    issue = report(cast)
    answer = Client().get(f"/tickets/{issue.key.lower()}/")
    assert (answer.status_code, answer.url) == (302, f"/tickets/{issue.key}/")


def test_a_key_from_elsewhere_leads_to_the_ticket_that_came_from_there(cast):
    issue = create(
        Issue,
        actor=cast.scientist,
        data={"title": "Imported"},
        external_source="jira",
        external_key="DM-1234",
    )
    assert Client().get("/tickets/DM-1234/").url == f"/tickets/{issue.key}/"
    edit(issue, actor=cast.scientist, data={"visibility": "confidential"})
    assert Client().get("/tickets/DM-1234/").status_code == 404


def test_the_sentence_names_holder_next_step_and_deadline(cast):
    issue = issue_in("planned", cast)
    sentence = text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"), "p.page-sentence")
    assert "Planned · waits for Assignee as of now" in " ".join(sentence.split())
    assert "next: start" in sentence
    assert "resolution" in sentence.lower()
    mine = text_of(browser(cast.assignee).get(f"/tickets/{issue.key}/"), "p.page-sentence")
    assert "waits for you" in mine


def test_an_ended_ticket_waits_for_nobody(cast):
    sentence = text_of(
        browser(cast.outsider).get(f"/tickets/{issue_in('declined', cast).key}/"), "p.page-sentence"
    )
    assert "Declined" in sentence
    assert "waits" not in sentence
    assert "next" not in sentence


@pytest.mark.parametrize(
    ("state", "name", "offered", "absent"),
    [
        ("reported", "scientist", ["Triage…", "Redirect…", "Decline…", "Mark duplicate…"], ["Investigate"]),
        ("reported", "reporter", [], ["Triage…", "Decline…"]),
        ("in_review", "reporter", ["Accept", "Ask for rework…"], ["Close", "Wait…"]),
        ("in_review", "assignee", ["Wait…"], ["Accept", "Ask for rework…"]),
        ("waiting", "assignee", ["Resume"], ["Wait…"]),
    ],
)
def test_only_what_this_person_may_do_is_offered(cast, state, name, offered, absent):
    actions = text_of(browser(getattr(cast, name)).get(f"/tickets/{issue_in(state, cast).key}/"), "#actions")
    assert [label for label in offered if label not in actions] == []
    assert [label for label in absent if label in actions] == []


def test_the_next_step_is_the_one_primary_button(cast):
    page = browser(cast.reporter).get(f"/tickets/{issue_in('in_review', cast).key}/")
    assert text_of(page, "#actions .btn-primary") == "Accept"


def test_a_step_that_is_held_back_says_why_and_leads_to_where_it_is_mended(cast):
    issue = edit(
        issue_in("resolved", cast), actor=cast.scientist, data={"documentation": "open", "major_change": True}
    )
    page = browser(cast.scientist).get(f"/tickets/{issue.key}/")
    notice = text_of(page, ".ticket-notice")
    assert "Close has to wait" in notice
    assert "Say whether the documentation was updated" in notice
    assert "publish an announcement" in notice
    html = page.content.decode()
    assert f'href="/tickets/{issue.key}/edit/?field=documentation"' in html
    assert f'href="/tickets/{issue.key}/#announcements"' in html
    assert 'id="announcements"' in html
    assert "Close" not in text_of(page, "#actions .btn")


def test_facts_are_editable_for_those_who_may_and_only_read_by_others(cast):
    issue = issue_in("triaged", cast)
    address = f"/tickets/{issue.key}/edit/?field=assignee"
    assert address in browser(cast.scientist).get(f"/tickets/{issue.key}/").content.decode()
    assert address not in browser(cast.reporter).get(f"/tickets/{issue.key}/").content.decode()


def test_a_parent_that_the_reader_may_not_know_is_nowhere_on_the_page(cast):
    secret = create(Issue, actor=cast.reporter, data={"title": "Conduct", "visibility": "confidential"})
    child = report(cast, parent=secret.key)
    child = edit(child, actor=cast.scientist, data={"labels": ["x"]})
    for person in (cast.scientist, cast.outsider):
        page = browser(person).get(f"/tickets/{child.key}/").content.decode()
        assert secret.key not in page
    form = browser(cast.scientist).get(f"/tickets/{child.key}/edit/").content.decode()
    assert secret.key not in form
    assert 'name="parent"' not in form
    assert secret.key in browser(cast.reporter).get(f"/tickets/{child.key}/").content.decode()


def test_links_and_children_show_only_what_the_reader_may_know(cast):
    issue, other = (
        report(cast),
        create(Issue, actor=cast.reporter, data={"title": "Secret", "visibility": "staff"}),
    )
    link(issue, other, kind="blocks", actor=cast.scientist)
    create(Issue, actor=cast.reporter, data={"title": "Below", "parent": issue.key, "visibility": "staff"})
    inside = text_of(browser(cast.staff).get(f"/tickets/{issue.key}/"))
    outside = text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"))
    assert f"blocks {other.key}" in inside
    assert "Below this 0 of 1 finished" in inside
    assert other.key not in outside
    assert "0 of 1" not in outside


def test_the_story_interleaves_events_and_comments_and_each_has_an_address(cast):
    issue = issue_in("triaged", cast)
    said = comment(issue, actor=cast.scientist, body="We can **reproduce** it.")
    page = browser(cast.outsider).get(f"/tickets/{issue.key}/")
    story = text_of(page, "ol.thread")
    assert story.index("reported it") < story.index("moved it to Triaged") < story.index("reproduce")
    assert f'id="comment-{said.pk}"' in page.content.decode()
    assert "Medium" in story  # the urgency that triage set, folded under the line


def test_comments_above_the_reader_are_not_in_the_story(cast):
    issue = issue_in("triaged", cast)
    comment(issue, actor=cast.staff, body="for staff alone", visibility="staff")
    comment(issue, actor=cast.staff, body="for participants", visibility="participants")
    assert "for staff alone" in text_of(browser(cast.staff).get(f"/tickets/{issue.key}/"))
    reporter = text_of(browser(cast.reporter).get(f"/tickets/{issue.key}/"))
    assert "for staff alone" not in reporter
    assert "for participants" in reporter
    assert "for participants" not in text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"))


def test_a_long_story_shows_its_end_and_leads_to_what_was_before(cast):
    issue = report(cast)
    begin = timezone.now() - datetime.timedelta(days=2)
    for n in range(55):
        comment(
            issue, actor=cast.reporter, body=f"Note {n:02}.", moment=begin + datetime.timedelta(minutes=n)
        )
    page = Client().get(f"/tickets/{issue.key}/")
    newest = text_of(page, "ol.thread")
    assert "Note 54." in newest
    assert "Note 00." not in newest
    before = page.context["page"].earlier
    part = Client().get(f"/tickets/{issue.key}/story/", {"before": before}, headers={"HX-Request": "true"})
    assert "Note 00." in text_of(part)
    assert "Note 54." not in text_of(part)
    whole = Client().get(f"/tickets/{issue.key}/", {"before": before})
    assert "Note 00." in text_of(whole)
    assert Client().get(f"/tickets/{issue.key}/", {"before": "nonsense"}).status_code == 200


def test_markdown_is_shown_and_scripts_are_not_run(cast):
    issue = report(cast, description="<script>alert(1)</script> [x](javascript:alert(1)) **bold**")
    html = Client().get(f"/tickets/{issue.key}/").content.decode()
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "<strong>bold</strong>" in html


def test_the_composer_says_who_will_read(cast):
    issue = issue_in("triaged", cast)
    watch(issue, actor=cast.outsider)
    watch(issue, actor=cast.staff)
    composer = text_of(browser(cast.staff).get(f"/tickets/{issue.key}/"), ".composer-audience")
    assert "Anybody on the web, without an account. 2 follow it and are told." in composer
    assert "Reporter (reporter), Assignee (assignee), and staff." in composer
    assert "the reporter does not see it" in composer
    outsider = text_of(browser(cast.outsider).get(f"/tickets/{issue.key}/"), ".composer-audience")
    assert "staff" not in outsider.lower()


def test_the_composer_of_a_confidential_ticket_promises_no_more_than_is_kept(cast):
    issue = edit(report(cast), actor=cast.scientist, data={"visibility": "confidential"})
    composer = text_of(browser(cast.lead).get(f"/tickets/{issue.key}/"), ".composer-audience")
    assert "Reporter (reporter), and the leads." in composer
    assert "Of those who see it, staff only; the reporter does not see it." in composer


def test_a_reporter_on_the_staff_reads_what_staff_write(cast):
    issue = create(Issue, actor=cast.staff, data={"title": "Disks are full"})
    composer = text_of(browser(cast.scientist).get(f"/tickets/{issue.key}/"), ".composer-audience")
    assert "Staff of the observatory only." in composer


def test_what_the_community_was_told_stands_on_the_issue(cast):
    issue = edit(issue_in("resolved", cast), actor=cast.scientist, data={"major_change": True})
    page = text_of(browser(cast.scientist).get(f"/tickets/{issue.key}/"), "#announcements")
    assert "closed once an announcement that names it has been published" in page
    assert "Draft one" in page
    assert "Draft one" not in text_of(browser(cast.reporter).get(f"/tickets/{issue.key}/"), "#announcements")


def test_what_ended_here_says_where_it_goes_on(cast, settings):
    settings.ACCOUNT_HELP_URL = "https://help.example.org/"
    original, hidden = issue_in("triaged", cast), issue_in("reported", cast, visibility="confidential")
    for other, told in ((original, True), (hidden, False)):
        same = perform(
            issue_in("reported", cast), "mark_duplicate", actor=cast.lead, data={"duplicate_of": other.key}
        )
        page = text_of(Client().get(f"/tickets/{same.key}/"), ".ticket-words")
        assert (f"The same as {other.key}" in page) is told
    for venue, address in (("resource_allocation", "/calls/"), ("accounts", "https://help.example.org/")):
        sent = perform(
            issue_in("reported", cast),
            "redirect",
            actor=cast.scientist,
            data={"venue": venue},
            reason="There.",
        )
        assert (
            f'Somebody else can help: <a href="{address}">'
            in browser(cast.reporter).get(f"/tickets/{sent.key}/").content.decode()
        )


def test_loops_are_counted_on_the_page(cast):
    issue = issue_in("in_review", cast)
    perform(issue, "rework", actor=cast.reporter, reason="It is still rotated.")
    assert "This issue was reworked once." in text_of(Client().get(f"/tickets/{issue.key}/"))


def test_a_ticket_page_costs_the_same_for_one_and_for_three_of_everything(cast):
    def filled(count: int) -> Issue:
        issue = issue_in("resolved", cast)
        for n in range(count):
            other = report(cast, title=f"Other {n}")
            link(issue, other, kind="relates", actor=cast.scientist)
            report(cast, title=f"Child {n}", parent=issue.key)
            comment(issue, actor=cast.scientist, body=f"Comment {n}")
            watch(issue, actor=cast.scientist, who=f"somebody{n}@example.org")
        return issue

    one, three = (cost(cast.scientist, filled(count).get_absolute_url()) for count in (1, 3))
    assert one == three
    assert three <= MOST_QUERIES
