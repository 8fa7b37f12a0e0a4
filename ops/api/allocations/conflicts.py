"""Conflicts of interest for programs: read, declared, taken back, waived; the same rules as on the pages."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.request import Request as Asked
from rest_framework.response import Response

from ops.allocations.conflicts import DeclarationForm as Declaration
from ops.allocations.conflicts import (
    WaiverForm,
    conflict_before,
    conflicts_seen_by,
    declare_conflict,
    request_to_judge,
    take_back_declaration,
    waive_conflict,
)
from ops.allocations.models import Call, Conflict
from ops.api import converters  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.openapi import described
from ops.api.schemas import MOMENT, TEXT, Schema, list_of
from ops.api.shapes import object_of, read
from ops.api.viewsets.door import Door
from ops.workflow.errors import NotFound

CONFLICT: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "request": TEXT,
        "person": TEXT,
        "kind": TEXT,
        "severity": TEXT,
        "evidence": {
            "type": ["string", "null"],
            "description": "Null for what the desk has found about yourself: it might say who asks.",
        },
        "is_open": {"type": "boolean", "description": "Whether it bars the person now."},
        "can_be_waived": {"type": "boolean"},
        "waiver": TEXT,
        "found_at": MOMENT,
    },
}


class Conflicts(Door):
    """Who must not judge what."""

    @described(list_of(CONFLICT), refusals=(403,))
    def of_call(self, request: Asked, id: int) -> Response:  # noqa: A002  # the name of the place
        """List the conflicts of a call: your own, for a chair those with every request that they chair."""
        call = Call.objects.visible_to(self.reader).filter(pk=id).first()
        if call is None:
            raise NotFound
        return Response([self._told(conflict) for conflict in conflicts_seen_by(call, self.actor)])

    @described(CONFLICT, status=201, takes=object_of(Declaration.base_fields, ["evidence"]))
    def declare(self, request: Asked, key: str) -> Response:
        """Say that you must not judge a request; from then on you see its title alone."""
        asked = request_to_judge(self.actor, key)
        evidence = read(request.data, Declaration.base_fields).get("evidence", "")
        made = declare_conflict(asked, actor=self.actor, evidence=evidence)
        return Response(self._told(made), status=201)

    @described(CONFLICT)
    def take_back(self, request: Asked, id: int) -> Response:  # noqa: A002
        """Take back what you have declared yourself."""
        return Response(self._told(take_back_declaration(conflict_before(self.actor, id), actor=self.actor)))

    @described(CONFLICT, takes=object_of(WaiverForm.base_fields, ["reason"]))
    def waive(self, request: Asked, id: int) -> Response:  # noqa: A002
        """Let somebody judge in spite of a conflict, for a reason that stays with it."""
        found = conflict_before(self.actor, id)
        reason = read(request.data, WaiverForm.base_fields).get("reason", "")
        return Response(self._told(waive_conflict(found, actor=self.actor, reason=reason)))

    def _told(self, conflict: Conflict) -> dict[str, Any]:
        is_found = conflict.person_id == self.actor.pk and conflict.kind != Conflict.Kind.DECLARED
        return {
            "id": conflict.pk,
            "request": conflict.request.key,
            "person": conflict.person.username,
            "kind": conflict.kind,
            "severity": conflict.severity,
            "evidence": None if is_found else conflict.evidence,
            "is_open": conflict.is_open,
            "can_be_waived": conflict.can_be_waived,
            "waiver": conflict.waiver,
            "found_at": moment_text(conflict.found_at),
        }


def _address(route: str, method: str, action: str, name: str) -> Any:
    return path(route, Conflicts.as_view({method: action}, basename=name), name=name)


urlpatterns = [
    _address("calls/<api_number:id>/conflicts/", "get", "of_call", "call-conflicts"),
    _address("requests/<api_key:key>/conflict/", "post", "declare", "declare-conflict"),
    _address("conflicts/<api_number:id>/take-back/", "post", "take_back", "take-back-conflict"),
    _address("conflicts/<api_number:id>/waive/", "post", "waive", "waive-conflict"),
]
