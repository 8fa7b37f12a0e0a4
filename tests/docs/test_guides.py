"""The guides against the declarations: every step and every state is in some guide, by the name that pages show."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from ops.notify.models import Timing
from ops.tickets.models import CommentVisibility, Visibility
from ops.workflow import registry

GUIDES = "\n".join(page.read_text() for page in sorted((settings.BASE_DIR / "docs" / "guides").glob("*.md")))
PROSE = " ".join(GUIDES.split())
BOLD = {re.sub(r"\W+$", "", words) for words in re.findall(r"\*\*([^*]+)\*\*", PROSE)}
KINDS = [model.workflow for model in registry.models()]


@pytest.mark.parametrize("workflow", KINDS, ids=lambda workflow: workflow.kind)
def test_every_step_is_told_in_a_guide(workflow: type) -> None:
    assert {step.label for step in workflow.steps()} <= BOLD


@pytest.mark.parametrize("workflow", KINDS, ids=lambda workflow: workflow.kind)
def test_every_state_is_told_in_a_guide(workflow: type) -> None:
    assert [label for label in workflow.State.labels if not re.search(rf"\b{label}\b", PROSE)] == []


def test_everybody_is_told_who_sees_what() -> None:
    everybody = (settings.BASE_DIR / "docs" / "guides" / "everybody.md").read_text()
    for words in [*Visibility.labels, "Everybody here", *CommentVisibility.labels[1:]]:
        assert f"| **{re.split('[: ]', words)[0]}" in everybody


def test_everybody_is_told_how_to_be_told_less() -> None:
    for timing in Timing:
        assert f"*{timing.label.lower()}*" in PROSE
