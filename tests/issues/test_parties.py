"""Who holds an issue that nobody has triaged."""

import pytest

from ops.issues.models import Issue
from ops.tickets.models import Visibility
from ops.workflow.services import create
from tests.cast import Cast


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.COMMUNITY, Visibility.STAFF])
def test_forum_watcher_holds_a_new_issue(cast: Cast, visibility: str) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot", "visibility": visibility})

    assert issue.holders == [cast.watcher]


def test_leads_hold_a_new_confidential_issue_which_the_watcher_does_not_see(cast: Cast) -> None:
    data = {"title": "Somebody else's file", "visibility": Visibility.CONFIDENTIAL}
    issue = create(Issue, actor=cast.reporter, data=data)

    assert issue.holders == [cast.lead]
    assert not Issue.objects.visible_to(cast.watcher).exists()
