"""The lead edits calendars and policies, and reads at once what the change did to open deadlines."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ops.clocks.models import Calendar, DeadlinePolicy
from ops.people.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def at_desk(client, lead, adapter):
    """A browser in which the lead community scientist has signed in; no superuser, authority from a membership."""
    team, _ = Team.objects.get_or_create(slug="community-science", defaults={"name": "Community Science"})
    Membership.objects.create(person=lead, team=team, role=Role.LEAD, starts_on=date(2020, 1, 1))
    User.objects.filter(pk=lead.pk).update(is_staff=True)
    client.force_login(lead)
    return client


def typed(page) -> dict[str, object]:
    """What the form of a page would send if nothing was changed."""
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: form.fields[name].prepare_value(value) for name, value in values.items()}
    for inline in page.context["inline_admin_formsets"]:
        sent |= {f"{inline.formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {name: "" if value is None else value for name, value in sent.items() if value is not False}


def said(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def policy_page(policy) -> str:
    return reverse("admin:clocks_deadlinepolicy_change", args=[policy.pk])


def test_saving_what_is_there_changes_nothing(at_desk, make_policy, errand, now):
    policy = make_policy(
        condition={"priority": ["high"]}, warnings=["50 %", "1 day before"],
        escalations=[{"after": "1 day", "to": "lead"}],
    )  # fmt: skip
    before = DeadlinePolicy.objects.values().get()
    page = at_desk.get(policy_page(policy))
    assert "For every errand that is new or working with priority high" in page.content.decode()
    sent = at_desk.post(policy_page(policy), typed(page), follow=True)
    assert said(sent)[0] == "0 open deadlines looked at: none moved."
    assert DeadlinePolicy.objects.values().get() == before


def test_another_duration_says_how_many_moved(at_desk, make_policy, errand, now):
    policy = make_policy()
    errand.move("new", now)
    values = typed(at_desk.get(policy_page(policy))) | {
        "duration": "3 days",
        "escalations": "2 hours: lead\n1 day: director",
    }
    page = at_desk.post(policy_page(policy), values, follow=True)
    assert said(page)[0] == "1 open deadline looked at: 1 moved."
    policy.refresh_from_db()
    assert policy.escalations == [{"after": "2 hours", "to": "lead"}, {"after": "1 day", "to": "director"}]
    deadline = errand.deadline()
    assert deadline.due_at == now + timedelta(days=3)
    assert deadline.entries.get().actor.username == "lead"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("starts_in", "asleep", "“asleep” is not a state of errand"),
        ("condition", "priority high", "“priority high” is not of the form “priority: critical, high”."),
        ("escalations", "lead", "“lead” is not of the form “1 day: lead”."),
        ("escalations", "1 day: mother", "Nobody is called “mother”"),
        ("warnings", "half", "“half” is not a warning"),
        ("duration", "a while", "“a while” is not a length of time"),
    ],
)
def test_what_makes_no_sense_comes_back_with_a_sentence_and_as_it_was_typed(
    at_desk, make_policy, field, value, sentence
):
    policy = make_policy()
    page = at_desk.post(policy_page(policy), typed(at_desk.get(policy_page(policy))) | {field: value})
    assert page.status_code == 200
    assert sentence in " ".join(page.context["adminform"].form.errors[field])
    assert value in page.content.decode()


def test_a_new_policy_starts_its_deadlines(at_desk, clocks_data, errand, now):
    errand.move("new", now, priority="high")
    values = {
        "slug": "answer", "name": "Answer", "kind": "errand", "position": 0, "active": "on",
        "starts_in": "new, working", "met_in": "done", "duration": "2 days", "condition": "priority: high",
        "calendar": Calendar.objects.get(slug="pacific").pk,
    }  # fmt: skip
    page = at_desk.post(reverse("admin:clocks_deadlinepolicy_add"), values, follow=True)
    assert said(page)[0] == "0 open deadlines looked at: 1 started."
    assert errand.deadline().policy.starts_in == ["new", "working"]


def test_the_list_says_what_each_policy_does(at_desk, make_policy, django_assert_max_num_queries):
    for number in range(3):
        make_policy(f"answer-{number}")
    with django_assert_max_num_queries(12):
        page = at_desk.get(reverse("admin:clocks_deadlinepolicy_changelist"))
    assert page.content.decode().count("it is due within 24 hours, counted round the clock") == 3


def test_a_policy_whose_kind_is_gone_can_be_mended(at_desk, make_policy):
    policy = make_policy(kind="parcel")
    page = at_desk.get(policy_page(policy))
    assert "Never applies: Nothing is called “parcel”" in page.content.decode()
    at_desk.post(policy_page(policy), typed(page) | {"kind": "errand"}, follow=True)
    policy.refresh_from_db()
    assert policy.kind == "errand"


def test_hours_are_typed_day_by_day_and_deadlines_follow(at_desk, make_policy, errand, now):
    make_policy(calendar="pacific", duration="4 hours")
    monday = now.replace(year=2026, month=3, day=2, hour=18, minute=0, second=0)
    errand.move("new", monday)
    calendar = Calendar.objects.get(slug="pacific")
    url = reverse("admin:clocks_calendar_change", args=[calendar.pk])
    values = typed(at_desk.get(url))
    assert values["weekly_hours"].splitlines()[0] == "mon 09:00-17:00"
    unchanged = at_desk.post(url, values, follow=True)
    assert len(said(unchanged)) == 1
    values["weekly_hours"] = "mon 09:00-12:00, 13:00-17:00\ntue 09:00-12:00, 13:00-17:00"
    page = at_desk.post(url, values, follow=True)
    assert said(page)[0] == "1 open deadline looked at: 1 moved."
    calendar.refresh_from_db()
    assert calendar.weekly_hours == {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue")}
    assert errand.deadline().due_at == monday + 5 * HOUR  # there is a break at noon now


def test_a_day_off_moves_deadlines_too(at_desk, make_policy, errand, now):
    make_policy(calendar="pacific", duration="1 day")
    monday = now.replace(year=2026, month=3, day=2, hour=18, minute=0, second=0)
    errand.move("new", monday)
    calendar = Calendar.objects.get(slug="pacific")
    url = reverse("admin:clocks_calendar_change", args=[calendar.pk])
    values = typed(at_desk.get(url)) | {
        "days-TOTAL_FORMS": 1, "days-0-date": "2026-03-03", "days-0-name": "Move", "days-0-calendar": calendar.pk,
    }  # fmt: skip
    page = at_desk.post(url, values, follow=True)
    assert said(page)[0] == "1 open deadline looked at: 1 moved."
    assert errand.deadline().due_at == monday + timedelta(days=2)


def test_deadlines_can_be_looked_at_and_not_touched(at_desk, make_policy, errand, now):
    make_policy()
    errand.move("new", now)
    url = reverse("admin:clocks_deadline_change", args=[errand.deadline().pk])
    page = at_desk.get(url)
    assert "Started: 24 hours, counted round the clock." in page.content.decode()
    assert at_desk.post(url, {"state": "met"}).status_code == 403
    assert at_desk.get(reverse("admin:clocks_deadline_changelist")).status_code == 200


def test_nobody_else_of_the_staff_edits_policies(client, holder, make_policy):
    policy = make_policy()
    User.objects.filter(pk=holder.pk).update(is_staff=True)
    client.force_login(holder)
    assert client.get(policy_page(policy)).status_code == 403
    assert client.post(policy_page(policy), {"duration": "1 hour"}).status_code == 403
