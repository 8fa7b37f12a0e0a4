"""Tickets: each kind at an address of its own, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from ops.api import pages
from ops.api.columns import long_columns
from ops.api.openapi import described, page_schema, ref
from ops.api.records import kinds_of_tickets, summaries
from ops.api.schemas import Schema
from ops.api.shapes import as_object, object_of
from ops.api.viewsets.beside import BesideTheTicket
from ops.api.viewsets.stateful import BESIDES, StatefulViewSet
from ops.tickets import queue
from ops.tickets.models import Ticket
from ops.workflow.errors import InvalidInput, NotFound
from ops.workflow.models import Stateful

TOTALS: dict[str, Schema] = {
    "previous": {"type": ["string", "null"], "format": "uri"},
    "total": {"type": "integer", "description": "How many there are; beyond a thousand, about how many."},
    "total_is_exact": {"type": "boolean"},
}


def list_parameters() -> dict[str, Schema]:
    """Describe the filters, the order and the pages of a list of tickets."""
    text: Schema = {"type": "string"}
    return {
        "search": {**text, "maxLength": 300, "description": "Full text: words, “a phrase”, or, -not."},
        **dict.fromkeys(queue.FILTERS, text),
        "sort": {**text, "enum": list(queue.SORTS), "default": queue.DEFAULT_SORT},
        **pages.PARAMETERS,
    }


class TicketViewSet(BesideTheTicket, StatefulViewSet):
    """Tickets of one kind."""

    path_parameters: ClassVar[Mapping[str, Schema]] = BesideTheTicket.path_parameters

    def named(self) -> dict[str, Any]:
        """Return the key of the ticket."""
        return {"key": self.kwargs["key"].upper()}

    def tickets(self) -> QuerySet[Ticket]:
        """Return the tickets of this kind."""
        return Ticket.objects.filter(kind=self.model.workflow.kind)

    @described(
        lambda view: page_schema(ref(f"{view.model.__name__}Summary"), **TOTALS),
        query=lambda _: list_parameters(),
        refusals=(400,),
    )
    def list(self, request: Request) -> Response:
        """List what you may see, without the long texts; every filter takes what the page of the queue takes."""
        given = {name: ",".join(values) for name, values in request.query_params.lists()}
        query = queue.parsed(given, self.reader)
        manager: Any = self.model._default_manager
        rows = manager.defer(*long_columns(self.model))
        page = queue.page_of(query, rows, self.reader)
        return Response(
            {
                "results": summaries(self.model, page.rows, request),
                "next": _page_at(request, page.next_cursor),
                "previous": _page_at(request, page.previous_cursor),
                "total": page.total,
                "total_is_exact": page.total_is_exact,
            }
        )


class AllTicketsViewSet(TicketViewSet):
    """Tickets of every kind; each reads as its own kind does."""

    model = Ticket

    def model_here(self) -> type[Stateful]:
        """Return the kind that the key belongs to."""
        prefix = self.kwargs["key"].upper().partition("-")[0]
        for model in kinds_of_tickets():
            if model.workflow.prefix == prefix:
                return model
        raise NotFound

    def tickets(self) -> QuerySet[Ticket]:
        """Return tickets of every kind."""
        return Ticket.objects.all()

    @described(ref("Ticket"), status=201, takes=ref("TicketCreation"))
    def create(self, request: Request) -> Response:
        """Make one of the kind that is named as `kind`."""
        body = dict(as_object(request.data))
        models = {model.workflow.kind: model for model in kinds_of_tickets()}
        kind = body.pop("kind", None)
        if not isinstance(kind, str) or kind not in models:
            raise InvalidInput("Please correct kind.", fields={"kind": [f"Give one of {', '.join(models)}."]})
        return self.made(models[kind], body)

    @described(ref("Ticket"), takes=ref("TicketEdit"))
    def partial_update(self, request: Request, **names: Any) -> Response:
        """Change some fields."""
        return super().partial_update(request, **names)

    @described(ref("Ticket"), takes={**object_of(BESIDES), "additionalProperties": True})
    def perform(self, request: Request, *, transition: str = "", **names: Any) -> Response:
        """Take a transition, all of it or nothing; the addresses of a kind say what each is given."""
        return super().perform(request, transition=transition, **names)


def _page_at(request: Request, cursor: str | None) -> str | None:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None
