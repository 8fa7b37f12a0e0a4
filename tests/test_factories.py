"""The tests' own tools keep their promises."""

import pytest

from ops.issues.models import Announcement, Issue
from tests.conftest import Cast
from tests.factories import announcement_in, issue_in


@pytest.mark.parametrize("state", Issue.State.values)
def test_issue_can_be_had_in_every_state(state: str, cast: Cast) -> None:
    assert issue_in(state, cast).state == state


@pytest.mark.parametrize("state", Announcement.State.values)
def test_announcement_can_be_had_in_every_state(state: str, cast: Cast) -> None:
    assert announcement_in(state, cast).state == state
