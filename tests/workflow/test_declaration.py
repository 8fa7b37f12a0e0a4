"""A declaration read back: what stands in the class is what the engine knows."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ops.workflow.declaration import Phase
from tests.workflow.made_up import DishWorkflow, cook, is_salted

State = DishWorkflow.State


def test_steps_stand_in_the_order_in_which_they_are_read() -> None:
    assert [(step.name, step.sources) for step in DishWorkflow.steps()] == [
        ("begin", ("ordered",)),
        ("serve", ("cooking",)),
        ("serve", ("ordered",)),
        ("rest", ("ordered", "cooking")),
        ("take_up", ("resting",)),
        ("send_back", ("served",)),
    ]


def test_edges_of_one_name_keep_what_each_asks() -> None:
    warm, cold = DishWorkflow.steps_named("serve")
    assert (warm.label, warm.reason, warm.only_if) == ("Serve", False, (is_salted,))
    assert (cold.label, cold.reason, cold.only_if) == ("Serve cold", True, ())
    assert DishWorkflow.steps_named("burn") == []


def test_docstring_is_the_help_on_one_line() -> None:
    assert DishWorkflow.steps_named("begin")[0].help == "Light the stove."


def test_steps_from_a_state_are_its_ways_out() -> None:
    assert [step.label for step in DishWorkflow.steps_from("ordered")] == ["Begin", "Serve cold", "Rest"]


def test_a_way_back_leads_to_any_state_it_may_have_come_from() -> None:
    (back,) = DishWorkflow.steps_named("take_up")
    assert back.targets == ("ordered", "cooking")
    assert back.target.field == "state_before"


@pytest.mark.parametrize(
    ("state", "step"),
    [("ordered", "begin"), ("cooking", "serve"), ("resting", "take_up"), ("served", None)],
)
def test_next_step_goes_on_and_never_back_from_an_end(state: str, step: str | None) -> None:
    found = DishWorkflow.next_step(state)
    assert (found and found.name) == step


def test_phases_say_what_is_still_to_be_done() -> None:
    assert DishWorkflow.phase_of("resting") is Phase.WAITING
    assert DishWorkflow.live_states() == ["ordered", "cooking", "resting"]
    assert not Phase.BAD_END.is_live


def test_unmet_guards_come_with_their_sentences() -> None:
    warm, cold = DishWorkflow.steps_named("serve")
    bland, salted = SimpleNamespace(salt=False), SimpleNamespace(salt=True)
    assert warm.unmet(bland) == ["Salt it first."]
    assert [guard.about for guard in warm.unmet_guards(bland)] == ["salt"]
    assert warm.unmet(salted) == cold.unmet(bland) == []


def test_a_party_leaves_out_nobody_and_nothing() -> None:
    assert cook.of(object()) == ["cook"]
    assert type(cook)("nobody", "nobody", lambda _dish: [None, ""]).of(object()) == []
