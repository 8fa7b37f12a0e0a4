"""The only writers of anything that has a workflow: `create`, `edit`, `perform`, and `record` beside them.

Each is one transaction: the row is locked, the questions are asked inside the lock, the change, its event, its
deadlines and its messages are born together. The network is touched after commit, by tasks that take ids.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from ops.clocks import services as clocks
from ops.notify import services as notify
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.declaration import Party, Step
from ops.workflow.forms import DeclaredForm, cleaned_reason, validated
from ops.workflow.models import Event, Performance, Stateful, StatefulQuerySet
from ops.workflow.words import who_may

Model = TypeVar("Model", bound=Stateful)
Changes = dict[str, dict[str, Any]]

# Written by the engine itself with every change; the event says the same in its own columns.
BOOKKEEPING = frozenset({"id", "state", "state_since", "version", "created_at", "updated_at"})


@transaction.atomic
def create(
    model: type[Model],
    *,
    actor: User,
    data: Mapping[str, Any],
    moment: datetime.datetime | None = None,
    **given: Any,
) -> Model:
    """Make an object in the first state of its workflow and tell those who hear of it.

    `given` are values that the process sets itself and nobody types, such as the reporter. `moment` is for
    loading history (import, demonstration); everybody else creates things now.
    Raises `NotAllowed` and `InvalidInput`; then nothing is saved.
    """
    creation = model.workflow.creation
    moment = moment or timezone.now()
    if not creation.by.test(actor, None):
        raise errors.NotAllowed(f"Only {who_may(creation.by)} may make {_a(model.workflow.title)}.")
    obj = model(state=creation.to, state_since=moment, **given)
    obj.prepare(actor=actor, moment=moment)
    form = validated(obj, asks=creation.asks, offers=creation.offers, actor=actor, data=data)
    obj.performance = Performance(
        actor, moment, Step("create", (), creation.to, creation.by), data=form.cleaned_data
    )
    obj.derive()
    obj.save(force_insert=True)
    changes = _born(obj) | _keep_beside(obj, form, actor)
    event = _write_event(obj, actor, "create", "", changes, "", moment)
    obj.performance = None
    _follow_up(obj, event, creation.tells)
    return obj


@transaction.atomic
def edit(
    obj: Model,
    *,
    actor: User,
    data: Mapping[str, Any],
    version: int | None = None,
    moment: datetime.datetime | None = None,
) -> Model:
    """Change some fields; nothing is written, counted or told when they already have these values.

    Returns the object as it now is. Raises `NotFound`, `NotAllowed` (naming the fields), `Stale`, `InvalidInput`.
    """
    locked = _lock(obj, actor)
    refuse_unless_editable(locked, data, actor=actor)
    _refuse_if_stale(locked, version)
    before = _snapshot(locked)
    form = validated(locked, asks=(), offers=editable_fields(locked, actor), actor=actor, data=data)
    changes = _difference(before, locked) | _keep_beside(locked, form, actor)
    if changes:
        moment = moment or timezone.now()
        _save(locked, changes, moment)
        event = _write_event(locked, actor, "edit", locked.state, changes, "", moment)
        _follow_up(locked, event, locked.workflow.tells_of_edits)
    return locked


@transaction.atomic
def perform(
    obj: Model,
    name: str,
    *,
    actor: User,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
    version: int | None = None,
    moment: datetime.datetime | None = None,
) -> Model:
    """Take one transition, all of it or nothing.

    In this order: lock, seen (else `NotFound`), allowed (`NotAllowed`), current (`Stale`), legal from here
    (`IllegalTransition`), guards (`GuardUnmet`), input (`InvalidInput`), the method, the saved change, one event,
    deadlines, messages. Returns the object as it now is.
    """
    return _take(
        _lock(obj, actor), name, actor=actor, data=data, reason=reason, version=version, moment=moment
    )


@transaction.atomic
def perform_in_turn(
    obj: Model,
    steps: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    actor: User,
    moment: datetime.datetime | None = None,
) -> Model:
    """Take several transitions with their answers one after the other, under one lock: all of them or none.

    Each is asked everything that `perform` asks, and leaves its own event.
    """
    locked = _lock(obj, actor)
    for name, data in steps:
        _take(locked, name, actor=actor, data=data, moment=moment)
    return locked


def _take(
    locked: Model,
    name: str,
    *,
    actor: User,
    data: Mapping[str, Any] | None,
    reason: str = "",
    version: int | None = None,
    moment: datetime.datetime | None = None,
) -> Model:
    step = permitted_step(locked, name, actor=actor, version=version)
    moment = moment or timezone.now()
    locked.performance = Performance(actor, moment, step)  # guards and input are judged as of that moment
    unmet = step.unmet(locked)
    if unmet:
        raise errors.GuardUnmet(" ".join(unmet))
    before, source = _snapshot(locked), locked.state
    form = validated(locked, asks=step.asks, offers=step.offers, actor=actor, data=data or {}, anew=step.anew)
    reason = cleaned_reason(reason, required=step.reason)
    changes = _keep_beside(locked, form, actor)
    _run(locked, step, Performance(actor, moment, step, reason, form.cleaned_data))
    changes = _difference(before, locked) | changes
    _save(locked, changes, moment, state_changed=locked.state != source)
    event = _write_event(locked, actor, name, source, changes, reason, moment)
    _follow_up(locked, event, step.tells)
    return locked


def record(
    obj: Stateful,
    name: str,
    *,
    actor: User,
    changes: Changes,
    tells: Iterable[Party] = (),
    reason: str = "",
    moment: datetime.datetime | None = None,
) -> Event:
    """Write down something that happened beside the row itself: a link, a watcher, a file; and tell of it.

    Call it inside the transaction that makes the change. The object's own columns and version stay.
    """
    event = _write_event(obj, actor, name, obj.state, changes, reason, moment or timezone.now())
    announce(obj, event, tells)
    return event


def announce(obj: Stateful, event: Event, tells: Iterable[Party]) -> None:
    """Queue the messages of an event for everybody the parties lead to; never for the one who caused it.

    Those who may not see the object are left out now: even a count at their bell would say that there is something.
    """
    if notify.is_silent():
        return
    obj.told = {party: party.of(obj) for party in tells}
    recipients = obj.readers_among(dict.fromkeys(person for people in obj.told.values() for person in people))
    if recipients:
        notify.announce(
            obj.letter_kind(),
            object_id=event.pk,
            thread=obj.thread,
            recipients=recipients,
            actor=event.actor,
            moment=event.created_at,
        )


def editable_fields(obj: Stateful, actor: User) -> tuple[str, ...]:
    """Return the fields that this person may change on this object now, in the order of the declaration."""
    allowed = (names for by, names in obj.workflow.edits if by.test(actor, obj))
    return tuple(dict.fromkeys(name for names in allowed for name in names))


def _lock(obj: Model, actor: User) -> Model:
    # A check made on the object that the caller holds would be a guess: whoever waited for this lock sees here
    # what the one before has left behind.
    rows: StatefulQuerySet = type(obj)._default_manager.all()  # type: ignore[assignment]
    try:
        return rows.visible_to(actor).locked().select_related(*obj.lock_related).get(**obj.identity)
    except obj.DoesNotExist:
        raise errors.NotFound from None


def permitted_step(obj: Stateful, name: str, *, actor: User, version: int | None = None) -> Step:
    """Return the step that `perform` would take from here; raises what it would refuse before the guards."""
    steps = obj.workflow.steps_named(name)
    if not steps:
        known = ", ".join(dict.fromkeys(step.name for step in obj.workflow.steps()))
        raise errors.NotFound(
            f"There is no transition called “{name}”; {obj.workflow.plural.lower()} know {known}."
        )
    here = [step for step in steps if obj.state in step.sources]
    if not any(step.by.test(actor, obj) for step in here or steps):
        raise errors.NotAllowed(f"Only {who_may((here or steps)[0].by)} may {_verb(name)} {obj}.")
    _refuse_if_stale(obj, version)
    if not here:
        sources = " or ".join(obj.workflow.State(s).label.lower() for step in steps for s in step.sources)
        raise errors.IllegalTransition(
            f"“{steps[0].label}” leads on from {sources}; {obj} is {obj.state_label.lower()}."
        )
    return here[0]


def _refuse_if_stale(obj: Stateful, version: int | None) -> None:
    if version is not None and version != obj.version:
        raise errors.Stale(
            f"{obj} was changed by somebody else in the meantime. Look at what changed, then send yours again."
        )


def refuse_unless_editable(obj: Stateful, names: Collection[str], *, actor: User) -> None:
    """Raise `NotAllowed`, naming who may, where this person may not change every one of these fields."""
    known = {name for _, declared in obj.workflow.edits for name in declared}
    refused = [name for name in names if name in known and name not in editable_fields(obj, actor)]
    if not refused and (editable_fields(obj, actor) or not names):
        return
    by = next((by for by, declared in obj.workflow.edits if not refused or refused[0] in declared), None)
    may = f"Only {who_may(by)}" if by else "Nobody"
    fields = {name: [f"{may} may change this."] for name in refused}
    raise errors.NotAllowed(f"{may} may change {', '.join(refused) or 'this'} of {obj}.", fields=fields)


def _run(obj: Stateful, step: Step, performance: Performance) -> None:
    obj.performance = performance
    try:
        getattr(obj, step.name)()
    finally:
        obj.performance = None


def _snapshot(obj: Stateful) -> dict[str, Any]:
    return {
        field.name: field.value_from_object(obj)
        for field in obj._meta.concrete_fields
        if field.name not in BOOKKEEPING and not field.primary_key and not field.generated
    }


def _difference(before: Mapping[str, Any], obj: Stateful) -> Changes:
    obj.derive()
    after = _snapshot(obj)
    return {
        name: {"old": _as_json(before[name]), "new": _as_json(value)}
        for name, value in after.items()
        if value != before[name]
    }


def _born(obj: Stateful) -> Changes:
    return {
        name: {"old": None, "new": _as_json(value)}
        for name, value in _snapshot(obj).items()
        if value not in (None, "", [], False)
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return value


def _keep_beside(obj: Stateful, form: DeclaredForm, actor: User) -> Changes:
    kept = {
        name: obj.beside_the_row[name].keep(obj, value, actor) for name, value in form.beside_the_row.items()
    }
    return {name: change for name, change in kept.items() if change}


def _save(obj: Stateful, changes: Changes, moment: datetime.datetime, *, state_changed: bool = False) -> None:
    own = {field.name for field in obj._meta.concrete_fields}
    columns = [name for name in changes if name in own] + ["version"]
    obj.version += 1
    if state_changed:
        obj.state_since = moment
        columns += ["state", "state_since"]
    if "updated_at" in own:
        setattr(obj, "updated_at", moment)  # noqa: B010  # only some models have it
        columns.append("updated_at")
    obj.save(update_fields=columns)


def _write_event(
    obj: Stateful,
    actor: User,
    name: str,
    source: str,
    changes: Changes,
    reason: str,
    moment: datetime.datetime,
) -> Event:
    return Event.objects.create(
        content_type=ContentType.objects.get_for_model(obj.anchor_model()),
        object_id=obj.pk,
        actor=actor,
        name=name,
        source=source,
        target=obj.state,
        changes=changes,
        reason=reason,
        created_at=moment,
    )


def _follow_up(obj: Stateful, event: Event, tells: Iterable[Party]) -> None:
    obj.clocks = clocks.follow(
        obj.anchor,
        kind=obj.workflow.kind,
        state=obj.state,
        facts={name: getattr(obj, name) for name in obj.workflow.facts},
        actor=event.actor,
        moment=event.created_at,
        is_new=event.name == "create",
        has_moved=event.moved,
    )
    announce(obj, event, tells)


def _a(title: str) -> str:
    return f"{'an' if title[0] in 'AEIOU' else 'a'} {title.lower()}"


def _verb(name: str) -> str:
    return name.replace("_", " ")
