"""What is said of a permission is what it asks: in a sentence, and as a table."""

from __future__ import annotations

from typing import Any

import pytest
import rules
from hypothesis import given
from hypothesis import strategies as st

from ops.issues.rules import is_draft, is_untriaged
from ops.people.authority import is_community_scientist, is_lead, is_signed_in, is_staff, is_system
from ops.tickets.rules import is_assignee, is_invited, is_product_owner, is_reporter
from ops.workflow import registry
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition
from ops.workflow.words import permission_matrix, who_may
from tests.workflow.made_up import DishWorkflow

ROLES = ("is_cook", "is_guest", "is_owner_of_the_house")


def _holds(role: str) -> rules.Predicate:
    def test(person: Any, thing: Any = None) -> bool:
        return role in person

    return rules.predicate(test, name=role)


leaves = st.sampled_from([_holds(role) for role in ROLES])
permissions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a | b, inner, inner),
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a: ~a, inner),
    ),
    max_leaves=6,
)


@given(permissions, st.sampled_from(ROLES))
def test_matrix_says_of_every_composed_permission_what_it_answers(by: rules.Predicate, role: str) -> None:
    class Single(Workflow):
        kind, title, plural = "single", "Single", "Singles"

        class State(States):
            HERE = "here", Phase.OPEN, "Here"

        creation = Creation(to=State.HERE, by=_holds("is_maker"), asks=())

        @transition(State.HERE, to=State.HERE, by=by)
        def turn(self):
            """Turn round."""

    matrix = permission_matrix(Single)
    made, turned = matrix.rows
    allowed = dict(zip(matrix.roles, turned.allowed, strict=True))
    words = role.removeprefix("is_").replace("_", " ")
    suffices = role in by.name and by.test({role}, None)
    assert allowed.get(words, False) == suffices
    assert sum(made.allowed) == 1
    assert turned.words == who_may(by) != ""


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (is_reporter, "the reporter"),
        (is_invited, "an invited person"),
        (is_community_scientist, "a community scientist"),
        (is_staff, "staff"),
        (is_signed_in, "anybody with an account"),
        (is_assignee | is_community_scientist, "the assignee or a community scientist"),
        (
            is_assignee | is_community_scientist | is_system,
            "the assignee or a community scientist or the system",
        ),
        (
            (is_reporter | is_product_owner | is_lead) & ~is_assignee,
            "the reporter or the product owner or the lead community scientist, never the assignee",
        ),
        (is_reporter & is_staff, "the reporter who is also staff"),
        (is_reporter & is_untriaged, "the reporter while nobody has triaged it"),
        (is_community_scientist & is_draft, "a community scientist while it is a draft"),
    ],
)
def test_permission_reads_as_words(by: rules.Predicate, words: str) -> None:
    assert who_may(by) == words


def test_rows_stand_for_creation_and_every_edge_in_order() -> None:
    matrix = permission_matrix(DishWorkflow)
    assert [row.step.label for row in matrix.rows] == [
        "Create", "Begin", "Serve", "Serve cold", "Rest", "Take up", "Send back",
    ]  # fmt: skip
    assert matrix.roles == ("guest", "cook")
    cold = next(row for row in matrix.rows if row.step.label == "Serve cold")
    assert (cold.allowed, cold.words) == ((True, False), "a guest, never a cook")


def test_every_registered_permission_can_be_said() -> None:
    for model in registry.models():
        for row in permission_matrix(model.workflow).rows:
            assert row.words, f"{model.__name__}: {row.step.name}"
