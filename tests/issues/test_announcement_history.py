"""What was said of an announcement before it was published stays with staff."""

from __future__ import annotations

from ops.workflow.services import perform
from tests.cast import Cast
from tests.factories import FACTORIES


def test_only_staff_see_what_was_before_publication(cast: Cast) -> None:
    draft = FACTORIES["announcement"].in_state("approved", cast)
    draft = perform(draft, "revise", actor=cast.scientist, reason="The embargo is not over.")
    draft = perform(draft, "approve", actor=cast.lead)
    shown = perform(draft, "publish", actor=cast.scientist)
    assert [event.name for event in shown.history_for(cast.outsider)] == ["publish"]
    assert [event.name for event in shown.history_for(cast.anonymous)] == ["publish"]
    assert "revise" in [event.name for event in shown.history_for(cast.staff)]
