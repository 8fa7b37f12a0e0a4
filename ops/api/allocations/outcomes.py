"""What the committee recommends and what is decided, and the line it comes from, for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import path
from rest_framework.request import Request as Asked
from rest_framework.response import Response

from ops.allocations.adjusting import adjust
from ops.allocations.decisions import current, decide, recommend_outcome
from ops.allocations.given import asked_of, read_amounts, reduced_to
from ops.allocations.lines import latest_line, why_stale
from ops.allocations.models import Call, Outcome, Place, Request
from ops.allocations.models.decisions import Grade, Stage
from ops.allocations.models.line import PERCENT
from ops.allocations.rules import is_chair_for_it, is_decider_for_it, is_rac_chair
from ops.allocations.sight import barred_from
from ops.api import converters  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.openapi import described
from ops.api.schemas import MOMENT, NUMBER, TEXT, TEXTS, Schema, list_of
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.workflow.errors import InvalidInput, NotAllowed, NotFound
from ops.workflow.forms import RowsField
from ops.workflow.words import who_may

may_read = is_chair_for_it | is_decider_for_it
_AMOUNTS = "A list of resource (its slug), quarter and amount; for a reduced award, instead of a share."
_GIVEN: Fields = {
    "share": forms.IntegerField(
        required=False, min_value=0, max_value=PERCENT, help_text="Percent of everything that is asked for."
    ),
    "amounts": RowsField(required=False, help_text=_AMOUNTS),
    "reason": forms.CharField(required=False, max_length=10_000),
    "expected": forms.IntegerField(
        required=False,
        help_text="What you have read: the `number` of the outcome (0: none), at the line `given`.",
    ),
}
OUTCOME: Fields = {
    "grade": forms.ChoiceField(choices=Grade.choices),
    "comment": forms.CharField(required=False, max_length=10_000, help_text="Stands in the letter."),
    **_GIVEN,
}
ADJUSTMENT: Fields = {"request": forms.CharField(max_length=30), **_GIVEN}
_TABLE: Schema = {
    "type": "array",
    "items": {"type": "object", "properties": {"resource": TEXT, "quarter": NUMBER, "amount": TEXT}},
}
_TOLD: Schema = {
    "type": ["object", "null"],
    "properties": {
        "number": NUMBER, "grade": TEXT, "amounts": _TABLE, "comment": TEXT, "reason": TEXT, "made_by": TEXT,
        "made_at": MOMENT,
    },
}  # fmt: skip
_PLACE: Schema = {
    "type": "object",
    "properties": {
        "number": NUMBER, "key": TEXT, "title": TEXT, "ranked": NUMBER, "optimal": NUMBER, "band": TEXT,
        "given": NUMBER, "amounts": {**_TABLE, "description": "Where the committee has set each amount."},
        "reasons": TEXTS,
    },
}  # fmt: skip
_LINE: Schema = {
    "type": "object",
    "properties": {"made_at": MOMENT, "out_of_date": TEXT, "places": list_of(_PLACE)},
}


class Outcomes(Door):
    """What is recommended and decided on one request."""

    def _request(self, key: str) -> Request:
        rows = (
            Request.objects.visible_to(self.reader).filter(key=key.upper()).select_related("call", "reporter")
        )
        found: Request | None = rows.first()
        if found is None:
            raise NotFound
        return found

    @described({"type": "object", "properties": {"recommended": _TOLD, "decided": _TOLD}}, refusals=(403,))
    def now(self, request: Asked, key: str) -> Response:
        """Tell what stands there now, to the chair and to whoever decides."""
        found = self._request(key)
        if not may_read.test(self.actor, found):
            raise NotAllowed(f"Only {who_may(may_read)} may read what is recommended and decided.")
        return Response({stage.value: _outcome(current(found, stage)) for stage in Stage})

    @described(_TOLD, status=201, takes=object_of(OUTCOME, ["grade"]))
    def recommend(self, request: Asked, key: str) -> Response:
        """Write down what the committee recommends."""
        return self._write(recommend_outcome, request, key)

    @described(_TOLD, status=201, takes=object_of(OUTCOME, ["grade"]))
    def decide(self, request: Asked, key: str) -> Response:
        """Decide; another decision than was recommended needs a reason."""
        return self._write(decide, request, key)

    def _write(self, service: Callable[..., Outcome], request: Asked, key: str) -> Response:
        found, given = self._request(key), read(request.data, OUTCOME)
        amounts = _amounts(found, given)
        words = {name: given.get(name, "") for name in ("grade", "comment", "reason")}
        made = service(found, actor=self.actor, amounts=amounts, expected=given.get("expected"), **words)
        return Response(_outcome(made), status=201)


class TheLine(Door):
    """The line of a call, for the chair."""

    def _places(self, id: int) -> Any:  # noqa: A002  # the name of the place in the address
        call = Call.objects.visible_to(self.reader).filter(pk=id).first()
        if call is None:
            raise NotFound
        if not is_rac_chair(self.actor):
            raise NotAllowed(f"Only {who_may(is_rac_chair)} may adjust the line.")
        line = latest_line(call)
        if line is None:
            raise NotFound("No line is drawn yet.")
        return line, line.places.exclude(request__in=barred_from(call, self.actor)).select_related("request")

    @described(_LINE, refusals=(403,))
    def now(self, request: Asked, id: int) -> Response:  # noqa: A002
        """Tell the line as it was drawn and what the committee gives; nothing of requests with a conflict."""
        line, places = self._places(id)
        rows = places.prefetch_related("adjustments", "request__amounts__offer__resource")
        told = [_place(number, place) for number, place in enumerate(rows, 1)]
        return Response(
            {"made_at": moment_text(line.made_at), "out_of_date": why_stale(line), "places": told}
        )

    @described(_PLACE, status=201, takes=object_of(ADJUSTMENT, ["request", "reason"]))
    def adjust(self, request: Asked, id: int) -> Response:  # noqa: A002
        """Give a request something else than the line does: a share of everything, or each amount."""
        given = read(request.data, ADJUSTMENT)
        line, places = self._places(id)
        place = places.filter(request__key=str(given.get("request", "")).upper()).first()
        if place is None:
            sentence = "No such request stands at this line."
            raise InvalidInput(sentence, fields={"request": [sentence]})
        place.line, place.request.call = line, line.call
        expected, amounts = given.get("expected"), given.get("amounts")
        if amounts is None and given.get("share") is None:
            raise InvalidInput("Give a share or amounts.", fields={"share": ["Give this, or amounts."]})
        adjust(
            place,
            percent=given.get("share"),
            amounts=None if amounts is None else read_amounts(place.request, amounts),
            reason=given.get("reason", ""),
            expected=place.given if expected is None else expected,
            actor=self.actor,
        )
        return Response(_place(0, places.get(pk=place.pk)), status=201)


def _amounts(request: Request, given: dict[str, Any]) -> Any:
    if given.get("amounts") is not None:
        return read_amounts(request, given["amounts"])
    share = given.get("share")
    return None if share is None else reduced_to(request, share)


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    rows = outcome.amounts.select_related("offer__resource").order_by("offer__resource__slug", "quarter")
    return {
        "number": outcome.pk,
        "grade": outcome.grade,
        "amounts": [_amount(row.offer.resource.slug, row.quarter, row.amount) for row in rows],
        "comment": outcome.comment,
        "reason": outcome.reason,
        "made_by": outcome.made_by.username,
        "made_at": moment_text(outcome.made_at),
    }


def _amount(slug: str, quarter: int, amount: Any) -> dict[str, Any]:
    return {"resource": slug, "quarter": quarter, "amount": f"{amount.normalize():f}"}


def _place(number: int, place: Place) -> dict[str, Any]:
    slugs = {row.offer_id: row.offer.resource.slug for row in place.request.amounts.all()}
    asked = asked_of(place.request)
    table = {where: amount for where, amount in place.table.items() if where in asked}
    return {
        "number": number or None,
        "key": place.request.key,
        "title": place.request.title,
        "ranked": place.ranked,
        "optimal": place.optimal,
        "band": place.band,
        "given": place.given,
        "amounts": [_amount(slugs[offer], quarter, amount) for (offer, quarter), amount in table.items()],
        "reasons": [each.reason for each in place.adjustments.all()],
    }


def _address(route: str, door: type[Door], method: str, action: str, name: str) -> Any:
    return path(route, door.as_view({method: action}, basename=name), name=name)


urlpatterns = [
    _address("requests/<api_key:key>/outcome/", Outcomes, "get", "now", "request-outcome"),
    _address("requests/<api_key:key>/recommendation/", Outcomes, "post", "recommend", "recommend"),
    _address("requests/<api_key:key>/decision/", Outcomes, "post", "decide", "decide"),
    _address("calls/<api_number:id>/line/", TheLine, "get", "now", "call-line"),
    _address("calls/<api_number:id>/line/adjustments/", TheLine, "post", "adjust", "adjust-line"),
]
