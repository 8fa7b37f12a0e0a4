"""What holds for every transition of every workflow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from ops.notify.composers import registered
from ops.notify.models import Message
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.models import Event, Stateful
from ops.workflow.selectors import offers
from ops.workflow.services import perform
from tests.cast import Cast
from tests.contracts.conftest import Edge, only

REASON = "Because the contract says so."


def row(obj: Stateful) -> dict[str, Any]:
    """Everything that the database keeps of an object."""
    return type(obj)._default_manager.filter(pk=obj.pk).values().get()


def take(edge: Edge, obj: Stateful, actor: User, cast: Cast, **options: Any) -> Stateful:
    """Take the edge with good answers."""
    data = options.pop("data") if "data" in options else edge.factory.answers(edge.step, cast)
    return perform(
        obj, edge.step.name, actor=actor, data=data, reason=options.pop("reason", REASON), **options
    )


def refusal(edge: Edge, obj: Stateful, actor: User, cast: Cast, **options: Any) -> errors.Refusal:
    """Try the edge, be refused, and find that nothing has changed."""
    options.setdefault("data", edge.factory.answers(edge.step, cast))
    before, events, messages = row(obj), Event.objects.count(), Message.objects.count()
    with pytest.raises(errors.Refusal) as caught:
        take(edge, obj, actor, cast, **options)
    assert row(obj) == before
    assert (Event.objects.count(), Message.objects.count()) == (events, messages)
    return caught.value


def test_allowed_actor_moves_it_with_exactly_one_event(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    actor, events = edge.allowed(cast, obj), Event.objects.of(obj).count()

    moved = take(edge, obj, actor, cast)

    assert row(moved)["state"] == moved.state in edge.step.targets
    assert moved.version == obj.version + 1
    event = Event.objects.of(moved).last()
    assert event is not None
    assert Event.objects.of(moved).count() == events + 1
    assert (event.name, event.source, event.target) == (edge.step.name, edge.source, moved.state)
    assert event.actor == actor
    assert event.reason == REASON


def test_those_named_are_told_and_the_actor_never(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    actor, data = edge.allowed(cast, obj), edge.factory.answers(edge.step, cast)
    Message.objects.all().delete()

    moved = take(edge, obj, actor, cast, data=data)

    named = {person for party in edge.step.tells for person in party.of(moved) if isinstance(person, User)}
    told = {message.person for message in Message.objects.select_related("person") if message.person}
    assert told == {person for person in named if person not in {actor, cast.system} and person.is_active}
    for person in told:
        assert written_to(person, moved)


def written_to(person: User, obj: Stateful) -> bool:
    """Whether the latest event becomes a letter with every part, and a line under the bell."""
    event = Event.objects.of(obj).latest("pk")
    kind = registered(obj.letter_kind())
    letter = kind.compose([event.pk], person)
    assert letter is not None
    assert kind.headlines is not None
    headline = kind.headlines([event.pk], person)[event.pk]
    return all([*astuple(letter)[:5], *astuple(headline)])


def test_refused_actor_changes_nothing(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    answer = refusal(edge, obj, edge.refused(cast, obj), cast)
    assert (answer.status, answer.code) == (403, "not_allowed")
    assert "may" in answer.detail


def test_invisible_is_not_found(edge: Edge, standing: Stateful, cast: Cast) -> None:
    hidden, blind = edge.factory.hide(edge.ready(standing, cast), cast)
    answer = refusal(edge, hidden, blind, cast)
    assert (answer.status, answer.code) == (404, "not_found")
    assert str(hidden) not in answer.detail


def test_illegal_source_is_a_conflict(edge: Edge, cast: Cast) -> None:
    workflow = edge.factory.model.workflow
    reachable = {source for step in workflow.steps_named(edge.step.name) for source in step.sources}
    others = (state for state in edge.factory.paths if state not in reachable)
    # Made one after the other, the nearest first: it will mostly do.
    nearest = sorted(others, key=lambda state: len(edge.factory.paths[state]))
    elsewhere = (edge.factory.in_state(state, cast) for state in nearest)
    obj, actor = next(
        (obj, person)
        for obj in elsewhere
        for person in cast.people()
        if edge.step.by.test(person, obj) and edge.sees(person, obj)
    )
    answer = refusal(edge, obj, actor, cast)
    assert (answer.status, answer.code) == (409, "illegal_transition")
    assert obj.state_label.lower() in answer.detail


def test_stale_version_is_a_conflict(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    answer = refusal(edge, obj, edge.allowed(cast, obj), cast, version=obj.version - 1)
    assert (answer.status, answer.code) == (409, "stale")


@only(lambda step: step.only_if)
def test_unmet_guard_is_a_conflict_that_says_how_to_mend_it(
    edge: Edge, standing: Stateful, cast: Cast
) -> None:
    obj = edge.factory.break_guard(edge.step, standing, cast)
    actor = edge.allowed(cast, obj)
    unmet = edge.step.unmet(obj)
    answer = refusal(edge, obj, actor, cast)
    assert (answer.status, answer.code) == (409, "guard_unmet")
    assert unmet
    assert all(sentence in answer.detail for sentence in unmet)
    offer = next(offer for offer in offers(obj, actor) if offer.step == edge.step)
    assert list(offer.unmet) == unmet


@only(lambda step: step.asks)
def test_missing_answers_are_named(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    missing = [name for name in edge.step.asks if edge.step.anew or not getattr(obj, name, None)]
    assert missing
    answer = refusal(edge, obj, edge.allowed(cast, obj), cast, data={})
    assert (answer.status, answer.code) == (422, "invalid_input")
    assert set(answer.fields) == set(missing)


def test_unknown_fields_are_named(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    data = {**edge.factory.answers(edge.step, cast), "state": "closed"}
    answer = refusal(edge, obj, edge.allowed(cast, obj), cast, data=data)
    assert (answer.status, list(answer.fields)) == (422, ["state"])


@only(lambda step: step.reason)
def test_missing_reason_is_asked_for(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    answer = refusal(edge, obj, edge.allowed(cast, obj), cast, reason="  ")
    assert (answer.status, list(answer.fields)) == (422, ["reason"])


def test_method_called_by_itself_raises(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    with pytest.raises(RuntimeError, match="perform"):
        getattr(obj, edge.step.name)()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_winner(edge: Edge, standing: Stateful, cast: Cast) -> None:
    obj = edge.ready(standing, cast)
    actor, data = edge.allowed(cast, obj), edge.factory.answers(edge.step, cast)
    events, together = Event.objects.of(obj).count(), Barrier(2)

    def race(_: int) -> str:
        try:
            together.wait(10)
            take(edge, obj, actor, cast, data=data, version=obj.version)
        except errors.Refusal as refused:
            return refused.code
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(race, range(2)))
    assert outcomes[1] == "won"
    assert outcomes[0] in {"stale", "not_allowed", "illegal_transition", "not_found"}
    assert Event.objects.of(obj).count() == events + 1
