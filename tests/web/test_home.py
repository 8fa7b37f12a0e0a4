"""Home: what waits for whom, by when, and what happened since they were here."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from ops.issues.models import Issue
from ops.people.authority import COMMUNITY_SCIENCE
from ops.people.models import Membership, Product, Team, User
from ops.tickets.services import comment, watch
from ops.web import visits
from ops.web.finding import record_models
from ops.web.home import SHOWN
from ops.web.models import Visit
from ops.workflow.services import create, perform
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db


def waiting(person) -> str:
    return text_of(browser(person).get("/"), ".home-main")


def was_here(person, ago: datetime.timedelta) -> None:
    moment = timezone.now() - ago
    Visit.objects.update_or_create(user=person, defaults={"seen_at": moment, "before": moment})


@pytest.mark.parametrize(
    ("state", "holders", "step"),
    [
        ("reported", ["watcher"], "Triage"),
        ("triaged", ["assignee"], "Investigate"),
        ("in_progress", ["assignee"], "Send to review"),
        ("in_review", ["reporter", "owner"], "Accept"),
        ("resolved", ["scientist", "watcher", "lead"], "Close"),
    ],
)
def test_an_issue_waits_for_whoever_holds_it_with_the_next_step(cast: Cast, state, holders, step):
    issue = issue_in(state, cast)
    for person in cast.people():
        shown = waiting(person)
        assert (issue.key in shown) == (person.username in holders), person.username
        assert (step in shown) == (person.username in holders), person.username


def test_an_announcement_waits_for_approval_and_then_for_publication(cast: Cast):
    made = FACTORIES["announcement"].in_state("draft", cast)
    assert made.title in waiting(cast.lead)
    assert made.title not in waiting(cast.scientist)
    perform(made, "approve", actor=cast.lead)
    assert "Publish" in waiting(cast.scientist)


def test_a_week_on_watch_waits_for_its_watcher(cast: Cast):
    week = FACTORIES["watch"].in_state("on_watch", cast)
    assert str(week) in waiting(week.person)
    assert "Sweep done" in waiting(week.person)
    assert "Sweep done" not in waiting(cast.staff)


def test_what_returns_by_itself_stands_apart(cast: Cast):
    issue_in("waiting", cast)
    page = browser(cast.assignee).get("/")
    assert "Nothing has to be done by you now." in text_of(page, ".page-sentence")
    assert "on its day" in text_of(page, "#later-title")


def test_the_most_pressing_comes_first_and_what_is_late_is_counted(cast: Cast):
    later = issue_in("triaged", cast)
    critical = create(Issue, actor=cast.reporter, data={"title": "The archive is gone"})
    long_ago = timezone.now() - datetime.timedelta(days=60)
    asked = {"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "high"}
    perform(critical, "triage", actor=cast.scientist, data=asked, moment=long_ago)
    shown = waiting(cast.assignee)
    assert shown.index(critical.key) < shown.index(later.key)
    assert "2 things, 1 of them overdue." in text_of(browser(cast.assignee).get("/"), ".page-sentence")


def test_a_step_taken_from_home_leads_back_to_it(cast: Cast):
    issue = issue_in("triaged", cast)
    client = browser(cast.assignee)
    form = client.get(f"/tickets/{issue.key}/do/investigate/?view=home")
    assert 'name="view" value="home"' in form.content.decode()
    answer = client.post(f"/tickets/{issue.key}/do/investigate/", {"view": "home"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert f"{issue.key} is investigating." in text_of(client.get("/"), ".toasts")


def test_what_others_did_since_the_last_visit_is_marked_and_what_one_did_oneself_is_not(cast: Cast):
    issue = issue_in("triaged", cast)
    watch(issue, actor=cast.outsider)
    was_here(cast.outsider, datetime.timedelta(hours=2))
    perform(issue, "investigate", actor=cast.assignee)
    comment(issue, actor=cast.assignee, body="Seen.", visibility="public")
    comment(issue, actor=cast.staff, body="Between us: it is the matrix.", visibility="staff")
    comment(issue, actor=cast.outsider, body="Thank you.", visibility="public")
    page = browser(cast.outsider).get("/")
    followed = text_of(page, ".home-part table")
    assert "New:" in followed
    assert "Assignee commented" in followed
    assert "Staff commented" not in followed


def test_looking_again_in_the_same_visit_takes_no_mark_away(cast: Cast):
    was_here(cast.outsider, datetime.timedelta(days=1))
    first = visits.last_visit(cast.outsider)
    assert visits.last_visit(cast.outsider) == first
    assert timezone.now() - first > datetime.timedelta(hours=23)


def test_the_first_visit_marks_nothing(cast: Cast):
    issue_in("triaged", cast)
    page = browser(cast.reporter).get("/")
    assert "New:" not in text_of(page)
    assert "CST-" in text_of(page, "#main")


def test_a_ticket_that_was_hidden_is_on_nobodys_home(cast: Cast):
    issue = issue_in("reported", cast)
    watch(issue, actor=cast.outsider)
    Issue.objects.filter(pk=issue.pk).update(visibility="confidential")
    assert issue.key not in text_of(browser(cast.outsider).get("/"))


def test_home_of_somebody_new_says_what_it_is_for(mara):
    page = text_of(browser(mara).get("/"), "#main")
    assert "Nothing has to be done by you now." in page
    assert "Report a problem" in page


def test_whoever_sets_up_a_desk_is_led_through_what_is_missing_until_nothing_is(db):
    operator = User.objects.create_superuser("operator", email="operator@example.org")
    browser_of_operator = browser(operator)
    team = Team.objects.get(slug=COMMUNITY_SCIENCE)
    page = browser_of_operator.get("/")
    assert "Nobody can triage a report" in text_of(page, "#main")
    assert f"/admin/people/membership/add/?team={team.pk}&amp;role=lead" in page.content.decode()
    person = User.objects.create_user("someone")
    Membership.objects.create(person=person, team=team, role="lead", starts_on="2026-01-01")
    Product.objects.create(slug="portal", name="Portal")
    assert "Nothing has to be done by you now." in text_of(browser_of_operator.get("/"), "#main")


def test_home_costs_the_same_for_one_and_for_many(cast: Cast):
    def fill(times: int) -> None:
        for _ in range(times):
            for state in ("reported", "triaged", "in_review", "resolved"):
                issue = issue_in(state, cast)
                watch(issue, actor=cast.lead)
                comment(issue, actor=cast.staff, body="Seen.", visibility="public")
            FACTORIES["announcement"].in_state("draft", cast)

    Product.objects.filter(slug="portal").update(owner=cast.lead)
    FACTORIES["watch"].in_state("on_watch", cast)
    fill(1)
    was_here(cast.lead, datetime.timedelta(days=1))
    one = cost(cast.lead, "/")
    fill(2)
    was_here(cast.lead, datetime.timedelta(days=1))
    assert cost(cast.lead, "/") == one
    # What waits is asked once for each kind of record; everything else costs what a page may.
    assert one <= MOST_QUERIES + len(record_models())


def test_lists_on_home_are_cut_and_lead_to_the_rest(cast: Cast):
    for number in range(SHOWN + 2):
        create(Issue, actor=cast.reporter, data={"title": f"Plot {number}"})
    page = browser(cast.reporter).get("/")
    assert page.content.decode().count("/tickets/CST-") == SHOWN
    assert "/tickets/?reporter=me" in page.content.decode()


def test_the_queue_can_be_asked_for_what_waits(cast: Cast):
    issue = issue_in("in_review", cast)
    assert issue.key in text_of(browser(cast.owner).get("/issues/?holder=me"), "#main")
    assert issue.key not in text_of(browser(cast.staff).get("/issues/?holder=me"), "#main")
    assert Client().get("/issues/?holder=me").status_code == 400
