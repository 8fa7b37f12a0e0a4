"""Everything that has a workflow: list, read, create, edit, its transitions and its history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import answers, pages
from ops.api.columns import joined
from ops.api.openapi import described, page_schema, ref
from ops.api.records import address, details, identity, summaries
from ops.api.schemas import Schema
from ops.api.shapes import Fields, as_object, fields_of, object_of, typed
from ops.api.viewsets.door import Door
from ops.people.models import User
from ops.tickets.timeline import described as in_words
from ops.workflow import services
from ops.workflow.errors import BadQuery, NotFound
from ops.workflow.models import Stateful, StatefulQuerySet
from ops.workflow.selectors import offers

VERSION = forms.IntegerField(
    required=False,
    min_value=1,
    help_text="The version you have read; if the record has another one by now, nothing is changed (409).",
)
REASON = forms.CharField(required=False, max_length=10_000, help_text="Why; kept in the history.")
BESIDES: Fields = {"version": VERSION, "reason": REASON}


@cache
def declared_fields(model: type[Stateful]) -> Fields:
    """Return every field that the workflow of a model takes anywhere."""
    workflow = model.workflow
    names = [*workflow.creation.fields]
    names += [name for step in workflow.steps() for name in step.fields]
    names += editable(model)
    return fields_of(model, tuple(dict.fromkeys(names)))


def editable(model: type[Stateful]) -> tuple[str, ...]:
    """Return every field that somebody may edit."""
    return tuple(dict.fromkeys(name for _, names in model.workflow.edits for name in names))


def creation_schema(model: type[Stateful]) -> Schema:
    """Describe what a new record is given."""
    creation = model.workflow.creation
    return object_of(fields_of(model, creation.fields, creation.asks), creation.asks)


def edit_schema(model: type[Stateful]) -> Schema:
    """Describe what an edit is given; who may change what is a question of the moment."""
    return object_of({**fields_of(model, editable(model)), "version": VERSION})


def step_schema(view: StatefulViewSet) -> Schema:
    """Describe what the transition of an address is given: what any of its steps takes, all of it optional.

    What a step asks for may be known from before, so that nothing is required in every case but a reason.
    """
    transition = view.transition
    assert transition is not None  # noqa: S101  # only addresses of one transition are described so
    steps = view.model.workflow.steps_named(transition.name)
    names = tuple(dict.fromkeys(name for step in steps for name in step.fields))
    return object_of(
        {**fields_of(view.model, names), **BESIDES}, ["reason"] if all(step.reason for step in steps) else []
    )


class StatefulViewSet(Door):
    """Records of one kind."""

    model: ClassVar[type[Stateful]]
    path_parameters: ClassVar[Mapping[str, Schema]] = {"id": {"type": "integer"}}

    def found(self) -> Any:
        """Return the record that the address names; raises `NotFound` as well where the reader may not see it."""
        found = self.seen(self.model_here()).filter(**self.named()).first()
        if found is None:
            raise NotFound
        return found

    def meant(self) -> Any:
        """Return the record that the address names, not read yet: the services read it, once they hold its lock."""
        return self.model_here()(**self.named())

    def seen(self, model: type[Stateful]) -> QuerySet[Any]:
        """Return the records of a kind that the reader may see, each with what its answer needs."""
        manager: Any = model._default_manager
        rows: StatefulQuerySet = manager.visible_to(self.reader)
        return rows.select_related(*joined(model))

    def model_here(self) -> type[Stateful]:
        """Return the model of the record that the address names."""
        return self.model

    def named(self) -> dict[str, Any]:
        """Return the name of the record, as the address gives it."""
        return {"pk": self.kwargs["id"]}

    @described(
        lambda view: page_schema(ref(f"{view.model.__name__}Summary")),
        query=lambda view: {"state": _states(view.model), **pages.PARAMETERS},
        refusals=(400,),
    )
    def list(self, request: Request) -> Response:
        """List what you may see, the newest first."""
        given = pages.parameters(request, ("state", *pages.PARAMETERS))
        rows = self.seen(self.model)
        if state := given.get("state"):
            rows = rows.filter(state__in=_known_states(self.model, state))
        page = pages.page_of(request, rows, newest_first=True)
        return Response({"results": summaries(self.model, page.rows, request), "next": page.next})

    @described(lambda view: ref(view.model.__name__))
    def retrieve(self, request: Request, **names: Any) -> Response:
        """Read one."""
        return Response(details(self.found(), request))

    @described(
        lambda view: ref(view.model.__name__), status=201, takes=lambda view: creation_schema(view.model)
    )
    def create(self, request: Request) -> Response:
        """Make one."""
        return self.made(self.model, as_object(request.data))

    def made(self, model: type[Stateful], data: Mapping[str, Any]) -> Response:
        """Make a record and tell it, with its address."""
        typed(data, declared_fields(model))
        obj = services.create(model, actor=self.actor, data=data)
        return Response(
            details(obj, self.request), status=201, headers={"Location": address(self.request, obj)}
        )

    @described(lambda view: ref(view.model.__name__), takes=lambda view: edit_schema(view.model))
    def partial_update(self, request: Request, **names: Any) -> Response:
        """Change some fields.

        Nothing is written, counted or told where they already have these values.
        """
        data, version, _ = self.given("version")
        return Response(
            details(services.edit(self.meant(), actor=self.actor, data=data, version=version), request)
        )

    @described(ref("Steps"))
    def transitions(self, request: Request, **names: Any) -> Response:
        """Tell what you may do with it now: the steps, what each asks, what holds it back, and what you may edit."""
        obj = self.found()
        model: type[Stateful] = type(obj)
        kind, name = obj.workflow.kind, identity(obj)
        steps = [
            answers.step(
                offer,
                obj,
                request.build_absolute_uri(reverse(f"api:{kind}-transition-{offer.step.name}", args=[name])),
            )
            for offer in offers(obj, self.reader)
        ]
        mine = services.editable_fields(obj, self.reader) if isinstance(self.reader, User) else ()
        return Response({"results": steps, "edits": answers.fields(fields_of(model, mine))})

    @described(lambda view: ref(view.model.__name__), takes=step_schema)
    def perform(self, request: Request, *, transition: str = "", **names: Any) -> Response:
        """Take a transition, all of it or nothing."""
        name = self.transition.name if self.transition else transition
        data, version, reason = self.given("version", "reason")
        done = services.perform(
            self.meant(), name, actor=self.actor, data=data, reason=reason, version=version
        )
        return Response(details(done, request))

    @described(page_schema(ref("Event")), query=pages.PARAMETERS, refusals=(400,))
    def events(self, request: Request, **names: Any) -> Response:
        """Tell its history, the oldest first; events that are only about a ticket you may not see are left out."""
        pages.parameters(request, pages.PARAMETERS)
        obj = self.found()
        page = pages.page_of(request, obj.history_for(self.reader).select_related("actor"))
        told = in_words(obj, page.rows, self.reader)
        return Response({"results": [answers.event(entry) for entry in told], "next": page.next})

    def given(self, *besides: str) -> tuple[dict[str, Any], int | None, str]:
        """Return the body of the request: its fields, the version that was read, the reason."""
        body = dict(as_object(self.request.data))
        typed(body, {**declared_fields(self.model_here()), **{name: BESIDES[name] for name in besides}})
        taken = {name: body.pop(name, None) for name in besides}
        version = taken.get("version")
        return body, None if version is None else int(version), taken.get("reason") or ""


def _states(model: type[Stateful]) -> Schema:
    known = ", ".join(model.workflow.State.values)
    return {"type": "string", "description": f"Some of {known}, with commas."}


def _known_states(model: type[Stateful], text: str) -> list[str]:
    words = [word for word in text.split(",") if word]
    known = model.workflow.State.values
    if wrong := [word for word in words if word not in known]:
        sentence = f"knows {', '.join(known)}, not {', '.join(wrong)}"
        raise BadQuery(f"“state” {sentence}.", fields={"state": [f"It {sentence}."]})
    return words
