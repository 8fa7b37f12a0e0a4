"""The registry: what is entered is found, and every transition is a permission of Django's."""

from __future__ import annotations

import pytest

from ops.issues.models import Announcement, Issue
from ops.workflow import registry
from tests.cast import Cast
from tests.factories import FACTORIES, issue_in


def test_models_are_found_by_their_kind() -> None:
    assert registry.model_of("issue") is Issue
    assert {Issue, Announcement} <= set(registry.models())
    with pytest.raises(KeyError):
        registry.model_of("nothing")


def test_permissions_are_named_like_those_of_django(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    assert cast.scientist.has_perm("issues.triage_issue", issue)
    assert not cast.reporter.has_perm("issues.triage_issue", issue)
    assert cast.reporter.has_perm("issues.add_issue")
    assert cast.scientist.has_perm("issues.add_announcement")
    assert not cast.reporter.has_perm("issues.add_announcement")


@pytest.mark.parametrize("name", ["issues.fly_issue", "issues.triage_announcement", "issues.delete_issue"])
def test_what_is_not_declared_is_not_allowed(cast: Cast, name: str) -> None:
    issue = issue_in("reported", cast)
    for person in cast.people():
        assert not person.has_perm(name, issue)


def test_without_an_object_nobody_stands_in_a_relation_to_it(cast: Cast) -> None:
    assert cast.scientist.has_perm("issues.triage_issue"), "a question about the person alone"
    assert not cast.assignee.has_perm("issues.plan_issue"), "assignee of what?"


def test_anonymous_has_no_permission_at_all(cast: Cast) -> None:
    for kind, factory in FACTORIES.items():
        model = registry.model_of(kind)
        obj = factory.in_state(model.workflow.creation.to, cast)
        names = {step.name for step in model.workflow.steps()} | {"add"}
        for name in names:
            assert not cast.anonymous.has_perm(registry.permission_name(model, name), obj)
