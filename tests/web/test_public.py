"""What is there without an account: the front, announcements, feeds, figures; and that nothing else is."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ops.issues.models import Announcement, Issue
from ops.tickets.services import comment
from ops.web import announcements, front
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in
from tests.web.pages import MOST_QUERIES, browser, text_of

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
HIDDEN = ["community", "staff", "confidential"]
FEEDS = ["/issues/feed/", "/announcements/feed/"]


def hidden_issue(state: str, cast: Cast, visibility: str, title: str) -> Issue:
    """Make an issue and hide it afterwards: of one that is confidential from the start, scientists know nothing."""
    issue = issue_in(state, cast, title=title)
    return edit(issue, actor=cast.scientist, data={"visibility": visibility})


def announcement(cast: Cast, state: str, **data: object) -> Announcement:
    return FACTORIES["announcement"].in_state(state, cast, **data)


def queries_of(address: str) -> int:
    """Return how many queries a stranger's page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(address).status_code == 200
    return len(queries)


def entries(address: str, client: Client | None = None) -> list[ET.Element]:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200
    return ET.fromstring(answer.content).findall("a:entry", ATOM)


def words(address: str, client: Client | None = None) -> str:
    return " ".join("".join(entry.itertext()) for entry in entries(address, client))


def test_the_front_says_what_is_open_and_what_was_resolved(cast: Cast):
    live, done = issue_in("in_progress", cast), issue_in("resolved", cast, title="Units were missing")
    page = Client().get("/")
    assert page.status_code == 200
    text = text_of(page, "#main")
    assert live.key in text
    assert "In progress" in text
    assert "High" in text
    assert done.title in text
    assert "Fixed" in text
    assert "1 open" in text


@pytest.mark.parametrize("visibility", HIDDEN)
def test_the_front_knows_public_issues_only(cast: Cast, visibility):
    hidden_issue("in_progress", cast, visibility, "Not for the street")
    hidden_issue("resolved", cast, visibility, "Nor this")
    text = text_of(Client().get("/"), "#main")
    assert "Not for the street" not in text
    assert "Nor this" not in text
    assert "0 open" in text


def test_the_front_counts_once_and_keeps_the_figures_for_a_while(cast: Cast, django_assert_max_num_queries):
    Client().get("/")
    with django_assert_max_num_queries(8):
        Client().get("/")


def test_the_front_is_there_without_a_cache(cast: Cast, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    cache.close()
    assert "0 open" in text_of(Client().get("/"), "#main")


def test_the_front_costs_the_same_for_one_and_for_three(cast: Cast):
    issue_in("in_progress", cast)
    announcement(cast, "published")
    queries_of("/")
    one = queries_of("/")
    for _ in range(2):
        issue_in("in_progress", cast)
        issue_in("resolved", cast)
        announcement(cast, "published")
    assert queries_of("/") == one <= MOST_QUERIES


def test_the_front_shows_so_many_and_no_more(cast: Cast, monkeypatch):
    monkeypatch.setattr(front, "OPEN_SHOWN", 2)
    for number in range(3):
        create(Issue, actor=cast.reporter, data={"title": f"Plot {number}"})
    assert text_of(Client().get("/"), "#main").count("Plot ") == 2


@pytest.mark.parametrize("state", ["draft", "approved"])
def test_what_is_not_published_is_there_for_staff_only(cast: Cast, state):
    made = announcement(cast, state, title="A secret change")
    for stranger in (Client(), browser(cast.outsider)):
        assert stranger.get(f"/announcements/{made.pk}/").status_code == 404
        assert "A secret change" not in text_of(stranger.get("/announcements/"))
    staff = browser(cast.staff)
    assert "A secret change" in text_of(staff.get(f"/announcements/{made.pk}/"), "h1")
    assert "A secret change" in text_of(staff.get("/announcements/"), ".preparing")


def test_a_published_announcement_is_read_by_everybody_with_the_tickets_they_may_know(cast: Cast):
    public, hidden = issue_in("resolved", cast), issue_in("resolved", cast, visibility="staff")
    keys = [public.key, hidden.key]
    made = announcement(cast, "published", body="It is **twice** as fast.", tickets=keys)
    page = Client().get(f"/announcements/{made.pk}/")
    assert "<strong>twice</strong>" in page.content.decode()
    assert public.key in text_of(page)
    assert hidden.key not in text_of(page)
    assert hidden.key in text_of(browser(cast.staff).get(f"/announcements/{made.pk}/"))
    assert made.title in text_of(Client().get(f"/tickets/{public.key}/"))


def test_how_an_announcement_came_about_is_for_staff(cast: Cast):
    made = announcement(cast, "approved")
    made = perform(made, "revise", actor=cast.scientist, reason="The numbers are wrong.")
    made = perform(perform(made, "approve", actor=cast.lead), "publish", actor=cast.scientist)
    assert "The numbers are wrong." in text_of(browser(cast.staff).get(made.get_absolute_url()))
    for stranger in (Client(), browser(cast.outsider)):
        assert "The numbers are wrong." not in text_of(stranger.get(made.get_absolute_url()))


def test_an_announcement_is_drafted_changed_approved_and_published_through_the_pages(cast: Cast):
    issue = issue_in("resolved", cast)
    scientist, lead = browser(cast.scientist), browser(cast.lead)
    data = {"title": "New image service", "body": "It is faster.", "tickets": issue.key}
    assert scientist.post("/new/announcement/", data).status_code == 302
    made = Announcement.objects.get()
    at = made.get_absolute_url()
    form = scientist.get(f"{at}edit/").content.decode()
    assert f'value="{issue.key}"' in form
    changed = {"title": "A newer image service", "body": "It is faster.", "tickets": issue.key, "version": 1}
    assert scientist.post(f"{at}edit/", changed).status_code == 302
    assert scientist.post(f"{at}do/approve/").status_code == 403
    assert lead.post(f"{at}do/approve/", {"version": 2}).headers["Location"] == at
    assert scientist.post(f"{at}do/revise/").status_code == 422
    assert scientist.post(f"{at}do/publish/", {"version": 3}).status_code == 302
    made = Announcement.objects.get()
    assert (made.state, made.title) == ("published", "A newer image service")
    assert list(made.tickets.values_list("key", flat=True)) == [issue.key]


def test_the_second_of_two_editors_is_told_and_keeps_the_text(cast: Cast):
    made = announcement(cast, "draft")
    edit(made, actor=cast.lead, data={"title": "Changed by the lead"})
    typed = {"title": "Mine", "body": "My words", "tickets": "", "version": 1}
    page = browser(cast.scientist).post(f"{made.get_absolute_url()}edit/", typed)
    assert page.status_code == 409
    assert "Mine" in page.content.decode()
    assert "Changed by the lead" in text_of(page, ".since")


def test_saving_without_touching_the_tickets_keeps_those_that_the_editor_does_not_see(cast: Cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Hidden", "visibility": "confidential"})
    made = create(Announcement, actor=cast.lead, data={"title": "T", "body": "B", "tickets": [issue.key]})
    form = browser(cast.scientist).get(f"{made.get_absolute_url()}edit/")
    assert f'value="{issue.key}' not in form.content.decode()
    typed = {"title": "T2", "body": "B", "tickets": "", "version": made.version}
    browser(cast.scientist).post(f"{made.get_absolute_url()}edit/", typed)
    made = Announcement.objects.get()
    assert (made.title, made.tickets.count()) == ("T2", 1)


def test_older_announcements_are_a_page_away(cast: Cast, monkeypatch):
    monkeypatch.setattr(announcements, "SHOWN", 2)
    made = [announcement(cast, "published", title=f"Change {number}") for number in range(3)]
    page = Client().get("/announcements/")
    assert "Change 0" not in text_of(page, "#main")
    assert f"?before={made[1].pk}" in page.content.decode()
    assert "Change 0" in text_of(Client().get(f"/announcements/?before={made[1].pk}"), "#main")


@pytest.mark.parametrize("before", ["-1", "x", "999999", "9" * 30, "²"])
def test_a_page_that_begins_nowhere_is_refused(cast: Cast, before):
    assert Client().get("/announcements/", {"before": before}).status_code == 400


def test_the_feed_of_issues_tells_steps_and_public_comments(cast: Cast):
    issue = issue_in("triaged", cast)
    comment(issue, actor=cast.assignee, body="We see it **too**.", visibility="public")
    comment(issue, actor=cast.assignee, body="Between us.", visibility="staff")
    told = words("/issues/feed/")
    assert issue.key in told
    assert "Triaged" in told
    assert "<strong>too</strong>" in told
    assert "Between us." not in told


@pytest.mark.parametrize("visibility", HIDDEN)
@pytest.mark.parametrize("reader", ["anonymous", "lead", "reporter"])
def test_no_feed_tells_of_what_is_hidden_whoever_asks(cast: Cast, visibility, reader):
    issue = hidden_issue("triaged", cast, visibility, "Not for the street")
    comment(issue, actor=cast.assignee, body="Not for the street either", visibility="public")
    client = Client() if reader == "anonymous" else browser(getattr(cast, reader))
    assert entries("/issues/feed/", client) == []
    assert client.get(f"/tickets/{issue.key}/feed/").status_code == 404


def test_the_feed_of_a_ticket_tells_its_story(cast: Cast):
    issue = issue_in("investigating", cast)
    issue_in("triaged", cast, title="Another")
    told = words(f"/tickets/{issue.key}/feed/")
    assert told.count(issue.key) >= 3
    assert "Another" not in told


def test_a_link_to_a_hidden_ticket_is_in_no_feed(cast: Cast):
    hidden = create(Issue, actor=cast.reporter, data={"title": "Hidden", "visibility": "confidential"})
    issue = create(Issue, actor=cast.reporter, data={"title": "Seen"})
    perform(issue, "mark_duplicate", actor=cast.lead, data={"duplicate_of": hidden.key})
    assert hidden.key not in words(f"/tickets/{issue.key}/feed/") + words("/issues/feed/")


def test_the_feed_of_announcements_tells_what_was_published(cast: Cast):
    made = announcement(cast, "published", body="It is faster.")
    announcement(cast, "draft", title="Not yet")
    (entry,) = entries("/announcements/feed/", browser(cast.lead))
    assert entry.findtext("a:title", namespaces=ATOM) == made.title
    assert entry.findtext("a:updated", namespaces=ATOM)
    assert "It is faster." in "".join(entry.itertext())


@pytest.mark.parametrize("address", FEEDS)
def test_feeds_may_be_kept_on_the_way(cast: Cast, address):
    answer = Client().get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"].startswith("application/atom+xml")


def test_feeds_cost_the_same_for_one_and_for_three(cast: Cast):
    comment(issue_in("triaged", cast), actor=cast.assignee, body="Seen.", visibility="public")
    one = queries_of("/issues/feed/")
    for _ in range(2):
        comment(issue_in("triaged", cast), actor=cast.assignee, body="Seen.", visibility="public")
    assert queries_of("/issues/feed/") == one


def test_the_figures_of_a_year_are_a_table_that_adds_up(cast: Cast):
    issue_in("resolved", cast)
    issue_in("triaged", cast)
    issue_in("triaged", cast, visibility="staff")
    page = Client().get("/transparency/")
    assert page.status_code == 200
    assert "Reported 2" in text_of(page, ".figures-line")
    assert "Resolved 1" in text_of(page, ".figures-line")
    assert text_of(page, "#weeks tfoot").endswith("2 1")


@pytest.mark.parametrize("year", ["1999", "2999", "99999999999"])
def test_there_are_no_figures_of_other_years(cast: Cast, year):
    assert Client().get(f"/transparency/{year}/").status_code == 404


def test_a_year_without_anything_says_so(cast: Cast):
    year = timezone.now().year - 3
    page = Client().get(f"/transparency/{year}/")
    assert "No public issue was reported" in text_of(page)
    assert f"/transparency/{year + 1}/" in page.content.decode()


def test_figures_do_not_cost_more_with_more_issues(cast: Cast, django_assert_max_num_queries):
    for _ in range(3):
        issue_in("resolved", cast)
    with django_assert_max_num_queries(12):
        Client().get("/transparency/")


def test_what_somebody_signed_in_was_shown_is_kept_by_nobody_on_the_way(cast: Cast):
    seen = issue_in("reported", cast).get_absolute_url()
    hidden = hidden_issue("triaged", cast, "confidential", "Hidden").get_absolute_url()
    assert "Cache-Control" not in Client().get(seen).headers
    assert browser(cast.lead).get(seen).headers["Cache-Control"] == "private, no-cache"
    assert browser(cast.lead).get(hidden).headers["Cache-Control"] == "no-store"
