"""The demonstration observatory is believable: every state is there, and its history is true."""

import datetime
import itertools
from collections import Counter

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from ops.allocations.models import (
    Award,
    Call,
    Conflict,
    LedgerEntry,
    Outcome,
    Request,
    Review,
    UsageAlert,
)
from ops.committees.models import Committee, HoursEntry, Meeting, Seat
from ops.committees.rosters import roster_on
from ops.committees.slates import days_of_slates, slate_of
from ops.demonstration import script, stage
from ops.demonstration.stage import Stage
from ops.issues.models import Announcement, Issue
from ops.notify.models import Message
from ops.people.authority import holders_of
from ops.people.models import Product, Role, User
from ops.tickets.models import Comment, CommentVisibility, Link, LinkKind, Ticket, Visibility
from ops.workflow.models import Event

ROLES = [
    "member", "scientist", "watcher", "lead", "staff", "owner", "liaison", "assessor", "rac-member", "rac-chair",
    "ops-director", "uc-member", "uc-chair", "director", "coordinator", "tester", "admin",
]  # fmt: skip


# The script, without a database


def test_everybody_who_does_something_is_introduced() -> None:
    known = {person.username for person in script.people()} | {"system"}
    for story in script.stories():
        assert {story.by, *story.invited, *(step.by for step in story.path)} <= known, story.name
    for notice in script.notices():
        assert {notice.by, *(step.by for step in notice.path)} <= known, notice.title


def test_first_accounts_are_named_by_role() -> None:
    people = script.people()
    assert [person.username for person in people[: len(ROLES)]] == ROLES
    assert len(people) >= len(ROLES) + 15
    assert len({person.name for person in people}) == len(people)


def test_names_of_issues_are_used_once_and_links_lead_nowhere_real() -> None:
    stories = script.stories()
    assert max(Counter(story.name for story in stories).values()) == 1
    for story in stories:
        topic = story.report.get("forum_topic", "https://community.example.org/t/none")
        assert topic.startswith("https://community.example.org/t/")


@pytest.mark.parametrize("days", range(7))
def test_steps_follow_one_another_and_none_lies_ahead_on_any_day_of_the_week(days: int) -> None:
    now = datetime.datetime(2026, 3, 9, 4, 30, tzinfo=datetime.UTC) + datetime.timedelta(days=days)
    played = Stage(now)
    played.zones = {p.username: stage.ZoneInfo(p.zone) for p in script.people() if p.is_staff}
    for story in script.stories():
        moments = [now - story.ago, *played.moments(now - story.ago, story.path), now]
        assert all(a < b for a, b in itertools.pairwise(moments)), story.name
        assert story.ago < datetime.timedelta(days=183), story.name


def test_staff_take_longer_steps_in_office_hours() -> None:
    zone = stage.ZoneInfo("America/Santiago")
    friday_night = datetime.datetime(2026, 3, 14, 1, 40, tzinfo=datetime.UTC)  # Friday 22:40 in Santiago
    monday = stage.in_office_hours(friday_night, zone).astimezone(zone)
    assert (monday.weekday(), monday.hour) == (0, 8)

    working = datetime.datetime(2026, 3, 11, 15, 0, tzinfo=datetime.UTC)
    assert stage.in_office_hours(working, zone) == working


def test_unknown_word_in_a_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="2 weeks"):
        script.duration("2 weeks")


# The play, in the database


def told(observatory: Stage) -> QuerySet[Issue]:
    """The issues of the stories; committees make others of what they take on."""
    return Issue.objects.filter(pk__in=[issue.pk for issue in observatory.issues.values()])


@pytest.mark.django_db
def test_every_state_is_reached(observatory: Stage) -> None:
    states = Counter(Issue.objects.values_list("state", flat=True))
    assert set(states) == set(Issue.State.values)
    assert min(states.values()) >= 3
    assert sum(states.values()) >= 60
    assert set(Announcement.objects.values_list("state", flat=True)) == set(Announcement.State.values)


@pytest.mark.django_db
def test_every_transition_is_taken_by_somebody(observatory: Stage) -> None:
    kind = ContentType.objects.get_for_model(Ticket)
    taken = set(Event.objects.filter(content_type=kind).values_list("name", flat=True))
    assert {step.name for step in Issue.workflow.steps()} - {"separate"} <= taken


@pytest.mark.django_db
def test_history_leads_to_the_present_and_keeps_its_order(observatory: Stage) -> None:
    for issue in told(observatory):
        events = list(Event.objects.of(issue))
        assert events[0].name == "create"
        assert events[0].created_at == issue.created_at
        assert all(a.target == b.source for a, b in itertools.pairwise(events) if b.moved)
        assert all(a.created_at <= b.created_at for a, b in itertools.pairwise(events))
        assert events[-1].target == issue.state
        assert events[-1].created_at < observatory.now
    keys = [
        int(key.split("-")[1])
        for key in told(observatory).order_by("created_at").values_list("key", flat=True)
    ]
    assert keys == sorted(keys)


@pytest.mark.django_db
def test_back_loops_links_children_and_audiences_are_there(observatory: Stage) -> None:
    loops = Issue.objects.values_list("rework_count", "replan_count", "reopen_count")
    assert all(max(counts) > 0 for counts in zip(*loops, strict=True))
    assert set(Link.objects.values_list("kind", flat=True)) == set(LinkKind.values)
    assert Issue.objects.filter(parent__isnull=False).count() >= 4
    assert set(Comment.objects.values_list("visibility", flat=True)) == set(CommentVisibility.values)
    assert set(Issue.objects.values_list("visibility", flat=True)) == set(dict(Visibility.offered()))
    public = told(observatory).filter(visibility=Visibility.PUBLIC).count()
    assert public > told(observatory).count() * 0.8


@pytest.mark.django_db
def test_texts_hold_no_marks_that_were_meant_to_be_replaced(observatory: Stage) -> None:
    texts = [
        *itertools.chain.from_iterable(
            Issue.objects.values_list("description", "strategy", "resolution_text")
        ),
        *Comment.objects.values_list("body", flat=True),
        *Announcement.objects.values_list("body", flat=True),
        *Event.objects.values_list("reason", flat=True),
    ]
    assert not [text for text in texts if "{key:" in text or "{day" in text]
    duplicate = observatory.issues["alerts-too-bright-on-one-chip"]
    assert Issue.objects.get(pk=duplicate.pk).duplicate_of == observatory.issues["camera-raft-gain"]
    assert observatory.issues["camera-raft-gain"].key in Comment.objects.get(ticket=duplicate).body


@pytest.mark.django_db
def test_every_account_signs_in_with_the_known_password(observatory: Stage) -> None:
    accounts = User.objects.filter(username__in=ROLES, is_active=True)
    assert accounts.count() == len(ROLES)
    assert len(set(accounts.values_list("password", flat=True))) == 1  # so one of them stands for all
    assert accounts[0].check_password(stage.PASSWORD)
    assert not observatory.people["system"].has_usable_password()


@pytest.mark.django_db
def test_roles_are_held_today(observatory: Stage) -> None:
    def holders(team: str, *roles: str) -> set[str]:
        return {person.username for person in holders_of(team, *roles)}

    assert holders("community-science", Role.WATCHER) == {"watcher"}
    assert holders("community-science", Role.LEAD, Role.DEPUTY) == {"lead", "benedikt"}
    assert holders("rac", Role.CHAIR) == {"rac-chair"}
    assert "emeka" not in holders("users-committee"), "whose term is over"
    assert not User.objects.get(username="greta").has_data_rights()
    assert holders("staff") & {"member", "tester", "rac-member", "uc-chair"} == set()


@pytest.mark.django_db
def test_products_are_a_tree_with_owners(observatory: Stage) -> None:
    assert Product.objects.count() >= 25
    assert Product.objects.get(slug="portal").path == "data-services/rsp/portal"
    assert Product.objects.get(slug="portal").effective_owner == observatory.people["owner"]
    assert all(product.effective_owner for product in Product.objects.all())


@pytest.mark.django_db
def test_nobody_has_messages_of_last_month(observatory: Stage) -> None:
    oldest = Message.objects.order_by("created_at").first()
    assert oldest is not None
    assert observatory.now - oldest.created_at < stage.TOLD_OF


@pytest.mark.django_db
def test_the_users_committee_has_twelve_members_with_staggered_terms(observatory: Stage) -> None:
    committee = Committee.objects.get(slug="users-committee")
    members = roster_on(committee, observatory.now.date())
    assert len(members) == committee.places == 12
    assert sorted(Counter(member.until for member in members).values()) == [6, 6]
    assert members[0].person == observatory.people["uc-chair"]
    assert members[0].office_words == ["Chair"]
    assert len(roster_on(committee, observatory.now.date() - 720 * stage.DAY)) == 3
    states = set(Seat.objects.values_list("state", flat=True))
    assert {"nominated", "vetted", "on_slate", "active", "ended"} <= states
    (day,) = days_of_slates(committee)
    breaches = [finding.breach for finding in slate_of(committee, day).findings if not finding.is_settled]
    assert breaches == ["The slate has 11 people, 1 fewer than the 12 seats."]


@pytest.mark.django_db
def test_the_users_committee_meets_and_counts_its_hours(observatory: Stage) -> None:
    states = Counter(Meeting.objects.values_list("state", flat=True))
    assert states == {"minutes_published": 2, "held": 1, "planned": 2}
    assert all(meeting.starts_at.weekday() < 5 for meeting in Meeting.objects.all())
    assert Meeting.objects.get(state="held").actions.filter(ticket__isnull=False).count() == 3
    assert {"meeting", "report", "service"} == set(HoursEntry.objects.values_list("work", flat=True))


# Allocations


def test_a_call_is_published_and_another_under_review(observatory: Stage) -> None:
    states = dict(Call.objects.values_list("slug", "state"))
    assert states == {
        "urgent-2026a": "published",
        "2026b": "published",
        "2027a": "under_review",
        "2027b": "open",
        "urgent": "open",
    }
    assert Request.objects.filter(call__slug__in=["2026b", "2027a"]).count() == 40
    assert holders_of("rac").count() == 12
    found = set(Request.objects.values_list("state", flat=True))
    assert found >= {
        "active",
        "grace",
        "expired",
        "declined",
        "under_appeal",
        "awarded",
        "provisioning",
        "in_review",
        "draft",
        "returned",
        "submitted",
    }


def test_reviews_have_come_in_part_and_never_from_somebody_with_a_conflict(observatory: Stage) -> None:
    running = Review.objects.filter(request__call__slug="2027a")
    assert set(running.values_list("state", flat=True)) >= {"assigned", "accepted", "submitted"}
    kinds = set(Conflict.objects.open().values_list("kind", flat=True))
    assert kinds >= {"self", "co_investigator", "institution", "declared"}
    for review in Review.objects.select_related("request"):
        assert review.reviewer_id not in review.request.conflicted_ids


def test_awards_are_used_and_no_balance_is_negative(observatory: Stage) -> None:
    assert all(left >= 0 for left in LedgerEntry.objects.balances().values())
    assert set(UsageAlert.objects.values_list("percent", flat=True)) >= {50, 80}
    assert {award.enforcement for award in Award.objects.all()} == {"by_hand", "pending"}


def test_nothing_of_the_allocations_lies_ahead(observatory: Stage) -> None:
    assert not Outcome.objects.filter(made_at__gt=observatory.now).exists()
    assert not LedgerEntry.objects.filter(on__gt=observatory.now.date()).exists()
    assert not Review.objects.filter(submitted_at__gt=observatory.now).exists()
