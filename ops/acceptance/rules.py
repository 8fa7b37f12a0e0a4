"""Questions about a person and a record of acceptance testing, and the conditions of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ops.people.authority import ACCEPTANCE, authority_of
from ops.people.models import Role
from ops.people.questions import question
from ops.workflow.declaration import guard

MOST_NAMED = 8


@question("a coordinator of acceptance tests")
def is_coordinator(user: Any) -> bool:
    """The user coordinates acceptance tests today."""
    return authority_of(user).holds(ACCEPTANCE, Role.COORDINATOR)


@question("the one who runs the campaign")
def runs_this_campaign(user: Any, campaign: Any) -> bool:
    """The campaign was given to the user."""
    return campaign is not None and user.is_authenticated and campaign.assignee_id == user.pk


@question("an owner of a product concerned")
def answers_for_a_product(user: Any, campaign: Any) -> bool:
    """The user answers for a product that the campaign is about."""
    return (
        campaign is not None and user.is_authenticated and campaign.concerned.all().answered_by(user).exists()
    )


@question("a product owner who has not approved yet")
def has_yet_to_approve(user: Any, campaign: Any) -> bool:
    """The user answers for a product of the campaign whose approval is still missing."""
    return (
        campaign is not None
        and user.is_authenticated
        and campaign.concerned.all().unapproved().answered_by(user).exists()
    )


@question("a product owner who has not signed yet")
def has_yet_to_sign(user: Any, campaign: Any) -> bool:
    """The user answers for a product of the campaign for which nobody has signed the report."""
    return (
        campaign is not None
        and user.is_authenticated
        and campaign.concerned.all().unsigned().answered_by(user).exists()
    )


@question("the one who runs the campaign")
def runs_its_campaign(user: Any, record: Any) -> bool:
    """The campaign that it belongs to was given to the user."""
    return record is not None and runs_this_campaign.test(user, record.campaign)


@question("the author")
def is_author(user: Any, case: Any) -> bool:
    """The user wrote the case."""
    return case is not None and user.is_authenticated and case.author_id == user.pk


@question("the owner of the product")
def owns_the_component(user: Any, case: Any) -> bool:
    """The user answers for the product that the case tests."""
    if case is None or case.component is None or not user.is_authenticated:
        return False
    owner = case.component.effective_owner
    return owner is not None and owner.pk == user.pk


@question(when="while it is a draft")
def is_being_written(user: Any, case: Any) -> bool:
    """The case is a draft."""
    return case is not None and case.state == case.State.DRAFT


@question("the person who was asked")
def is_the_one_asked(user: Any, tester: Any) -> bool:
    """The user is the person who was asked to test."""
    return tester is not None and user.is_authenticated and tester.person_id == user.pk


@question("the tester")
def is_its_tester(user: Any, execution: Any) -> bool:
    """The test was given to the user."""
    return execution is not None and user.is_authenticated and execution.tester_id == user.pk


@question(when="while it has no outcome")
def is_unended(user: Any, execution: Any) -> bool:
    """The test has no outcome yet."""
    return execution is not None and not execution.has_ended


@question(when="while it is being planned")
def is_being_planned(user: Any, campaign: Any) -> bool:
    """The plan has not gone to the owners yet."""
    return campaign is not None and campaign.is_being_planned


@question(when="while it is not over")
def is_not_over(user: Any, campaign: Any) -> bool:
    """The campaign has not ended."""
    return campaign is not None and not campaign.has_ended


@question(when="while the report is written")
def is_reporting(user: Any, campaign: Any) -> bool:
    """The report is being written."""
    return campaign is not None and campaign.state in {
        campaign.State.RESULTS_FROZEN, campaign.State.REPORT_DRAFTED
    }  # fmt: skip


@guard("Write the steps first: numbered, each with what to expect.", about="steps_text")
def has_steps(case: Any) -> bool:
    """There is something to do in it."""
    return bool(case.written_steps)


@guard("Say what every step expects: a line “Expect: …” below it.", about="steps_text")
def every_step_expects_something(case: Any) -> bool:
    """A tester can tell a pass from a failure."""
    return all(step.expected for step in case.written_steps)


@guard("Name the products that the campaign is about.", about="concerned")
def has_products(campaign: Any) -> bool:
    """Somebody has to answer for it."""
    return campaign.concerned.exists()


@guard("Name at least one environment to test in.", about="environments")
def has_environments(campaign: Any) -> bool:
    """There is something to test in."""
    return campaign.environments.exists()


@guard("Choose the cases to run.", about="pins")
def has_cases(campaign: Any) -> bool:
    """There is something to run."""
    return campaign.pins.exists()


@guard("Name at least one exit criterion, so that everybody knows when it is good enough.", about="criteria")
def has_exit_criteria(campaign: Any) -> bool:
    """It is said beforehand what a success is."""
    return campaign.criteria.filter(stage="exit").exists()


def _ownerless(campaign: Any) -> Iterable[str]:
    return (str(row.product) for row in campaign.concerned.all().with_owner() if not row.answering)


@guard(
    "Somebody must answer for every product; give an owner to it or to a product above it.",
    about="concerned",
    naming=_ownerless,
)
def every_product_has_an_owner(campaign: Any) -> bool:
    """Whoever has to approve is there."""
    return not any(_ownerless(campaign))


@guard(
    "Meet the entry criteria, or waive them with a reason.",
    about="criteria",
    naming=lambda campaign: (line.sentence for line in campaign.unsettled_entry_criteria()),
)
def entry_criteria_are_settled(campaign: Any) -> bool:
    """Nothing that must hold before the tests is open."""
    return not campaign.unsettled_entry_criteria()


@guard("Nobody has agreed to test yet.", about="testers")
def has_testers(campaign: Any) -> bool:
    """Somebody is there to test."""
    return campaign.testers.filter(state="consented").exists()


@guard("Give out the tests first.", about="executions")
def tests_are_given_out(campaign: Any) -> bool:
    """Everybody will find their tests."""
    return campaign.executions.exists()


def _still_running(campaign: Any) -> Iterable[str]:
    rows = campaign.executions.filter(state="running").select_related(
        "case_version__case", "environment", "tester"
    )
    found = [f"{row.case_version.case.identifier} by {row.tester.name}" for row in rows[: MOST_NAMED + 1]]
    return [*found[:MOST_NAMED], "and others"] if len(found) > MOST_NAMED else found


@guard("End these tests or put them back, they are being run now.", about="executions", naming=_still_running)
def no_test_is_running(campaign: Any) -> bool:
    """Nobody loses what they are typing."""
    return not campaign.executions.filter(state="running").exists()


@guard("Tests are run while their campaign runs.", about="campaign")
def campaign_is_running(execution: Any) -> bool:
    """The campaign of the test runs."""
    return execution.campaign.state == "running"


@guard("Tests are given out while the campaign recruits or runs.", about="campaign")
def campaign_is_open(execution: Any) -> bool:
    """The campaign of the test has not ended."""
    return execution.campaign.state in {"recruiting", "running"}


@guard("Run, or hand back, the tests that you were given.", about="executions")
def nothing_is_left(tester: Any) -> bool:
    """Every test of this person has ended."""
    return not tester.open_executions.exists()


@guard(
    "The campaign has changed since its report was put out; the coordinator has to revise the report:",
    about="reports",
    naming=lambda campaign: campaign.changes_since_report,
)
def report_is_current(campaign: Any) -> bool:
    """What is signed is what the campaign says."""
    return not campaign.changes_since_report


@guard("A step failed or was blocked, so the test as a whole did not pass.", about="step_results")
def no_step_went_wrong(execution: Any) -> bool:
    """A plain pass has no failed step."""
    return not execution.step_results.filter(outcome__in=("failed", "blocked")).exists()
