"""The processes as their pages explain them."""

from __future__ import annotations

import pytest
from django.test import Client

from ops.clocks.models import DeadlinePolicy
from ops.workflow import registry
from ops.workflow.services import edit
from ops.workflow.words import permission_matrix
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in
from tests.web.pages import MOST_QUERIES, browser, text_of

pytestmark = pytest.mark.django_db
KINDS = [model.workflow.kind for model in registry.models()]


def test_every_process_is_listed(cast: Cast):
    text = text_of(Client().get("/workflows/"), "#main")
    for model in registry.models():
        assert model.workflow.plural in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_process_says_its_states_steps_permissions_and_deadlines(cast: Cast, kind):
    workflow = registry.model_of(kind).workflow
    page = Client().get(f"/workflows/{kind}/")
    assert page.status_code == 200
    states, steps = text_of(page, "#states"), text_of(page, "#steps")
    for state in workflow.State:
        assert state.label in states
    for party in workflow.held_by.values():
        assert party.words in states
    for step in workflow.steps():
        assert step.label in steps
        assert step.help in steps
        for guard in step.only_if:
            assert guard.sentence in steps
    for row in permission_matrix(workflow).rows:
        assert row.words[1:] in text_of(page, "#matrix")
    for policy in DeadlinePolicy.objects.filter(kind=kind, active=True):
        assert policy.in_words() in text_of(page, "#deadlines")
    assert "<svg" in page.content.decode()


def test_a_policy_that_was_changed_reads_changed(cast: Cast):
    DeadlinePolicy.objects.filter(slug="first-response").update(duration="7 hours")
    assert "within 7 hours" in text_of(Client().get("/workflows/issue/"), "#deadlines")


def test_the_way_of_a_ticket_is_marked(cast: Cast):
    issue = issue_in("planned", cast)
    page = Client().get(f"/workflows/issue/?of={issue.key}")
    assert text_of(page, "h1") == f"Where {issue.key} is"
    assert "is-taken" in page.content.decode()
    way = text_of(page, "#way")
    assert way.index("Reported") < way.index("Triaged") < way.index("Investigating") < way.index("Planned")
    link = f"/workflows/issue/?of={issue.key}"
    assert link in Client().get(f"/tickets/{issue.key}/").content.decode()


def test_the_way_of_a_record_without_a_key_is_marked(cast: Cast):
    made = FACTORIES["announcement"].in_state("approved", cast)
    page = browser(cast.staff).get(f"/workflows/announcement/?of={made.pk}")
    assert "Approve" in text_of(page, "#way")
    assert Client().get(f"/workflows/announcement/?of={made.pk}").status_code == 404


@pytest.mark.parametrize("visibility", ["community", "staff", "confidential"])
def test_the_way_of_what_is_hidden_is_not_found(cast: Cast, visibility):
    issue = edit(issue_in("planned", cast), actor=cast.scientist, data={"visibility": visibility})
    hidden = Client().get(f"/workflows/issue/?of={issue.key}")
    unknown = Client().get("/workflows/issue/?of=CST-999999")
    assert hidden.status_code == unknown.status_code == 404
    assert text_of(hidden, ".nothing-page") == text_of(unknown, ".nothing-page") != ""


@pytest.mark.parametrize(
    "address", ["/workflows/nothing/", "/workflows/announcement/?of=x", "/workflows/watch/?of=1"]
)
def test_what_does_not_exist_is_not_found(cast: Cast, address):
    assert Client().get(address).status_code == 404


def test_a_process_page_costs_little(cast: Cast, django_assert_max_num_queries):
    issue = issue_in("closed", cast)
    with django_assert_max_num_queries(MOST_QUERIES):
        Client().get(f"/workflows/issue/?of={issue.key}")


def test_a_name_that_is_no_text_leads_nowhere():
    for address in ("/workflows/issue/?of=CST-1%00", "/workflows/%00/", "/teams/%00/"):
        assert Client().get(address).status_code == 404
