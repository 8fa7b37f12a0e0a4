"""What a request says, each time it was sent and now; requests as the committee reads them; scores of a review."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request as Asked
from rest_framework.response import Response

from ops.allocations.content import content_of
from ops.allocations.models import Call, Request, Review
from ops.allocations.rules import is_rac_member
from ops.allocations.sight import Sight, all_as_committee_sees, before_the_committee
from ops.api import converters  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.openapi import described
from ops.api.schemas import MOMENT, TEXT, TEXTS, Schema, list_of
from ops.api.viewsets.door import Door
from ops.workflow.errors import NotAllowed, NotFound

_OBJECT: Schema = {"type": "object"}
_AMOUNT: Schema = {
    "type": "object",
    "properties": {
        "resource": TEXT,
        "name": TEXT,
        "unit": TEXT,
        "asked": {
            **TEXTS,
            "description": "One amount for each quarter, as text, so that nothing is rounded.",
        },
        "minimum": {**TEXTS, "description": "The least that is of use, for each quarter."},
        "justification": TEXT,
    },
}
CONTENT: Schema = {
    "type": "object",
    "properties": {
        "call": TEXT,
        "title": TEXT,
        "purpose": TEXT,
        "abstract": TEXT,
        "methods": TEXT,
        "is_thesis": {"type": "boolean"},
        "keywords": TEXTS,
        "people": {"type": "array", "items": _OBJECT, "description": "Absent where the call hides who asks."},
        "quarters": TEXTS,
        "amounts": list_of(_AMOUNT),
        "answers": list_of(_OBJECT),
        "files": list_of(_OBJECT),
    },
}
_MISSING: Schema = {
    "type": "array",
    "items": {"type": "object", "properties": {"section": TEXT, "field": TEXT, "words": TEXT}},
    "description": "What is still missing before it can be sent.",
}
_VERSION: Schema = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "taken_at": MOMENT, "digest": TEXT, "content": CONTENT},
}
_SIGHT: Schema = {
    "type": "object",
    "properties": {
        "key": TEXT,
        "title": TEXT,
        "is_recused": {
            "type": "boolean",
            "description": "You have a conflict: the title is all you are told.",
        },
        "version": {"type": ["integer", "null"]},
        "content": {**CONTENT, "type": ["object", "null"]},
        "verdict": {"type": ["string", "null"]},
        "note_to_committee": {"type": ["string", "null"]},
    },
}


class Contents(Door):
    """What requests say."""

    def _request(self, key: str) -> Request:
        rows = Request.objects.visible_to(self.reader).filter(key=key.upper())
        found: Request | None = rows.select_related("call", "reporter", "earlier").first()
        if found is None:
            raise NotFound
        return found

    @described({"type": "object", "properties": {"content": CONTENT, "missing": _MISSING}})
    def now(self, request: Asked, key: str) -> Response:
        """Tell what a request says now, and what it lacks before it can be sent."""
        found = self._request(key)
        missing = [
            {"section": each.section, "field": each.field, "words": each.words} for each in found.missing
        ]
        return Response({"content": content_of(found), "missing": missing})

    @described(list_of(_VERSION))
    def versions(self, request: Asked, key: str) -> Response:
        """Tell how a request stood each time it was sent, oldest first."""
        rows = self._request(key).snapshots.order_by("number")
        return Response(
            [
                {
                    "number": row.number,
                    "taken_at": moment_text(row.taken_at),
                    "digest": row.digest,
                    "content": row.content,
                }
                for row in rows
            ]
        )

    @described(list_of(_SIGHT), refusals=(403,))
    def before_the_committee(self, request: Asked, id: int) -> Response:  # noqa: A002  # the name of the place
        """List the requests of a call as you may read them in the committee."""
        call = Call.objects.visible_to(self.reader).filter(pk=id).first()
        if call is None:
            raise NotFound
        if not is_rac_member(self.reader):
            raise NotAllowed("Only a member of the RAC may read the requests of a call.")
        requests = before_the_committee(call).select_related("call")
        return Response([_as_json(sight) for sight in all_as_committee_sees(requests, self.actor)])

    @described({"type": "object", "additionalProperties": {"type": "integer"}})
    def scores(self, request: Asked, id: int) -> Response:  # noqa: A002  # the name of the place
        """Tell the scores of a review, by criterion."""
        review = Review.objects.visible_to(self.reader).filter(pk=id).first()
        if review is None:
            raise NotFound
        return Response({row.criterion.slug: row.value for row in review.scores.select_related("criterion")})


def _as_json(sight: Sight) -> dict[str, Any]:
    assessment = sight.assessment
    content = None if sight.is_title_only else {**sight.content, "files": sight.files}
    return {
        "key": sight.key,
        "title": sight.title,
        "is_recused": sight.is_title_only,
        "version": None if sight.is_title_only else sight.version,
        "content": content,
        "verdict": assessment.verdict if assessment else None,
        "note_to_committee": assessment.note_to_committee if assessment else None,
    }


def _address(route: str, action: str, name: str) -> Any:
    return path(route, Contents.as_view({"get": action}, basename=name), name=name)


urlpatterns = [
    _address("requests/<api_key:key>/content/", "now", "request-content"),
    _address("requests/<api_key:key>/versions/", "versions", "request-versions"),
    _address("calls/<api_number:id>/requests/", "before_the_committee", "call-requests"),
    _address("reviews/<api_number:id>/scores/", "scores", "review-scores"),
]
