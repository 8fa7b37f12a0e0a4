"""Policies are refused with a sentence when they make no sense, reported by `check` later, and say what they do."""

from datetime import timedelta

import pytest
from django.core import checks
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ops.clocks.checks import check_policies
from ops.clocks.models import Calendar, Deadline, DeadlinePolicy
from ops.clocks.recomputation import recompute, save_policy
from ops.clocks.selectors import deadlines_of
from ops.clocks.services import meet
from ops.clocks.sweep import sweep
from ops.clocks.validation import problems

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def draft(adapter, clocks_data):
    """A policy that makes sense, not saved, with some values changed."""

    def make(**values):
        sensible = {
            "slug": "answer",
            "name": "Answer",
            "kind": "errand",
            "calendar": Calendar.objects.get(slug="pacific"),
            "starts_in": ["new"],
            "pauses_in": ["waiting"],
            "met_in": ["done"],
            "cancelled_in": ["dropped"],
            "duration": "2 days",
            "warnings": ["50 %", "1 day before"],
            "escalations": [{"after": "1 day", "to": "lead"}],
            "condition": {"priority": ["high"]},
        }
        return DeadlinePolicy(**{**sensible, **values})

    return make


def test_a_sensible_policy_is_accepted(draft):
    policy = draft()
    policy.full_clean()
    policy.save()
    assert policy.clock == "answer"


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"kind": "parcel"}, "kind", "Nothing is called “parcel”; write errand."),
        (
            {"duration": ""},
            "duration",
            "Give either a duration or the field that says when it is due, not both.",
        ),
        ({"due_from_field": "promised_at"}, "duration", "not both"),
        ({"duration": "soon"}, "duration", "“soon” is not a length of time"),
        ({"duration": "0 days"}, "duration", "A duration of nothing is over before it begins."),
        ({"duration": "", "due_from_field": "birthday"}, "due_from_field", "“birthday” does not say when"),
        ({"starts_in": []}, "starts_in", "Name at least one state in which it starts."),
        ({"starts_in": ["asleep"]}, "starts_in", "“asleep” is not a state of errand; write new, working"),
        ({"starts_in": ["dropped"], "cancelled_in": []}, "starts_in", "Nothing leaves dropped"),
        ({"met_in": ["new"]}, "met_in", "“new” stands in “starts in” too: it can do one thing only."),
        ({"pauses_in": ["done"]}, "met_in", "“done” stands in “pauses in” too"),
        ({"condition": {"colour": ["red"]}}, "condition", "“colour” is nothing to ask of errand"),
        ({"condition": {"priority": []}}, "condition", "“priority” needs a list with at least one value"),
        ({"condition": {"priority": "high"}}, "condition", "“priority” needs a list with at least one value"),
        (
            {"condition": {"priority": ["urgent"]}},
            "condition",
            "“priority” is never urgent; it is high or low.",
        ),
        ({"condition": ["priority"]}, "condition", "A condition names fields and their values"),
        ({"warnings": ["100 %"]}, "warnings", "“100 %” is not a warning"),
        ({"warnings": ["0 days before"]}, "warnings", "“0 days before” is not a warning"),
        ({"escalations": [{"after": "1 day"}]}, "escalations", "after how long and to whom"),
        (
            {"escalations": [{"after": "later", "to": "lead"}]},
            "escalations",
            "“later” is not a length of time",
        ),
        ({"escalations": [{"after": "1 day", "to": "mother"}]}, "escalations", "Nobody is called “mother”"),
        ({"escalations": {"after": "1 day"}}, "escalations", "The escalation steps are a list."),
        ({"escalations": [{"after": "1 day", "to": "lead"}] * 2}, "escalations", "stands there twice"),
        ({"action": "dance"}, "action", "The desk cannot “dance” by itself; it can return."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(draft, values, field, sentence):
    policy = draft(**values)
    with pytest.raises(ValidationError) as refusal:
        policy.full_clean()
    assert any(sentence in message for message in refusal.value.message_dict[field])


def test_a_value_that_is_not_listed_is_fine_where_values_are_open(draft):
    assert problems(draft(condition={"label": ["whatever"]})) == []


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"weekly_hours": {"mon": ["9-17"]}}, "“9-17” is not a period of a day"),
        ({"weekly_hours": {"mon": ["17:00-09:00"]}}, "is not a period of a day"),
        ({"weekly_hours": {"mon": ["09:00-25:00"]}}, "is not a period of a day"),
        ({"weekly_hours": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "The periods of mon overlap."),
        ({"weekly_hours": {"monday": ["09:00-12:00"]}}, "“monday” is not a day"),
        ({"weekly_hours": {}}, "This field cannot be blank."),
        ({"weekly_hours": {"mon": []}}, "at least one working period"),
        ({"weekly_hours": ["mon"]}, "Write the hours day by day"),
        ({"weekly_hours": {"mon": "09:00-12:00"}}, "The periods of a day are a list"),
        ({"time_zone": "Mars/Olympus"}, "is not a time zone"),
        ({"country": "XX"}, "No holidays are known for “XX”."),
        ({"country": "US", "subdivision": "ZZ"}, "US has no “ZZ”"),
        ({"country": "", "subdivision": "CA"}, "A subdivision needs its country."),
    ],
)
def test_a_calendar_that_cannot_be_read_is_refused(clocks_data, values, refused):
    calendar = Calendar.objects.get(slug="pacific")
    for name, value in values.items():
        setattr(calendar, name, value)
    with pytest.raises(ValidationError) as refusal:
        calendar.full_clean()
    assert any(refused in message for messages in refusal.value.message_dict.values() for message in messages)


def test_the_calendars_that_every_desk_has_are_readable(clocks_data):
    for calendar in Calendar.objects.all():
        calendar.full_clean()
        assert calendar.working_time().day_length
    assert set(Calendar.objects.values_list("slug", flat=True)) == {"pacific", "chile", "always"}


def found():
    return [(message.id, message.obj.slug, message.msg) for message in check_policies(databases=["default"])]


def test_check_reports_a_policy_that_can_never_apply(draft):
    policy = draft()
    policy.save()
    assert found() == []
    DeadlinePolicy.objects.update(starts_in=["renamed"])
    ((number, slug, sentence),) = found()
    assert (number, slug) == ("clocks.E001.starts_in", "answer")
    assert sentence.startswith("The policy “answer” can never apply: “renamed” is not a state of errand")
    DeadlinePolicy.objects.update(active=False)
    assert found() == []


def test_check_reports_a_policy_that_always_loses(draft):
    draft(slug="all", clock="answer", position=0, condition={}).save()
    draft(slug="few", clock="answer", position=1).save()
    draft(slug="other", clock="other", position=2).save()
    ((number, slug, sentence),) = found()
    assert (number, slug) == ("clocks.W001", "few")
    assert sentence == "The policy “few” never counts: wherever it applies, “all” comes first."


def test_the_narrower_one_first_is_fine(draft):
    draft(slug="few", clock="answer", position=0).save()
    draft(slug="all", clock="answer", position=1, condition={}).save()
    assert found() == []


def test_the_check_is_one_of_the_databases_and_asks_nothing_without(draft, django_assert_num_queries):
    assert check_policies in checks.registry.registry.get_checks(include_deployment_checks=False)
    with django_assert_num_queries(0):
        assert check_policies(databases=None) == []


def test_the_database_refuses_a_policy_that_is_never_due(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(duration="", due_from_field="").save()


def test_it_says_in_words_what_it_does(draft):
    policy = draft(warnings=["50 %", "80 %", "14 days before", "1 day before"])
    assert policy.in_words() == (
        "For every errand that is new with priority high, it is due within 2 working days, counted in Pacific hours. "
        "Pauses while waiting for somebody. Is met when done. Is cancelled when dropped. "
        "Warns those who hold it at 50 % and 80 % of the time, 14 days before and 1 day before. "
        "1 working day after it has run out, tells the lead."
    )


def test_other_words_for_other_policies(draft):
    always = Calendar.objects.get(slug="always")
    policy = draft(
        calendar=always,
        duration="",
        due_from_field="resume_at",
        starts_in=["waiting"],
        pauses_in=[],
        met_in=["working", "new"],
        cancelled_in=[],
        condition={},
        warnings=[],
        escalations=[{"after": "0 hours", "to": "director"}],
        action="return",
        active=False,
    )
    assert policy.in_words() == (
        "For every errand that is waiting for somebody, it is due at the moment given as “the resume date”. "
        "Is met when new or working. "
        "When due, the desk acts by itself: goes back to where it was. "
        "As soon as it has run out, tells the director. It is switched off."
    )


def test_a_policy_that_makes_no_sense_says_so(draft):
    assert draft(duration="soon").in_words().startswith("Never applies: “soon” is not a length of time")


@pytest.mark.parametrize(
    "damage",
    [{"duration": "a while"}, {"warnings": ["half"]}, {"escalations": "none"}, {"condition": ["priority"]}],
)
def test_a_policy_that_a_hand_in_the_database_has_spoilt_harms_nobody(
    make_policy, errand, make_errand, lead, now, damage
):
    """Tickets can be changed, the other clocks run on, its own deadlines stay as they are until it is mended."""
    make_policy()
    make_policy("other", duration="2 days")
    errand.move("new", now)
    DeadlinePolicy.objects.filter(slug="answer").update(**damage)
    before = Deadline.objects.filter(clock="answer").values().get()
    errand.move("waiting", now + HOUR)
    meet(errand.team, policy="answer", moment=now + HOUR)
    assert Deadline.objects.filter(clock="answer").values().get() == before
    assert Deadline.objects.get(clock="other").state == "paused"
    assert [clock.name for clock in deadlines_of([errand.team])[errand.pk]] == ["Other"]
    another = make_errand()
    another.move("new", now)
    assert [deadline.clock for deadline in another.deadlines()] == ["other"]
    assert sweep(moment=now + 25 * HOUR) == {"failed": 1}
    assert "cannot be read" in Deadline.objects.get(clock="answer").failure
    assert next(number for number, *_ in found()).startswith("clocks.E001.")
    assert DeadlinePolicy.objects.get(slug="answer").in_words().startswith("Never applies: ")
    recompute(Deadline.objects.all(), actor=lead)
    mended = DeadlinePolicy.objects.get(slug="answer")
    mended.duration, mended.warnings, mended.escalations, mended.condition = "48 hours", [], [], {}
    save_policy(mended, actor=lead, moment=now + 2 * HOUR)
    assert Deadline.objects.get(clock="answer", object_id=errand.pk).due_at is None  # it waits, as it should


def test_a_calendar_that_a_hand_in_the_database_has_spoilt_is_reported(make_policy, errand, now):
    make_policy(calendar="pacific")
    Calendar.objects.filter(slug="pacific").update(time_zone="Mars/Olympus")
    errand.move("new", now)
    assert errand.deadlines() == []
    ((number, slug, sentence),) = found()
    assert (number, slug) == ("clocks.E001.calendar", "answer")
    assert "Mars/Olympus" in sentence
