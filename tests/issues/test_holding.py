"""What waits for whom: the people named by an issue and the issues found by a person are the same relation."""

from __future__ import annotations

import datetime

import pytest

from ops.issues.models import Issue
from ops.people.models import Membership, Product, Role, User
from ops.people.selectors import products_owned_by, with_answering_owner
from ops.tickets.holding import held_by
from ops.tickets.models import Visibility
from ops.workflow.services import edit
from tests.cast import LONG_AGO, Cast
from tests.factories import issue_in


def assert_found_by_its_holders(issue: Issue, cast: Cast, *expected: User) -> None:
    """The holders are those expected, and of everybody exactly they find the issue."""
    issue = Issue.objects.get(pk=issue.pk)
    assert set(issue.holders) == set(expected)
    finding = {person for person in cast.people() if held_by(person).filter(pk=issue.pk).exists()}
    assert finding == set(expected)


def end_terms(**conditions: object) -> None:
    """Let terms end yesterday."""
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    assert Membership.objects.filter(**conditions).update(ends_on=yesterday)


def test_a_new_report_waits_for_the_watcher(cast: Cast) -> None:
    assert_found_by_its_holders(issue_in("reported", cast), cast, cast.watcher)


def test_without_a_watcher_it_waits_for_every_community_scientist(cast: Cast) -> None:
    end_terms(role=Role.WATCHER)
    assert_found_by_its_holders(issue_in("reported", cast), cast, cast.scientist, cast.lead)


def test_a_watcher_whose_account_is_closed_keeps_nothing_waiting(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    User.objects.filter(pk=cast.watcher.pk).update(is_active=False)
    cast.watcher.refresh_from_db()
    assert_found_by_its_holders(issue, cast, cast.scientist, cast.lead)


def test_a_confidential_report_waits_for_the_leads(cast: Cast) -> None:
    issue = issue_in("reported", cast, visibility=Visibility.CONFIDENTIAL)
    assert_found_by_its_holders(issue, cast, cast.lead)


def test_a_lead_on_watch_holds_both(cast: Cast) -> None:
    end_terms(role=Role.WATCHER)
    team = Membership.objects.filter(person=cast.lead).get().team
    Membership.objects.create(person=cast.lead, team=team, role=Role.WATCHER, starts_on=LONG_AGO)
    assert_found_by_its_holders(issue_in("reported", cast), cast, cast.lead)
    confidential = issue_in("reported", cast, visibility=Visibility.CONFIDENTIAL)
    assert_found_by_its_holders(confidential, cast, cast.lead)


def test_a_review_waits_for_the_reporter_and_the_owner(cast: Cast) -> None:
    assert_found_by_its_holders(issue_in("in_review", cast), cast, cast.reporter, cast.owner)


def test_an_assignee_who_is_the_owner_does_not_review_their_own_work(cast: Cast) -> None:
    issue = edit(issue_in("in_review", cast), actor=cast.scientist, data={"assignee": "owner"})
    assert_found_by_its_holders(issue, cast, cast.reporter)


@pytest.mark.parametrize("component_has_an_owner", [True, False])
def test_a_review_without_anybody_else_waits_for_the_leads(
    cast: Cast, *, component_has_an_owner: bool
) -> None:
    issue = edit(issue_in("in_review", cast), actor=cast.scientist, data={"assignee": "reporter"})
    owner = cast.reporter if component_has_an_owner else None
    Product.objects.update(owner=owner)
    assert_found_by_its_holders(issue, cast, cast.lead)


def test_a_hidden_review_is_not_found_by_an_owner_who_may_not_see_it(cast: Cast) -> None:
    issue = edit(issue_in("in_review", cast), actor=cast.scientist, data={"visibility": Visibility.STAFF})
    assert cast.owner in issue.holders
    assert not held_by(cast.owner).exists()
    assert held_by(cast.reporter).get().pk == issue.pk


def test_the_nearest_owner_answers_for_a_product(cast: Cast) -> None:
    plots = Product.objects.create(slug="plots", name="Plots", parent=cast.portal)
    Product.objects.create(slug="portal-2", name="Portal of another tree", owner=cast.director)
    other = Product.objects.create(slug="tables", name="Tables", parent=cast.portal, owner=cast.staff)
    assert set(products_owned_by(cast.owner)) == {cast.rsp, cast.portal, plots}
    assert list(products_owned_by(cast.staff)) == [other]
    for product in with_answering_owner():
        assert product.answering == getattr(product.effective_owner, "pk", None)
