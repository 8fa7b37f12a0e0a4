"""The page of the forum watch: the week, its checklist, swaps, leave, and who may see and do what."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from ops.issues.models import Issue
from ops.people.authority import COMMUNITY_SCIENCE
from ops.people.models import Membership, Role, Team
from ops.tickets.services import comment
from ops.watch.models import WEEK, Duty, Leave, WatchWeek
from ops.watch.rotation import plan_ahead
from ops.watch.selectors import this_monday
from ops.workflow.services import create, perform
from tests.cast import LONG_AGO, Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db
OUTSIDE = ["reporter", "owner", "outsider"]
ADDRESSES = ["/watch/", "/watch/plan/", "/watch-weeks/{week}/tick/", "/watch/leave/{leave}/drop/"]


@pytest.fixture
def team(cast: Cast) -> Cast:
    """Two community scientists and a lead, with the coming weeks planned; the standing watcher has gone."""
    Membership.objects.filter(person=cast.watcher).delete()
    members = Team.objects.get(slug=COMMUNITY_SCIENCE)
    Membership.objects.create(person=cast.staff, team=members, role=Role.MEMBER, starts_on=LONG_AGO)
    plan_ahead(actor=cast.system, weeks=4)
    return cast


def this_week() -> WatchWeek:
    week = WatchWeek.objects.get(monday=this_monday())
    return perform(week, "begin", actor=week.person) if week.state == "planned" else week


def week_of(person) -> WatchWeek:
    return WatchWeek.objects.filter(person=person, monday__gt=this_monday()).first()


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_watch_is_for_staff(team: Cast, name, address):
    leave = Leave.objects.create(person=team.scientist, starts_on=LONG_AGO, ends_on=LONG_AGO)
    path = address.format(week=this_week().pk, leave=leave.pk)
    client = browser(getattr(team, name))
    answer = client.get(path) if path == "/watch/" else client.post(path)
    assert answer.status_code == 403
    assert "Only staff may see the forum watch." in text_of(answer, "#main")
    assert Client().get("/watch/").headers["Location"].startswith("/login/")
    assert "/watch/" not in client.get("/help/").content.decode()


def test_a_week_is_not_there_for_others(team: Cast):
    at = this_week().get_absolute_url()
    assert browser(team.outsider).get(at).status_code == 404
    assert Client().get(at).status_code == 404
    assert "On watch" in text_of(browser(team.assignee).get(at), "#main")


def test_the_page_says_whose_week_it_is_and_why_the_others_come(team: Cast):
    week = this_week()
    text = text_of(browser(week.person).get("/watch/"), "#main")
    assert f"This week is yours , {week.days}" in text
    assert "Never on watch so far" in text
    other = browser(team.assignee).get("/watch/")
    assert f"{week.person.name} is on watch this week" in text_of(other, ".page-sentence")


def test_without_a_plan_the_lead_is_offered_to_make_one(cast: Cast):
    assert "Nobody is on watch this week." in text_of(browser(cast.staff).get("/watch/"))
    assert browser(cast.staff).post("/watch/plan/").status_code == 403
    client = browser(cast.lead)
    assert client.post("/watch/plan/").headers["Location"] == "/watch/"
    assert WatchWeek.objects.count() == 8
    assert "8 weeks planned." in text_of(client.get("/watch/"), ".toasts")


def test_duties_are_ticked_by_the_one_on_watch(team: Cast):
    week = this_week()
    answer = browser(week.person).post(f"/watch-weeks/{week.pk}/tick/", {"ticked": ["answer", "sweep"]})
    assert answer.status_code == 302
    assert set(WatchWeek.objects.get(pk=week.pk).ticked) == {"answer", "sweep"}
    told = text_of(browser(week.person).get(f"/watch-weeks/{week.pk}/"), "main")
    assert f"{Duty.ANSWER.label}, {Duty.SWEEP.label}" in " ".join(told.split())
    browser(week.person).post(f"/watch-weeks/{week.pk}/tick/")
    assert WatchWeek.objects.get(pk=week.pk).ticked == []


def test_duties_are_ticked_in_place(team: Cast):
    week = this_week()
    client = browser(week.person, headers={"HX-Request": "true"})
    part = client.post(f"/watch-weeks/{week.pk}/tick/", {"ticked": ["answer"]})
    assert part.status_code == 200
    assert "1 of 5" in text_of(part)
    assert "<html" not in part.content.decode()


def test_others_cannot_tick(team: Cast):
    week = this_week()
    answer = browser(team.assignee).post(f"/watch-weeks/{week.pk}/tick/", {"ticked": ["answer"]})
    assert answer.status_code == 403
    assert "the one on watch" in text_of(answer, "#main")
    unknown = browser(week.person).post(f"/watch-weeks/{week.pk}/tick/", {"ticked": ["dance"]})
    assert unknown.status_code == 422


def test_two_swap_their_weeks(team: Cast):
    mine, theirs = week_of(team.scientist), week_of(team.staff)
    client = browser(team.scientist)
    form = client.get(f"/watch-weeks/{mine.pk}/swap/").content.decode()
    assert f'value="{theirs.pk}"' in form
    answer = client.post(f"/watch-weeks/{mine.pk}/swap/", {"week": theirs.pk})
    assert answer.headers["Location"] == "/watch/"
    assert WatchWeek.objects.get(pk=mine.pk).person == team.staff
    assert WatchWeek.objects.get(pk=theirs.pk).person == team.scientist


@pytest.mark.parametrize("other", ["", "x", "999999"])
def test_a_swap_names_a_coming_week_of_somebody_else(team: Cast, other):
    mine = week_of(team.scientist)
    answer = browser(team.scientist).post(f"/watch-weeks/{mine.pk}/swap/", {"week": other})
    assert answer.status_code == 422
    assert WatchWeek.objects.get(pk=mine.pk).person == team.scientist


def test_nobody_swaps_the_weeks_of_two_others(team: Cast):
    mine, theirs = week_of(team.scientist), week_of(team.staff)
    client = browser(team.assignee)
    assert client.get(f"/watch-weeks/{mine.pk}/swap/").status_code == 403
    assert client.post(f"/watch-weeks/{mine.pk}/swap/", {"week": theirs.pk}).status_code == 403
    assert WatchWeek.objects.get(pk=mine.pk).person == team.scientist


def test_a_week_is_given_away_and_the_page_of_the_watch_shows_it(team: Cast):
    mine = week_of(team.scientist)
    data = {"person": "staff", "view": "list-watch", "version": mine.version}
    answer = browser(team.scientist).post(f"/watch-weeks/{mine.pk}/do/give/", data)
    assert answer.headers["Location"] == "/watch/"
    assert WatchWeek.objects.get(pk=mine.pk).person == team.staff


def test_the_note_of_the_week_before_is_handed_over(team: Cast):
    week = this_week()
    client = browser(week.person)
    assert client.post(f"/watch-weeks/{week.pk}/do/hand_over/").status_code == 422
    client.post(f"/watch-weeks/{week.pk}/do/hand_over/", {"handover_note": "Look at **crowded** fields."})
    following = WatchWeek.objects.filter(monday__gt=week.monday).order_by("monday").first()
    WatchWeek.objects.filter(pk=week.pk).update(monday=week.monday - WEEK)
    WatchWeek.objects.filter(pk=following.pk).update(monday=following.monday - WEEK)
    assert "<strong>crowded</strong>" in browser(team.assignee).get("/watch/").content.decode()


def test_leave_is_noted_and_the_weeks_in_it_are_named(team: Cast):
    mine = week_of(team.scientist)
    client = browser(team.scientist)
    days = {"starts_on": mine.monday + datetime.timedelta(days=2), "ends_on": mine.sunday}
    assert client.post("/watch/leave/", days).status_code == 302
    page = client.get("/watch/")
    assert f"You are on watch {mine.days}" in text_of(page, ".toasts")
    leave = Leave.objects.get()
    assert browser(team.staff).post(f"/watch/leave/{leave.pk}/drop/").status_code == 403
    assert browser(team.outsider).get("/watch/leave/").status_code == 403
    assert client.post(f"/watch/leave/{leave.pk}/drop/").status_code == 302
    assert not Leave.objects.exists()


@pytest.mark.parametrize(
    ("starts_in", "ends_in", "sentence"),
    [(5, 3, "before the first"), (-9, -7, "are over"), (None, 3, "required")],
)
def test_days_that_cannot_be_are_refused_with_what_was_typed(team: Cast, starts_in, ends_in, sentence):
    today = timezone.localdate(timezone=datetime.UTC)
    days = {"starts_on": starts_in, "ends_on": ends_in}
    typed = {
        name: (today + datetime.timedelta(days=days[name])).isoformat() if days[name] is not None else ""
        for name in days
    }
    answer = browser(team.scientist).post("/watch/leave/", typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer, ".error-summary")
    assert typed["ends_on"] in answer.content.decode()
    assert not Leave.objects.exists()


def test_leave_of_those_who_are_never_on_watch_is_not_noted(team: Cast):
    days = {"starts_on": "2090-01-01", "ends_on": "2090-01-02"}
    assert browser(team.assignee).post("/watch/leave/", days).status_code == 403
    assert browser(team.staff).post("/watch/leave/999/drop/").status_code == 404


def test_the_sweep_lists_what_nobody_has_answered(team: Cast):
    forgotten = create(Issue, actor=team.reporter, data={"title": "Forgotten"})
    answered = create(Issue, actor=team.reporter, data={"title": "Answered"})
    comment(answered, actor=team.scientist, body="We look at it.", visibility="public")
    text = text_of(browser(team.staff).get("/watch/"), "#main")
    assert forgotten.key in text
    assert answered.key not in text
    listed = browser(team.staff).get("/issues/?sweep=yes")
    assert "Weekly sweep" in text_of(listed, ".filtered")


def test_the_page_costs_the_same_whatever_is_planned_and_swept(team: Cast):
    this_week()
    create(Issue, actor=team.reporter, data={"title": "One"})
    one = cost(team.lead, "/watch/")
    plan_ahead(actor=team.system, weeks=8)
    for number in range(2):
        create(Issue, actor=team.reporter, data={"title": f"More {number}"})
    assert cost(team.lead, "/watch/") == one <= MOST_QUERIES
