"""Where the observatory heard of an issue."""

from __future__ import annotations

from ops.issues.models import Issue
from ops.workflow.services import create
from tests.cast import Cast


def test_what_staff_report_comes_from_staff_and_what_others_report_does_not(cast: Cast) -> None:
    data = {"title": "The cutout service answers twice"}
    assert create(Issue, actor=cast.staff, data=data).origin == "staff"
    assert create(Issue, actor=cast.outsider, data=data).origin == ""
    assert create(Issue, actor=cast.staff, data={**data, "origin": "forum"}).origin == "forum"
