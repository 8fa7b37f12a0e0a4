"""What the API does with attempts that have ended: tried again, carried forward."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.carrying import carry_as_issue, carry_to_campaign
from ops.acceptance.models import Campaign, Execution
from ops.acceptance.repeating import try_again
from ops.api.acceptance.results import TOLD, told
from ops.api.openapi import described
from ops.api.schemas import NUMBER, TEXT, object_with
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.workflow.errors import InvalidInput, NotFound

NEXT: Fields = {
    "campaign": forms.CharField(
        required=False,
        max_length=24,
        help_text="A campaign that is being planned and runs the case again; left out, it becomes an issue.",
    )
}


class Attempts(Door):
    """Attempts that have ended."""

    path_parameters = {"id": NUMBER}

    def attempt(self) -> Execution:
        """Return the attempt that the address names; raises `NotFound` also where the reader may not see it."""
        rows = Execution.objects.visible_to(self.reader).select_related(*Execution.lock_related)
        found: Execution | None = rows.filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found

    @described(TOLD, status=201)
    def again(self, request: Request, **names: Any) -> Response:
        """Have a test tried again, by the same tester; while another attempt waits already, that one is told."""
        return Response(told(try_again(self.attempt(), actor=self.actor), request), status=201)

    @described(object_with(goes_on_as=TEXT), takes=object_of(NEXT, []))
    def carry(self, request: Request, **names: Any) -> Response:
        """Have what remains go on: as a case of the next campaign, or as an issue."""
        key = read(request.data, NEXT).get("campaign")
        if not key:
            return Response({"goes_on_as": carry_as_issue(self.attempt(), actor=self.actor).key})
        following = Campaign.objects.visible_to(self.reader).filter(key=key.upper()).first()
        if following is None:
            sentence = f"There is no campaign {key.upper()} that you may see."
            raise InvalidInput(sentence, fields={"campaign": [sentence]})
        return Response({"goes_on_as": carry_to_campaign(self.attempt(), following, actor=self.actor).key})


def _at(address: str, name: str, action: str) -> URLPattern:
    view = Attempts.as_view({"post": action}, basename="execution")
    return path(f"executions/<int:id>/{address}/", view, name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    _at("again", "execution-again", "again"),
    _at("carry", "execution-carry", "carry"),
]
