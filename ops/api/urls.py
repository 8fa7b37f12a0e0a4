"""Addresses of the API, made from the registry: one group for every kind, and one for all tickets together.

The groups are flat: every address names its whole way, and a ticket that is not there is looked up like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, include, path, re_path

from ops.api import acceptance, allocations, committees, documents
from ops.api.columns import columns_of
from ops.api.parsers import UploadParser
from ops.api.records import prefix_of
from ops.api.viewsets.index import Index, Nowhere
from ops.api.viewsets.stateful import StatefulViewSet, declared_fields
from ops.api.viewsets.tickets import AllTicketsViewSet, TicketViewSet
from ops.tickets.models import Ticket
from ops.workflow import registry
from ops.workflow.models import Stateful


@dataclass(frozen=True)
class Route:
    """One address below a record: what follows its name, and which action answers which method."""

    rest: str
    name: str
    actions: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)


OF_ALL = Route("", "all", {"get": "list", "post": "create"})
OF_ONE = (
    Route("", "one", {"get": "retrieve", "patch": "partial_update"}),
    Route("transitions/", "transitions", {"get": "transitions"}),
    Route("events/", "events", {"get": "events"}),
)
OF_A_TICKET = (
    Route("comments/", "comments", {"get": "comments", "post": "say"}),
    Route("comments/<api_number:number>/", "comment", {"get": "comment", "patch": "reword"}),
    Route("links/", "links", {"get": "links", "post": "link"}),
    Route("links/<api_number:number>/", "link", {"delete": "unlink"}),
    Route("watchers/", "watchers", {"get": "watchers", "post": "watch"}),
    Route("watchers/<api_name:who>/", "watcher", {"delete": "unwatch"}),
    Route(
        "attachments/",
        "attachments",
        {"get": "attachments", "post": "attach"},
        {"parser_classes": [UploadParser]},
    ),
    Route("attachments/<api_number:number>/", "attachment", {"get": "download"}),
    Route("invitations/", "invitations", {"get": "invitations", "post": "invite"}),
    Route("invitations/<api_name:person>/", "invitation", {"delete": "uninvite"}),
)
ANY_TRANSITION = Route("transitions/<api_name:transition>/", "transition", {"post": "perform"})


def viewset_for(model: type[Stateful]) -> type[StatefulViewSet]:
    """Make the viewset of a kind."""
    base = TicketViewSet if issubclass(model, Ticket) else StatefulViewSet
    return type(f"{model.__name__}ViewSet", (base,), {"model": model, "__doc__": model.__doc__})


def addresses_of(model: type[Stateful]) -> Iterator[URLPattern]:
    """Yield the addresses of a kind, one of them for each of its transitions."""
    workflow, viewset = model.workflow, viewset_for(model)
    is_ticket = issubclass(model, Ticket)
    # Read now, so that a field that cannot be told or given in JSON stops the start and not a caller.
    columns_of(model), declared_fields(model)
    prefix = prefix_of(model)
    one = f"{prefix}/<api_key:key>/" if is_ticket else f"{prefix}/<api_number:id>/"
    yield _address(f"{prefix}/", viewset, workflow.kind, OF_ALL)
    for route in OF_ONE + (OF_A_TICKET if is_ticket else ()):
        yield _address(one, viewset, workflow.kind, route)
    for name in dict.fromkeys(step.name for step in workflow.steps()):
        step = workflow.steps_named(name)[0]
        route = Route(f"transitions/{name}/", f"transition-{name}", {"post": "perform"}, {"transition": step})
        yield _address(one, viewset, workflow.kind, route)
    # Answers what no transition is called, with the names that there are.
    yield _address(one, viewset, workflow.kind, ANY_TRANSITION, in_schema=False)


def addresses_of_all_tickets() -> Iterator[URLPattern]:
    """Yield the addresses at which tickets of every kind are found."""
    yield _address("tickets/", AllTicketsViewSet, "ticket", OF_ALL)
    for route in (*OF_ONE, *OF_A_TICKET, ANY_TRANSITION):
        yield _address("tickets/<api_key:key>/", AllTicketsViewSet, "ticket", route)


def _address(
    prefix: str, viewset: type[StatefulViewSet], kind: str, route: Route, **options: Any
) -> URLPattern:
    view = viewset.as_view(route.actions, basename=kind, **route.options, **options)
    return path(f"v1/{prefix}{route.rest}", view, name=f"{kind}-{route.name}")


app_name = "api"
urlpatterns = [
    path("schema/", documents.schema, name="schema"),
    path("docs/", documents.browser, name="docs"),
    path("v1/", Index.as_view({"get": "index"}, basename="index"), name="index"),
    *(path("v1/", include(process.urlpatterns)) for process in (allocations, committees, acceptance)),
    *addresses_of_all_tickets(),
    *(address for model in registry.models() for address in addresses_of(model)),
    re_path(r"^", Nowhere.as_view()),
]
