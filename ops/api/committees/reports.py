"""Reports beside the records themselves: their items, their outline, the votes, the tracker."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, path, reverse
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import converters, pages  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.openapi import described, page_schema
from ops.api.schemas import MOMENT_OR_NULL, NUMBER, NUMBER_OR_NULL, TEXT, TEXT_OR_NULL, Schema
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.api.viewsets.stateful import VERSION
from ops.committees.models import Item, Vote, Work
from ops.committees.models import Response as Answer
from ops.committees.reports.forms import ItemForm
from ops.committees.reports.outline import Place, add_item, arrange, change_item, remove_item
from ops.committees.reports.selectors import item_named, report_named
from ops.committees.reports.tracker import ALLOWED, FILTERS, Tracker, parsed
from ops.committees.reports.voting import cast_vote
from ops.tickets.forms import cleaned
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import RowsField

KEY: Schema = {"type": "string", "description": "The key of the report, such as UC-3."}
ITEM_FIELDS: Fields = dict(ItemForm.base_fields)
BELOW: Fields = {
    "parent": forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="The number of the item above it."
    )
}
ORDER: Fields = {
    "items": RowsField(help_text="Every item as `{id, depth}`, in the order that it shall have.")
}
VOTE: Fields = {
    "choice": forms.ChoiceField(choices=Vote.Choice.choices, help_text="A second vote replaces the first.")
}
STATE: Schema = {"type": ["string", "null"]}
TOLD: Schema = {
    "type": "object",
    "properties": {
        "id": NUMBER,
        "version": {**NUMBER, "description": "Give it back with a change; somebody else's is then not lost."},
        "about": {**TEXT, "description": "How comments on the report name it."},
        "report": {**TEXT, "description": "The key of its report."},
        "number": {**TEXT, "description": "As in the report: 2.1."},
        "parent": NUMBER_OR_NULL,
        "kind": {**TEXT, "enum": Item.Kind.values},
        "title": TEXT,
        "text": TEXT,
        "area": TEXT,
        "raised_by": TEXT,
        "external_key": {**TEXT, "description": "What the list of a review calls it."},
        "response": {
            **NUMBER_OR_NULL,
            "description": "The number of its response, once the report was delivered.",
        },
        "response_state": {**STATE, "enum": [*(state.value for state in Answer.State), None]},
        "work": {**NUMBER_OR_NULL, "description": "The number of the work on it."},
        "work_state": {**STATE, "enum": [*(state.value for state in Work.State), None]},
        "due_at": MOMENT_OR_NULL,
        "assignee": TEXT_OR_NULL,
        "url": {**TEXT, "format": "uri"},
    },
}
TOLD["required"] = list(TOLD["properties"])
QUERY: dict[str, Schema] = {
    **pages.PARAMETERS,
    **{
        name: {"type": "string", "enum": list(ALLOWED[name])} if name in ALLOWED else {"type": "string"}
        for name in FILTERS
    },
}


class Items(Door):
    """The items of a report."""

    path_parameters = {"key": KEY, "number": {"type": "integer", "description": "The number of the row."}}

    @described(page_schema(TOLD), query=pages.PARAMETERS, refusals=(400,))
    def list(self, request: Request, **names: Any) -> Response:
        """List the items of a report that you may see, in the order in which they were written."""
        pages.parameters(request, pages.PARAMETERS)
        report = report_named(self.kwargs["key"], self.reader)
        page = pages.page_of(request, _joined(Item.objects.filter(report=report.pk)))
        return Response({"results": [_told(item, request) for item in page.rows], "next": page.next})

    @described(TOLD, status=201, takes=object_of({**ITEM_FIELDS, **BELOW}, ["text"]), refusals=(403, 409))
    def add(self, request: Request, **names: Any) -> Response:
        """Add an item at the end of a report that is being written, or of those below another."""
        report = report_named(self.kwargs["key"], self.reader)
        data = _given(request, {**ITEM_FIELDS, **BELOW})
        parent = self._item(data.pop("parent")) if data.get("parent") else None
        item = add_item(report, actor=self.actor, data=data, parent=parent)
        return Response(self._as_it_is(item), status=201)

    @described(TOLD)
    def retrieve(self, request: Request, **names: Any) -> Response:
        """Read one item."""
        return Response(self._as_it_is(self._item(self.kwargs["number"])))

    @described(TOLD, takes=object_of({**ITEM_FIELDS, "version": VERSION}), refusals=(403, 409))
    def change(self, request: Request, **names: Any) -> Response:
        """Change an item while the report is being written; what is left out stays as it is."""
        data = _given(request, {**ITEM_FIELDS, "version": VERSION})
        version = data.pop("version", None)
        item = self._item(self.kwargs["number"])
        done = change_item(item, actor=self.actor, data=data, version=int(version) if version else None)
        return Response(self._as_it_is(done))

    @described(None, status=204, refusals=(403, 409))
    def remove(self, request: Request, **names: Any) -> Response:
        """Take an item, with what lies below it, out of a report that is being written."""
        remove_item(self._item(self.kwargs["number"]), actor=self.actor)
        return Response(status=204)

    @described(page_schema(TOLD), takes=object_of(ORDER, ["items"]), refusals=(403, 409))
    def arrange(self, request: Request, **names: Any) -> Response:
        """Put the items of a report that is being written into another order: all of them, each with its depth."""
        report = report_named(self.kwargs["key"], self.reader)
        places = _places(read(request.data, ORDER).get("items", []))
        arrange(report, actor=self.actor, places=places)
        rows = _related(Item.objects.filter(report=report.pk)).order_by("position", "pk")
        return Response({"results": [_told(item, request) for item in rows], "next": None})

    def _item(self, number: Any) -> Item:
        report = report_named(self.kwargs["key"], self.reader)
        return item_named(int(number), self.reader, report=report)

    def _as_it_is(self, item: Item) -> dict[str, Any]:
        return _told(_related(Item.objects.filter(pk=item.pk)).get(), self.request)


class Votes(Door):
    """The votes on a report."""

    path_parameters = {"key": KEY}

    @described(object_of(VOTE, ["choice"]), takes=object_of(VOTE, ["choice"]), refusals=(403, 409))
    def cast(self, request: Request, **names: Any) -> Response:
        """Vote on a report that is being written; it counts for the words as they stand now."""
        report = report_named(self.kwargs["key"], self.reader)
        choice = cleaned(_form(VOTE, _given(request, VOTE)))["choice"]
        return Response({"choice": cast_vote(report, actor=self.actor, choice=choice).choice})


class Recommendations(Door):
    """The tracker."""

    @described(page_schema(TOLD), query=QUERY, refusals=(400,))
    def list(self, request: Request, **names: Any) -> Response:
        """List every item that asks for something, of the reports that you may see; filtered as on the page."""
        given = pages.parameters(request, QUERY)
        query = parsed({name: value for name, value in given.items() if name in FILTERS})
        page = pages.page_of(request, _joined(Tracker(query, self.reader).wanted))
        return Response({"results": [_told(item, request) for item in page.rows], "next": page.next})


def _given(request: Request, fields: Fields) -> dict[str, Any]:
    """What was sent, as a form takes it: null is nothing."""
    return {name: "" if value is None else value for name, value in read(request.data, fields).items()}


def _form(fields: Fields, data: dict[str, Any]) -> forms.Form:
    made: type[forms.Form] = type("Given", (forms.Form,), dict(fields))
    return made(data)


def _places(rows: list[Any]) -> list[Place]:
    """Read an order. Raises `InvalidInput` for what is none."""
    places = [_place(row) for row in rows]
    if None in places:
        sentence = "List every item as {“id”: 12, “depth”: 0}; what lies below another is one deeper."
        raise InvalidInput("Please correct items.", fields={"items": [sentence]})
    return [place for place in places if place is not None]


def _place(row: Any) -> Place | None:
    if not isinstance(row, dict) or not set(row) <= {"id", "depth"}:
        return None
    pk, depth = row.get("id"), row.get("depth", 0)
    return Place(pk, depth) if type(pk) is int and type(depth) is int else None


def _related(rows: Any) -> Any:
    return rows.select_related("report", "response", "work__assignee")


def _joined(rows: Any) -> Any:
    return _related(rows).order_by("pk")


def _told(item: Item, request: Request) -> dict[str, Any]:
    response, work = getattr(item, "response", None), getattr(item, "work", None)
    return {
        "id": item.pk,
        "version": item.version,
        "about": item.part_name,
        "report": item.report.key,
        "number": item.number,
        "parent": item.parent_id,
        "kind": item.kind,
        "title": item.title,
        "text": item.text,
        "area": item.area,
        "raised_by": item.raised_by,
        "external_key": item.external_key,
        "response": response and response.pk,
        "response_state": response and response.state,
        "work": work and work.pk,
        "work_state": work and work.state,
        "due_at": moment_text(work.due_at) if work else None,
        "assignee": work.assignee.username if work and work.assignee else None,
        "url": request.build_absolute_uri(reverse("report-item", args=[item.pk])),
    }


urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "reports/<slug:key>/items/",
        Items.as_view({"get": "list", "post": "add"}, basename="report"),
        name="report-items",
    ),
    path(
        "reports/<slug:key>/items/<api_number:number>/",
        Items.as_view({"get": "retrieve", "patch": "change", "delete": "remove"}, basename="report"),
        name="report-item",
    ),
    path(
        "reports/<slug:key>/outline/",
        Items.as_view({"post": "arrange"}, basename="report"),
        name="report-outline",
    ),
    path("reports/<slug:key>/votes/", Votes.as_view({"post": "cast"}, basename="report"), name="report-vote"),
    path(
        "recommendations/",
        Recommendations.as_view({"get": "list"}, basename="recommendation"),
        name="recommendations",
    ),
]
