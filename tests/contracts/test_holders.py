"""Who holds an object, asked from both ends: the object names its holders, and each finds it among what waits."""

from __future__ import annotations

from ops.web.records.mending import PLACES
from ops.workflow import registry
from ops.workflow.selectors import held_by
from tests.cast import Cast
from tests.factories import FACTORIES
from tests.web.pages import browser


def test_holders_find_what_they_hold_and_nobody_else_does(kind: str, cast: Cast) -> None:
    model = registry.model_of(kind)
    for state in model.workflow.State.values:
        obj = FACTORIES[kind].in_state(state, cast)
        holders = model._default_manager.get(pk=obj.pk).holders
        for person in cast.people():
            sees = model._default_manager.visible_to(person).filter(pk=obj.pk).exists()
            holds = person in holders and sees
            assert held_by(model, person).filter(pk=obj.pk).exists() == holds, f"{person} of {state}"


def test_a_stranger_holds_nothing(kind: str, cast: Cast) -> None:
    model = registry.model_of(kind)
    FACTORIES[kind].in_state(model.workflow.creation.to, cast)
    assert not held_by(model, cast.anonymous).exists()


def test_whoever_holds_it_may_take_the_next_step_or_come_to_the_place_where_it_goes_on(
    kind: str, cast: Cast
) -> None:
    model = registry.model_of(kind)
    for state in model.workflow.held_by:
        obj = FACTORIES[kind].in_state(str(state), cast)
        if obj.workplace:
            place = PLACES[kind, obj.workplace.about](obj)
            for person in obj.holders:
                assert browser(person).get(place, follow=True).status_code == 200, f"{person} at {place}"
            if obj.workplace.settles_many:
                continue
        step = model.workflow.next_step(str(state))
        assert step is not None, state
        for person in obj.holders:
            assert step.by.test(person, obj), f"{person} cannot {step.name}"
