"""A campaign from its plan to frozen results: what each step waits for, and what the database itself refuses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from ops.acceptance.criteria import lines
from ops.acceptance.models import (
    Campaign,
    CaseVersion,
    Criterion,
    Evidence,
    Execution,
    Stage,
    StepResult,
    TestCase,
    Tester,
)
from ops.acceptance.planning import add_environment, pin_cases, remove_environment, unpin_case
from ops.acceptance.settling import (
    add_criterion,
    add_usual_criteria,
    reopen_criterion,
    tick_criterion,
    waive_criterion,
)
from ops.people.models import Product, User
from ops.workflow import errors
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform
from tests.acceptance.factories import CampaignFactory, CaseFactory, in_days, issue_about_it, with_a_test
from tests.cast import Cast

pytestmark = pytest.mark.django_db
MADE = CampaignFactory()


def walked(cast: Cast, to: str) -> Campaign:
    """A campaign that took every step to where it stands, none of them left out."""
    campaign = MADE.new(cast)
    for name, actor, given in MADE.paths[to]:
        answers = dict(given)
        reason = answers.pop("reason", "")
        campaign = perform(campaign, name, actor=getattr(cast, actor), data=answers, reason=reason)
    return campaign


def refused(campaign: Campaign, name: str, actor: User, **data) -> str:
    with pytest.raises(errors.GuardUnmet) as caught:
        perform(campaign, name, actor=actor, **data)
    return caught.value.detail


@pytest.mark.parametrize("state", ["running", "closed"])
def test_every_step_of_the_way_is_walked(cast: Cast, state: str) -> None:
    campaign = walked(cast, state)
    moves = [(event.source, event.target) for event in Event.objects.of(campaign) if event.moved]
    assert [target for _, target in moves] == moves_to(state)


def moves_to(state: str) -> list[str]:
    way = ["draft", "planned", "ready", "approved", "recruiting", "running"]
    after = ["results_frozen", "report_drafted", "awaiting_sign_off", "signed_off", "closed"]
    return way if state == "running" else way + after


def test_a_plan_says_what_it_lacks(cast: Cast) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "Bare"})
    data = {"scope": "All.", "opens_at": in_days(1), "closes_at": in_days(2)}
    said = refused(campaign, "plan", cast.coordinator, data=data)
    for words in ("Name the products", "environment", "Choose the cases", "exit criterion"):
        assert words in said


def test_what_the_owners_were_given_is_not_changed_under_them(cast: Cast) -> None:
    campaign = walked(cast, "ready")
    for change in (
        lambda: add_environment(campaign, actor=cast.coordinator, data={"name": "Another"}),
        lambda: remove_environment(campaign.environments.get(), actor=cast.coordinator),
        lambda: unpin_case(campaign.pins.get(), actor=cast.coordinator),
        lambda: add_criterion(campaign, actor=cast.coordinator, data={"stage": "exit", "sentence": "More."}),
    ):
        with pytest.raises(errors.GuardUnmet, match="take it back to planning"):
            change()
    with pytest.raises(errors.NotAllowed):
        edit(campaign, actor=cast.coordinator, data={"scope": "Other."})


def test_going_back_to_planning_needs_every_approval_again(cast: Cast) -> None:
    campaign = walked(cast, "approved")
    assert campaign.concerned.get().approved_by == cast.owner
    campaign = perform(campaign, "replan", actor=cast.coordinator, reason="One case is missing.")
    assert campaign.concerned.get().approved_by is None


def test_only_who_runs_it_plans(cast: Cast) -> None:
    campaign = MADE.new(cast)
    for person in (cast.staff, cast.owner, cast.reporter):
        with pytest.raises(errors.NotAllowed):
            add_environment(campaign, actor=person, data={"name": "Mine"})
    Campaign.objects.filter(pk=campaign.pk).update(visibility="confidential")
    with pytest.raises(errors.NotFound):
        add_environment(campaign, actor=cast.outsider, data={"name": "Mine"})


def test_an_environment_is_named_once(cast: Cast) -> None:
    campaign = MADE.new(cast)
    with pytest.raises(errors.InvalidInput) as caught:
        add_environment(campaign, actor=cast.coordinator, data={"name": "Firefox"})
    assert caught.value.detail == "The campaign has an environment of this name already."


def test_the_pinned_version_stays_when_the_case_is_written_on(cast: Cast) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "Pinned"})
    case = CaseFactory().in_state("defined", cast)
    pin_cases(campaign, actor=cast.coordinator, cases=[case])
    case = perform(case, "revise", actor=cast.scientist)
    case = edit(case, actor=cast.scientist, data={"title": "Another title"})
    case = perform(case, "define", actor=cast.scientist)
    pin = campaign.pins.get()
    assert (pin.version.number, pin.version.title, case.number) == (1, "Search by name", 2)
    assert pin_cases(campaign, actor=cast.coordinator, cases=[case]) == 1
    assert pin_cases(campaign, actor=cast.coordinator, cases=[case]) == 0
    assert campaign.pins.get().version.title == "Another title"


def test_a_case_that_was_never_defined_cannot_be_run(cast: Cast) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "Drafts"})
    draft = CaseFactory().new(cast)
    with pytest.raises(errors.InvalidInput) as caught:
        pin_cases(campaign, actor=cast.coordinator, cases=[draft])
    assert caught.value.fields == {"cases": [f"Not defined yet, or retired: {draft.identifier}."]}


def test_a_version_is_never_changed_or_removed(cast: Cast) -> None:
    version = CaseFactory().in_state("defined", cast).latest
    for change in (
        lambda: CaseVersion.objects.filter(pk=version.pk).update(title="Other"),
        lambda: version.steps.update(expected="Other"),
        lambda: version.steps.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()


def with_two_owners(cast: Cast) -> Campaign:
    documentation = Product.objects.create(slug="documentation", name="Documentation", owner=cast.staff)
    campaign = MADE.new(cast, products="portal, documentation")
    campaign = perform(campaign, "plan", actor=cast.coordinator, data={"scope": "All."})
    assert documentation in [row.product for row in campaign.concerned.all()]
    return campaign


def test_the_last_owner_approves_for_all(cast: Cast) -> None:
    campaign = perform(with_two_owners(cast), "make_ready", actor=cast.coordinator)
    assert {person.username for person in campaign.holders} == {"owner", "staff"}
    campaign = perform(campaign, "approve", actor=cast.staff)
    assert (campaign.state, [person.username for person in campaign.holders]) == ("ready", ["owner"])
    with pytest.raises(errors.NotAllowed):
        perform(campaign, "approve", actor=cast.staff)
    assert perform(campaign, "approve", actor=cast.owner).state == "approved"


def test_when_an_owner_has_left_the_nearest_above_steps_in(cast: Cast) -> None:
    Product.objects.filter(slug="portal").update(owner=cast.scientist)
    campaign = perform(with_two_owners(cast), "make_ready", actor=cast.coordinator)
    assert cast.scientist in campaign.holders
    User.objects.filter(pk=cast.scientist.pk).update(is_active=False)
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert {person.username for person in campaign.holders} == {"owner", "staff"}
    assert perform(campaign, "approve", actor=cast.owner).concerned.filter(approved_by=cast.owner).exists()


def test_a_product_without_any_owner_is_named(cast: Cast) -> None:
    Product.objects.create(slug="orphan", name="Orphan")
    campaign = MADE.new(cast, products="orphan, portal")
    campaign = perform(campaign, "plan", actor=cast.coordinator, data={"scope": "All."})
    assert refused(campaign, "make_ready", cast.coordinator).endswith("a product above it: Orphan.")


def test_an_entry_criterion_is_met_with_evidence_or_waived_with_a_reason(cast: Cast) -> None:
    campaign = perform(MADE.new(cast), "plan", actor=cast.coordinator, data={"scope": "All."})
    data = {"stage": "entry", "sentence": "The data are loaded"}
    row = add_criterion(campaign, actor=cast.coordinator, data=data)
    assert "with a reason: The data are loaded." in refused(campaign, "make_ready", cast.coordinator)
    with pytest.raises(errors.InvalidInput) as caught:
        tick_criterion(row, actor=cast.coordinator, data={})
    assert caught.value.fields == {"evidence": ["Say what shows that it is met."]}
    row = tick_criterion(row, actor=cast.coordinator, data={"evidence": "Row counts agree."})
    assert (row.met_by, lines(campaign, [row])[0].words) == (cast.coordinator, "Row counts agree.")
    row = reopen_criterion(row, actor=cast.coordinator)
    waive_criterion(row, actor=cast.coordinator, data={"waived_because": "They come on Monday."})
    assert perform(campaign, "make_ready", actor=cast.coordinator).state == "ready"
    event = Event.objects.of(campaign).get(name="waive_criterion")
    assert (event.actor, event.reason) == (cast.coordinator, "They come on Monday.")


def test_what_the_desk_computes_nobody_ticks(cast: Cast) -> None:
    campaign = MADE.new(cast)
    row = campaign.criteria.get()
    with pytest.raises(errors.GuardUnmet, match="computes this by itself"):
        tick_criterion(row, actor=cast.coordinator, data={"evidence": "I saw it."})


def test_a_rule_brings_its_own_words_and_stands_at_its_own_end(cast: Cast) -> None:
    campaign = MADE.new(cast)
    data = {"stage": "exit", "rule": "share_of_cases_passed", "parameter": "80"}
    assert (
        add_criterion(campaign, actor=cast.coordinator, data=data).sentence
        == "At least 80 % of the cases passed"
    )
    with pytest.raises(errors.InvalidInput) as caught:
        add_criterion(campaign, actor=cast.coordinator, data={**data, "stage": "entry"})
    assert "stage" in caught.value.fields
    assert add_usual_criteria(campaign, actor=cast.coordinator) == 7
    assert add_usual_criteria(campaign, actor=cast.coordinator) == 0


def finding(campaign: Campaign, rule: str) -> tuple[bool, str]:
    row = Criterion(campaign=campaign, stage=Stage.EXIT, rule=rule, sentence=rule)
    line = lines(campaign, [row])[0]
    return line.is_met, line.words


def test_exit_criteria_follow_from_the_results(cast: Cast) -> None:
    campaign = walked(cast, "running")
    identifier = campaign.pins.get().case.identifier
    assert finding(campaign, "every_case_was_run") == (False, f"Still to be run: {identifier}.")
    assert finding(campaign, "share_of_cases_passed") == (False, "0 of 1, 0.0 %.")
    assert finding(campaign, "critical_cases_passed") == (True, "No case is critical.")
    execution = perform(campaign.executions.get(), "begin", actor=cast.owner)
    issue = issue_about_it(cast)
    perform(execution, "mark_deviation", actor=cast.owner, data={"defects": [issue]})
    assert finding(campaign, "every_case_was_run") == (True, "All 1 were.")
    assert finding(campaign, "share_of_cases_passed") == (True, "1 of 1, 100.0 %.")
    assert finding(campaign, "few_defects_are_open") == (True, "1 is open.")
    assert finding(campaign, "no_blocker_is_open")[0]
    edit_to_critical(cast, issue)
    assert finding(campaign, "no_blocker_is_open") == (False, f"Open: {issue}.")


def edit_to_critical(cast: Cast, key: str) -> None:
    issue = cast.reporter.reported_tickets.get(key=key)
    type(issue).objects.filter(pk=issue.pk).update(priority="critical", importance="high", urgency="high")


def test_testers_who_disagree_are_named(cast: Cast) -> None:
    campaign = walked(cast, "running")
    first = perform(campaign.executions.get(), "begin", actor=cast.owner)
    perform(first, "mark_passed", actor=cast.owner)
    second = perform(with_a_test(campaign, cast.staff), "begin", actor=cast.staff)
    perform(second, "mark_failed", actor=cast.staff, data={"defects": [issue_about_it(cast)]})
    identifier = campaign.pins.get().case.identifier
    assert finding(campaign, "testers_agree") == (False, f"Some passed and others did not: {identifier}.")


def test_what_was_waived_is_never_counted_as_passed(cast: Cast) -> None:
    campaign = walked(cast, "running")
    waived = perform(campaign.executions.get(), "waive", actor=cast.coordinator, reason="The page is gone.")
    assert (waived.waived_by, waived.waived_because) == (cast.coordinator, "The page is gone.")
    assert finding(campaign, "share_of_cases_passed") == (False, "0 of 1, 0.0 %.")


def test_a_rule_that_is_gone_is_not_met_and_says_so(cast: Cast) -> None:
    assert finding(MADE.new(cast), "moon_is_full") == (
        False, "Nothing computes “moon_is_full” any more; waive it, or write another.",
    )  # fmt: skip


def test_judging_ten_criteria_costs_as_much_as_one(cast: Cast, django_assert_max_num_queries) -> None:
    campaign = walked(cast, "running")
    add = [
        Criterion(campaign=campaign, stage=Stage.EXIT, rule=r, sentence=r) for r in ("testers_agree",) * 10
    ]
    with django_assert_max_num_queries(4):
        lines(campaign, [*add, Criterion(campaign=campaign, rule="critical_cases_passed")])


def test_freezing_is_refused_while_tests_run_and_names_them(cast: Cast) -> None:
    campaign = walked(cast, "running")
    execution = perform(campaign.executions.get(), "begin", actor=cast.owner)
    identifier = execution.case_version.case.identifier
    assert refused(campaign, "freeze", cast.coordinator) == (
        f"End these tests or put them back, they are being run now: {identifier} by Owner."
    )
    perform(execution, "put_back", actor=cast.coordinator)
    assert perform(campaign, "freeze", actor=cast.coordinator).state == "results_frozen"


def test_once_frozen_the_database_refuses_every_change(cast: Cast) -> None:
    campaign = walked(cast, "running")
    execution = perform(campaign.executions.get(), "begin", actor=cast.owner)
    step = execution.case_version.steps.first()
    result = StepResult.objects.create(execution=execution, step=step, outcome="passed", saved_by=cast.owner)
    shown = Evidence.objects.create(execution=execution, name="a.png", size=1, uploaded_by=cast.owner)
    perform(execution, "mark_passed", actor=cast.owner)
    perform(campaign, "freeze", actor=cast.coordinator)
    others = {
        "campaign": campaign,
        "case_version": execution.case_version,
        "environment": execution.environment,
    }
    for change in (
        lambda: Execution.objects.filter(pk=execution.pk).update(comment="Later."),
        lambda: StepResult.objects.filter(pk=result.pk).update(actual="Later."),
        lambda: StepResult.objects.filter(pk=result.pk).delete(),
        lambda: Evidence.objects.filter(pk=shown.pk).delete(),
        lambda: Evidence.objects.create(execution=execution, name="b.png", size=1, uploaded_by=cast.owner),
        lambda: Execution.objects.create(**others, tester=cast.staff, number=1, state="assigned"),
    ):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            change()
    with pytest.raises(errors.GuardUnmet):
        perform(with_state(execution, "assigned"), "begin", actor=cast.owner)


def with_state(execution: Execution, state: str) -> Execution:
    """An attempt that was given out and never begun, in the same frozen campaign."""
    campaign = execution.campaign_id
    Campaign.objects.filter(pk=campaign).update(state="running")
    other = Execution.objects.create(
        campaign_id=campaign, case_version=execution.case_version, environment=execution.environment,
        tester=execution.tester, number=9, state=state,
    )  # fmt: skip
    Campaign.objects.filter(pk=campaign).update(state="results_frozen")
    return other


def test_an_attempt_is_never_overwritten(cast: Cast) -> None:
    campaign = walked(cast, "running")
    done = perform(
        campaign.executions.get(), "mark_blocked", actor=cast.owner, data={"blocker": "It is down."}
    )
    with pytest.raises(IntegrityError, match="never overwritten"), transaction.atomic():
        Execution.objects.filter(pk=done.pk).update(state="passed")
    with pytest.raises(errors.IllegalTransition):
        perform(done, "begin", actor=cast.owner)


def test_a_refused_campaign_can_be_tested_again(cast: Cast) -> None:
    campaign = MADE.in_state("refused", cast)
    campaign = perform(
        campaign, "retest", actor=cast.coordinator, data={"closes_at": in_days(5)}, reason="It is mended."
    )
    tester = Tester.objects.get(campaign=campaign)
    assert (campaign.state, tester.state) == ("running", "thanked")
    with_a_test_again = create(
        Execution,
        actor=cast.coordinator,
        data={},
        campaign=campaign,
        case_version=campaign.pins.get().version,
        environment=campaign.environments.get(),
        tester=cast.owner,
    )
    assert with_a_test_again.number == 2
    assert perform(with_a_test_again, "begin", actor=cast.owner).state == "running"


def test_a_cancelled_campaign_asks_nobody_any_more(cast: Cast) -> None:
    campaign = walked(cast, "recruiting")
    create(Tester, actor=cast.coordinator, data={"campaign": campaign.key, "person": "outsider"})
    perform(campaign, "cancel", actor=cast.coordinator, reason="The release is off.")
    states = {row.person.username: row.state for row in campaign.testers.select_related("person")}
    assert states == {"outsider": "withdrawn", "owner": "thanked"}


def test_cases_of_others_are_seen_by_everybody_with_an_account(cast: Cast) -> None:
    CaseFactory().new(cast)
    assert TestCase.objects.visible_to(cast.outsider).exists()
    assert not TestCase.objects.visible_to(cast.anonymous).exists()
