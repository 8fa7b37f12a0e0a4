"""What holds for every workflow as a whole."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from ops.people.models import User
from ops.web.addresses import edit_url
from ops.workflow import errors, registry
from ops.workflow.checks import contradictions
from ops.workflow.models import Event, Stateful
from ops.workflow.selectors import replay
from ops.workflow.services import BOOKKEEPING, editable_fields, perform
from tests.cast import Cast
from tests.factories import FACTORIES


def test_has_a_factory(kind: str) -> None:
    assert kind in FACTORIES, f"Add a factory for “{kind}” to tests/factories.py."


def test_factory_reaches_every_state(kind: str, cast: Cast) -> None:
    for state in registry.model_of(kind).workflow.State.values:
        assert FACTORIES[kind].in_state(state, cast).state == state


def test_contradicts_itself_nowhere(kind: str) -> None:
    assert list(contradictions(registry.model_of(kind))) == []


def test_every_step_is_a_django_permission(kind: str, cast: Cast) -> None:
    model = registry.model_of(kind)
    obj = FACTORIES[kind].in_state(model.workflow.creation.to, cast)
    for step in model.workflow.steps_from(obj.state):
        name = registry.permission_name(model, step.name)
        for person in cast.people():
            assert person.has_perm(name, obj) == step.by.test(person, obj)


def test_replaying_the_events_gives_the_state_and_every_value(kind: str, cast: Cast) -> None:
    for state in registry.model_of(kind).workflow.State.values:
        obj = FACTORIES[kind].in_state(state, cast)
        replayed = replay(Event.objects.of(obj))
        assert replayed.state == obj.state
        for field in recorded_fields(obj):
            now = field.value_from_object(obj)
            then = field.to_python(replayed.values.get(field.name, field.get_default()))
            assert then == now or not (now or then), field.name


def test_what_happened_cannot_be_changed_or_removed(kind: str, cast: Cast) -> None:
    obj = FACTORIES[kind].in_state(registry.model_of(kind).workflow.creation.to, cast)
    for statement in ("UPDATE workflow_event SET name = 'other' WHERE object_id = %s",
                      "DELETE FROM workflow_event WHERE object_id = %s"):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [obj.pk])
    assert Event.objects.of(obj).filter(name="create").count() == 1


def test_form_of_what_may_be_changed_opens(kind: str, cast: Cast, client: Client) -> None:
    obj = FACTORIES[kind].in_state(registry.model_of(kind).workflow.creation.to, cast)
    rows = type(obj)._default_manager
    readers = (person for person in cast.people() if rows.visible_to(person).filter(pk=obj.pk).exists())  # type: ignore[attr-defined]
    editor = next((person for person in readers if editable_fields(obj, person)), None)
    if editor is not None:
        client.force_login(User.objects.get(pk=editor.pk))
        assert client.get(edit_url(obj)).status_code == 200


def test_nobody_without_an_account_may_do_anything(kind: str, cast: Cast) -> None:
    workflow = registry.model_of(kind).workflow
    assert not workflow.creation.by.test(cast.anonymous, None)
    for state in workflow.State.values:
        obj = FACTORIES[kind].in_state(state, cast)
        for step in workflow.steps_from(state):
            assert not step.by.test(cast.anonymous, obj), step.name


def test_a_closed_account_may_do_nothing(kind: str, cast: Cast) -> None:
    workflow = registry.model_of(kind).workflow
    obj = FACTORIES[kind].in_state(workflow.creation.to, cast)
    User.objects.filter(pk=cast.scientist.pk).update(is_active=False)
    gone = User.objects.get(pk=cast.scientist.pk)
    for step in workflow.steps_from(obj.state):
        with pytest.raises(errors.Refusal):
            perform(
                obj, step.name, actor=gone, data=FACTORIES[kind].answers(step, cast), reason="Still here."
            )
    assert row_of(obj).state == obj.state


def row_of(obj: Stateful) -> Stateful:
    return type(obj)._default_manager.get(pk=obj.pk)


def recorded_fields(obj: Stateful) -> list:
    return [
        field
        for field in obj._meta.concrete_fields
        if field.name not in BOOKKEEPING and not field.primary_key and not field.generated
    ]
