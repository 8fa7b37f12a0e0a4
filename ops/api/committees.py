"""What the API says of the Users Committee beside the records themselves: items, votes, the tracker, feedback."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, path, reverse
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import pages
from ops.api.columns import MOMENT_OR_NULL, TEXT, TEXT_OR_NULL, moment_text
from ops.api.openapi import described, page_schema
from ops.api.shapes import Fields, Schema, object_of, read
from ops.api.viewsets.door import Door
from ops.committees.feedback.services import give_feedback
from ops.committees.models import Item, Vote, Work
from ops.committees.models import Response as Answer
from ops.committees.reports.forms import ItemForm
from ops.committees.reports.outline import add_item
from ops.committees.reports.selectors import report_named
from ops.committees.reports.tracker import ALLOWED, FILTERS, Tracker, parsed
from ops.committees.reports.voting import cast_vote
from ops.tickets.forms import cleaned

KEY: Schema = {"type": "string", "description": "The key of the report, such as UC-3."}
ITEM_FIELDS: Fields = dict(ItemForm.base_fields)
VOTE: Fields = {
    "choice": forms.ChoiceField(choices=Vote.Choice.choices, help_text="A second vote replaces the first.")
}
FEEDBACK: Fields = {
    "text": forms.CharField(max_length=20_000, help_text="Markdown."),
    "area": forms.CharField(max_length=80, required=False),
    "is_confidential": forms.BooleanField(required=False, help_text="Nobody learns that it comes from you."),
}
NUMBER: Schema = {"type": "integer"}
NUMBER_OR_NULL: Schema = {"type": ["integer", "null"]}
STATE: Schema = {"type": ["string", "null"]}
TOLD: Schema = {
    "type": "object",
    "properties": {
        "id": NUMBER,
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

    path_parameters = {"key": KEY}

    @described(page_schema(TOLD), query=pages.PARAMETERS, refusals=(400,))
    def list(self, request: Request, **names: Any) -> Response:
        """List the items of a report that you may see, in the order in which they were written."""
        pages.parameters(request, pages.PARAMETERS)
        report = report_named(self.kwargs["key"], self.reader)
        page = pages.page_of(request, _joined(Item.objects.filter(report=report.pk)))
        return Response({"results": [_told(item, request) for item in page.rows], "next": page.next})

    @described(TOLD, status=201, takes=object_of(ITEM_FIELDS, ["text"]), refusals=(403, 409))
    def add(self, request: Request, **names: Any) -> Response:
        """Add an item at the end of a report that is being written."""
        report = report_named(self.kwargs["key"], self.reader)
        item = add_item(report, actor=self.actor, data=_given(request, ITEM_FIELDS))
        return Response(_told(_joined(Item.objects.filter(pk=item.pk)).get(), request), status=201)


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


class Feedback(Door):
    """Feedback to the committee."""

    @described(
        {"type": "object", "properties": {"id": NUMBER}, "required": ["id"]},
        status=201,
        takes=object_of(FEEDBACK, ["text"]),
    )
    def give(self, request: Request, **names: Any) -> Response:
        """Tell the committee something, in confidence where you wish."""
        given = give_feedback(actor=self.actor, data=_given(request, FEEDBACK))
        return Response({"id": given.pk}, status=201)


def _given(request: Request, fields: Fields) -> dict[str, Any]:
    """What was sent, as a form takes it: null is nothing."""
    return {name: "" if value is None else value for name, value in read(request.data, fields).items()}


def _form(fields: Fields, data: dict[str, Any]) -> forms.Form:
    made: type[forms.Form] = type("Given", (forms.Form,), dict(fields))
    return made(data)


def _joined(rows: Any) -> Any:
    return rows.select_related("report", "response", "work__assignee").order_by("pk")


def _told(item: Item, request: Request) -> dict[str, Any]:
    response, work = getattr(item, "response", None), getattr(item, "work", None)
    return {
        "id": item.pk,
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
    path("reports/<slug:key>/votes/", Votes.as_view({"post": "cast"}, basename="report"), name="report-vote"),
    path(
        "recommendations/",
        Recommendations.as_view({"get": "list"}, basename="recommendation"),
        name="recommendations",
    ),
    path("feedback/give/", Feedback.as_view({"post": "give"}, basename="feedback"), name="give-feedback"),
]
