"""Feedback to the committee: given, named, attached, taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import converters  # noqa: F401  # the places in the addresses below
from ops.api.openapi import described
from ops.api.schemas import Schema
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.committees.feedback.services import (
    agree_to_be_named,
    attach_feedback,
    detach_feedback,
    give_feedback,
    withdraw_feedback,
)
from ops.committees.models import Feedback, FeedbackUse
from ops.committees.reports.selectors import item_named
from ops.workflow.errors import NotFound

GIVEN: Fields = {
    "text": forms.CharField(max_length=20_000, help_text="Markdown."),
    "area": forms.CharField(max_length=80, required=False),
    "is_confidential": forms.BooleanField(required=False, help_text="Nobody learns that it comes from you."),
}
NAMED: Fields = {"agree": forms.BooleanField(help_text="Whether the committee may read your name.")}
ATTACHED: Fields = {"item": forms.IntegerField(min_value=1, max_value=2**63 - 1)}
MADE: Schema = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


class FeedbackDoor(Door):
    """What users tell the committee."""

    def found(self) -> Feedback:
        """Return the feedback that the address names, as the reader sees it; raises `NotFound`."""
        found: Feedback | None = Feedback.objects.visible_to(self.reader).filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found

    @described(MADE, status=201, takes=object_of(GIVEN, ["text"]))
    def give(self, request: Request, **names: Any) -> Response:
        """Tell the committee something, in confidence where you wish."""
        given = give_feedback(actor=self.actor, data=read(request.data, GIVEN))
        return Response({"id": given.pk}, status=201)

    @described(object_of(NAMED, ["agree"]), takes=object_of(NAMED, ["agree"]), refusals=(403, 409))
    def be_named(self, request: Request, **names: Any) -> Response:
        """Agree that the committee reads your name, or take that back; only you can, whenever you like."""
        agrees = bool(read(request.data, NAMED).get("agree"))
        agree_to_be_named(self.found(), agrees=agrees, actor=self.actor)
        return Response({"agree": agrees})

    @described(None, status=204, refusals=(403, 409))
    def withdraw(self, request: Request, **names: Any) -> Response:
        """Take back what you gave; the committee reads it no longer."""
        withdraw_feedback(self.found(), actor=self.actor)
        return Response(status=204)

    @described(
        object_of(ATTACHED, ["item"]), status=201, takes=object_of(ATTACHED, ["item"]), refusals=(403,)
    )
    def attach(self, request: Request, **names: Any) -> Response:
        """Say that an item of a report rests on it; whoever gave it hears what becomes of the item."""
        item = item_named(read(request.data, ATTACHED).get("item") or 0, self.reader)
        attach_feedback(self.found(), item, actor=self.actor)
        return Response({"item": item.pk}, status=201)

    @described(None, status=204, refusals=(403,))
    def detach(self, request: Request, **names: Any) -> Response:
        """Say that an item rests on it no longer."""
        use = FeedbackUse.objects.filter(feedback=self.found(), item=self.kwargs["number"]).first()
        if use is None:
            raise NotFound
        detach_feedback(use, actor=self.actor)
        return Response(status=204)


def _address(rest: str, name: str, **actions: Any) -> URLPattern:
    return path(f"feedback/{rest}", FeedbackDoor.as_view(actions, basename="feedback"), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    _address("give/", "give-feedback", post="give"),
    _address("<api_number:id>/name/", "name-feedback", post="be_named"),
    _address("<api_number:id>/withdraw/", "withdraw-feedback", post="withdraw"),
    _address("<api_number:id>/items/", "feedback-items", post="attach"),
    _address("<api_number:id>/items/<api_number:number>/", "feedback-item", delete="detach"),
]
