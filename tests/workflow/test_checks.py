"""A workflow that contradicts itself does not start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ops.workflow.checks import check_workflows, contradictions
from ops.workflow.declaration import Back, Creation, Phase, States, transition
from tests.workflow.made_up import DishWorkflow, cook, is_cook, is_guest, model_of

State = DishWorkflow.State


def problems(**changes: Any) -> list[tuple[str, str]]:
    """What is said of the sound workflow when some of it is declared otherwise: which check, in which words."""
    bent = type("BentWorkflow", (DishWorkflow,), changes)
    return [(str(error.id), str(error.msg)) for error in contradictions(model_of(bent))]


def step(name: str, *sources: str, to: Any, **options: Any) -> Any:
    """A transition of any name."""

    def method(self: Any) -> None:
        """Do something."""

    method.__name__ = name
    return transition(*sources, to=to, by=is_cook, **options)(method)


class WithBurnt(States):
    """One state more."""

    ORDERED = "ordered", Phase.OPEN, "Ordered"
    COOKING = "cooking", Phase.ACTIVE, "Cooking"
    RESTING = "resting", Phase.WAITING, "Resting"
    SERVED = "served", Phase.GOOD_END, "Served"
    BURNT = "burnt", Phase.BAD_END, "Burnt"


BURNT = {"State": WithBurnt, "final": ("served", "burnt")}


def test_sound_workflow_has_nothing_against_it() -> None:
    assert problems() == []


def test_state_that_nothing_leads_to_is_named() -> None:
    assert problems(**BURNT) == [("workflow.E001", "No transition leads to the state “burnt”.")]


def test_state_that_only_itself_leads_to_is_named() -> None:
    again = step("stir", "burnt", to="burnt")
    assert problems(**BURNT, stir=again) == [("workflow.E001", "No transition leads to the state “burnt”.")]


def test_state_reached_only_by_a_way_back_counts_as_reached() -> None:
    back = step("take_up", "resting", to=Back("state_before", "ordered", "burnt"))
    assert problems(**BURNT, take_up=back) == []


def test_dead_end_that_is_not_final_is_named() -> None:
    burn = step("burn", "cooking", to="burnt")
    dead_end = ("workflow.E002", "No transition leads out of “burnt”.")
    assert problems(State=WithBurnt, burn=burn) == [dead_end]
    assert problems(**BURNT, burn=burn) == []


def test_state_that_nobody_holds_is_named() -> None:
    held: Mapping[str, Any] = {State.ORDERED: cook, State.COOKING: cook}
    assert problems(held_by=held) == [("workflow.E003", "Nobody holds the state “resting”.")]


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("creation", {"creation": Creation(to=State.ORDERED, by=is_guest, asks=("colour",))}),
        ("edits", {"edits": ((is_cook, ("salt", "colour")),)}),
        ("facts", {"facts": ("colour",)}),
    ],
)
def test_unknown_field_is_named_with_its_place(where: str, changes: dict[str, Any]) -> None:
    assert problems(**changes) == [("workflow.E004", f"`{where}` names “colour”, which is no field.")]


@pytest.mark.parametrize("asked", [{"asks": ("colour",)}, {"offers": ("colour",)}])
def test_unknown_field_of_a_step_is_named_with_the_step(asked: dict[str, Any]) -> None:
    begin = step("begin", "ordered", to="cooking", **asked)
    assert problems(begin=begin) == [("workflow.E004", "`begin` names “colour”, which is no field.")]


@pytest.mark.parametrize("name", ["salt", "save", "full_clean"])
def test_transition_that_hides_a_field_or_method_is_named(name: str) -> None:
    hiding = step(name, "cooking", to="ordered")
    sentence = f"The transition “{name}” hides a field or method."
    assert problems(again=hiding) == [("workflow.E005", sentence)]


def test_check_runs_over_every_registered_workflow() -> None:
    """What is declared today is sound; the check is the one that `manage.py check` runs."""
    assert check_workflows() == []
