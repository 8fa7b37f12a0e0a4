"""Testers: asked once, by their own word, chased together, thanked; and given their tests evenly."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from ops.acceptance.handing_out import demands_of, hand_out, left_behind, proposal_for
from ops.acceptance.models import Campaign, Environment, Execution, PinnedCase, Tester
from ops.acceptance.planning import set_quotas
from ops.acceptance.recruiting import (
    ask,
    ask_people,
    committee_to_ask,
    earlier_testers,
    places_left,
    volunteer,
)
from ops.clocks.models import Deadline
from ops.notify.composers import registered
from ops.notify.models import Message
from ops.people import hours
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.models import Event
from ops.workflow.services import create, perform
from tests.acceptance.factories import CONSENT, CampaignFactory, in_days, version_of_a_case
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """A campaign that recruits, with one case and nobody to test."""
    made = CampaignFactory().in_state("recruiting", cast)
    made.executions.all().delete()
    made.testers.all().delete()
    return made


def takes_part(campaign: Campaign, person: User, capacity: int = 5) -> Tester:
    invited = create(
        Tester,
        actor=campaign.assignee,
        data={"campaign": campaign.key, "person": person.username},
    )
    return perform(invited, "consent", actor=person, data={**CONSENT, "capacity": capacity})


def more_cases(campaign: Campaign, cast: Cast, count: int, **content) -> None:
    for number in range(count):
        version = version_of_a_case(cast, f"MORE-{number}", **content)
        PinnedCase.objects.create(campaign=campaign, case=version.case, version=version)


def test_each_is_asked_once_with_one_mail(campaign: Campaign, cast: Cast) -> None:
    people = [cast.uc_chair, cast.uc_member, cast.outsider, cast.outsider]
    asked = ask_people(campaign, actor=cast.coordinator, people=people)
    assert asked.sentence == "3 people are asked."
    groups = {row.person.username: row.group for row in campaign.testers.select_related("person")}
    assert groups == {"uc-chair": "committee", "uc-member": "committee", "outsider": "volunteer"}
    mails = Message.objects.filter(kind="acceptance.tester.event", channel="email")
    assert mails.count() == 3
    again = ask_people(campaign, actor=cast.coordinator, people=[cast.uc_chair])
    assert again.sentence == "0 people are asked. Uc Chair had been asked before."
    assert mails.count() == 3


def test_a_group_has_as_many_places_as_it_has(campaign: Campaign, cast: Cast) -> None:
    set_quotas(campaign, actor=cast.coordinator, data={"committee": "1", "volunteer": ""})
    asked = ask_people(
        campaign, actor=cast.coordinator, people=[cast.uc_chair, cast.uc_member, cast.outsider]
    )
    assert [person.username for person in asked.beyond] == ["uc-member"]
    tester = Tester.objects.get(person=cast.uc_chair)
    perform(tester, "decline", actor=cast.uc_chair)
    assert places_left(campaign) == {"committee": 1}


def test_the_committee_and_those_who_tested_before_are_offered(campaign: Campaign, cast: Cast) -> None:
    assert {person.username for person in committee_to_ask(campaign)} == {"uc-chair", "uc-member"}
    takes_part(campaign, cast.uc_chair)
    assert [person.username for person in committee_to_ask(campaign)] == ["uc-member"]
    other = CampaignFactory().in_state("recruiting", cast)
    assert cast.uc_chair in earlier_testers(other)


def test_unknown_names_are_named(campaign: Campaign, cast: Cast) -> None:
    with pytest.raises(errors.InvalidInput) as caught:
        ask(campaign, actor=cast.coordinator, data={"people": "outsider, nobody-here"})
    assert caught.value.fields == {"people": ["There is no person with the username nobody-here."]}
    assert not campaign.testers.exists()


def test_nobody_takes_part_without_saying_so(campaign: Campaign, cast: Cast) -> None:
    ask_people(campaign, actor=cast.coordinator, people=[cast.outsider])
    tester = Tester.objects.get(person=cast.outsider)
    with pytest.raises(errors.InvalidInput) as caught:
        perform(tester, "consent", actor=cast.outsider, data={"agrees": False, "capacity": 3})
    assert caught.value.fields == {"agrees": ["Tick this."]}
    with pytest.raises(errors.NotAllowed):
        perform(tester, "consent", actor=cast.coordinator, data=CONSENT)


def test_volunteers_come_by_themselves_while_there_are_places(campaign: Campaign, cast: Cast) -> None:
    tester = volunteer(campaign, actor=cast.outsider, data=CONSENT)
    assert (tester.state, tester.group, tester.capacity) == ("consented", "volunteer", 5)
    set_quotas(campaign, actor=cast.coordinator, data={"volunteer": "1"})
    with pytest.raises(errors.GuardUnmet, match="Every place is taken"):
        volunteer(campaign, actor=cast.reporter, data=CONSENT)
    closed = CampaignFactory().in_state("planned", cast)
    with pytest.raises(errors.GuardUnmet, match="while it recruits or runs"):
        volunteer(closed, actor=cast.reporter, data=CONSENT)


def test_who_tests_is_not_told_to_everybody(campaign: Campaign, cast: Cast) -> None:
    takes_part(campaign, cast.outsider)
    seen = {person.username for person in cast.people() if Tester.objects.visible_to(person).exists()}
    assert {"outsider", "coordinator", "owner", "staff"} <= seen
    assert {"reporter", "uc-member", "rac-chair"}.isdisjoint(seen)


def test_a_critical_case_is_run_by_more_people_independently(campaign: Campaign, cast: Cast) -> None:
    more_cases(campaign, cast, 3, priority="critical")
    for person in (cast.outsider, cast.reporter, cast.uc_member):
        takes_part(campaign, person)
    found = hand_out(campaign, actor=cast.coordinator)
    assert (len(found.given), found.shortfalls) == (7, [])
    for pin in campaign.pins.all():
        testers = list(campaign.executions.filter(case_version=pin.version).values_list("tester", flat=True))
        assert len(set(testers)) == len(testers) == (2 if pin.version.is_critical else 1)
    loads = [campaign.executions.filter(tester=person).count() for person in (cast.outsider, cast.reporter)]
    assert max(loads) - min(loads) <= 1
    assert all(row.why for row in campaign.executions.all())
    assert hand_out(campaign, actor=cast.coordinator).given == []


def test_every_environment_or_each_in_turn(campaign: Campaign, cast: Cast) -> None:
    Environment.objects.create(campaign=campaign, name="Safari")
    more_cases(campaign, cast, 3)
    assert [demand.environment for demand in demands_of(campaign)][:2] == [
        *campaign.environments.order_by("pk").values_list("pk", flat=True)
    ]
    assert len(demands_of(campaign)) == 4
    Campaign.objects.filter(pk=campaign.pk).update(coverage="every")
    assert len(demands_of(Campaign.objects.get(pk=campaign.pk))) == 8


def test_who_wrote_a_case_does_not_run_it(campaign: Campaign, cast: Cast) -> None:
    takes_part(campaign, cast.scientist)
    found = proposal_for(campaign)
    assert found.given == []
    assert "besides whoever wrote it" in found.shortfalls[0].why


def test_tests_of_somebody_who_left_go_to_others(campaign: Campaign, cast: Cast) -> None:
    leaving = takes_part(campaign, cast.outsider)
    hand_out(campaign, actor=cast.coordinator)
    takes_part(campaign, cast.reporter)
    perform(leaving, "withdraw", actor=cast.outsider, reason="No time.")
    assert left_behind(campaign) == 1
    hand_out(campaign, actor=cast.coordinator)
    execution = campaign.executions.get()
    assert (execution.tester, execution.number, left_behind(campaign)) == (cast.reporter, 1, 0)
    assert Event.objects.of(execution).filter(name="reassign").exists()


def test_only_who_runs_it_gives_out_and_only_while_it_is_open(campaign: Campaign, cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed):
        hand_out(campaign, actor=cast.staff)
    with pytest.raises(errors.GuardUnmet, match="recruits or runs"):
        hand_out(CampaignFactory().in_state("approved", cast), actor=cast.coordinator)


def test_giving_out_many_costs_little_for_each(
    campaign: Campaign, cast: Cast, django_assert_max_num_queries
) -> None:
    more_cases(campaign, cast, 20)
    takes_part(campaign, cast.outsider, capacity=100)
    hand_out(campaign, actor=cast.coordinator)  # what is read once, such as policies, is known from now on
    campaign.executions.all().delete()
    with django_assert_max_num_queries(21 * 9 + 25):
        hand_out(campaign, actor=cast.coordinator)
    assert campaign.executions.count() == 21


def running(campaign: Campaign, cast: Cast, *people: User) -> Campaign:
    for person in people:
        takes_part(campaign, person)
    hand_out(campaign, actor=cast.coordinator)
    return perform(campaign, "start", actor=cast.coordinator)


def test_one_chase_for_all_the_tests_of_a_person(campaign: Campaign, cast: Cast) -> None:
    more_cases(campaign, cast, 3)
    campaign = running(campaign, cast, cast.outsider)
    tester = Tester.objects.get(person=cast.outsider)
    assert (tester.state, tester.due_at) == ("testing", campaign.closes_at)
    chase = Deadline.objects.get(policy__slug="tester-tests", object_id=tester.pk)
    assert chase.due_at == campaign.closes_at
    assert chase.policy.warnings == ["50 %", "3 days before", "1 day before"]
    assert chase.policy.escalations == [{"after": "1 day", "to": "coordinator"}]
    assert not Deadline.objects.filter(policy__kind="execution").exists()


def test_another_end_moves_the_chase(campaign: Campaign, cast: Cast) -> None:
    campaign = running(campaign, cast, cast.outsider)
    later = in_days(40)
    perform(campaign, "reschedule", actor=cast.coordinator, data={"closes_at": later}, reason="A holiday.")
    tester = Tester.objects.get(person=cast.outsider)
    assert tester.due_at == later
    assert (
        Deadline.objects.get(policy__slug="tester-tests", object_id=tester.pk, ended_at=None).due_at == later
    )


def test_with_the_last_result_one_has_finished(campaign: Campaign, cast: Cast) -> None:
    more_cases(campaign, cast, 1)
    campaign = running(campaign, cast, cast.outsider)
    first, second = Execution.objects.filter(tester=cast.outsider)
    perform(first, "mark_blocked", actor=cast.outsider, data={"blocker": "It is down."})
    assert Tester.objects.get(person=cast.outsider).state == "testing"
    perform(second, "mark_blocked", actor=cast.outsider, data={"blocker": "It is down."})
    tester = Tester.objects.get(person=cast.outsider)
    assert tester.state == "finished"
    assert Event.objects.of(tester).last().actor == cast.system


def test_the_committee_is_credited_with_its_hours(campaign: Campaign, cast: Cast, monkeypatch) -> None:
    kept: list[dict] = []
    monkeypatch.setattr(
        hours, "_ledgers", [lambda person, **entry: kept.append({"person": person, **entry}) or 1]
    )
    campaign = running(campaign, cast, cast.uc_member)
    perform(campaign.executions.get(), "mark_blocked", actor=cast.uc_member, data={"blocker": "It is down."})
    perform(campaign, "freeze", actor=cast.coordinator)
    tester = Tester.objects.get(person=cast.uc_member)
    assert (tester.state, tester.credited_minutes, tester.hours) == ("thanked", 15, 0.25)
    assert [(entry["person"], entry["work"], entry["minutes"], entry["source"]) for entry in kept] == [
        (cast.uc_member, "service", 15, f"tester:{tester.pk}")
    ]
    assert kept[0]["day"] == timezone.localdate(timezone=datetime.UTC)


def test_who_never_answered_is_asked_no_more_when_the_tests_are_over(campaign: Campaign, cast: Cast) -> None:
    campaign = running(campaign, cast, cast.outsider)
    ask_people(campaign, actor=cast.coordinator, people=[cast.uc_member])
    perform(campaign, "freeze", actor=cast.coordinator)
    tester = Tester.objects.get(person=cast.uc_member)
    assert tester.state == "withdrawn"
    assert not Deadline.objects.filter(object_id=tester.pk, policy__kind="tester", ended_at=None).exists()


def test_letters_say_what_they_are_about(campaign: Campaign, cast: Cast) -> None:
    ask_people(campaign, actor=cast.coordinator, people=[cast.outsider])
    letter = letter_to(cast.outsider)
    assert letter.subject == f"Would you test {campaign.title} with us?"
    assert "To say yes or no: http" in letter.text
    perform(Tester.objects.get(person=cast.outsider), "consent", actor=cast.outsider, data=CONSENT)
    hand_out(campaign, actor=cast.coordinator)
    perform(campaign, "start", actor=cast.coordinator)
    letter = letter_to(cast.outsider)
    assert letter.subject == f"Your tests of {campaign.title} can begin"
    assert "1 of them, until" in letter.text


def letter_to(person: User):
    latest = Message.objects.filter(person=person, kind="acceptance.tester.event").order_by("pk").last()
    assert latest is not None
    return registered(latest.kind).compose([latest.object_id], person)
