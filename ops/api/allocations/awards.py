"""Awards, their ledgers, usage, entitlements and the quota documents, for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import path
from rest_framework.parsers import BaseParser
from rest_framework.request import Request as Asked
from rest_framework.response import Response

from ops.allocations import enforcement
from ops.allocations.entitlements import Entitlement, entitlements_of, person_for
from ops.allocations.holdings import Holding, award_for, awards_visible_to, holdings
from ops.allocations.models import Award
from ops.allocations.quota.document import NotADocument, read
from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import Unreadable, read_csv, read_values
from ops.api import converters  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.errors import TooLarge
from ops.api.openapi import described
from ops.api.parsers import JsonParser
from ops.api.schemas import AMOUNT, DAY, MOMENT, NUMBER, TEXT, list_of, object_with
from ops.api.viewsets.door import Door
from ops.workflow.errors import InvalidInput, NotAllowed, NotFound
from ops.workflow.words import who_may

NEWEST_AWARDS = 500
NEWEST_LINES = 2_000


USE = {
    **object_with(source_id=TEXT, award=TEXT, resource=TEXT, amount=AMOUNT, used_on=DAY),
    "description": "Usage as it was counted; `unit` may be given and is then checked.",
}
TAKEN = object_with(
    new=NUMBER, known=NUMBER, alerts=NUMBER, bad=list_of(object_with(row=NUMBER, source_id=TEXT, reason=TEXT))
)
AWARD = object_with(
    key=TEXT, group=TEXT, state=TEXT, starts_on=DAY, ends_on=DAY, enforcement=TEXT,
    resources=list_of(object_with(resource=TEXT, unit=TEXT, given=AMOUNT, used=AMOUNT, left=AMOUNT)),
)  # fmt: skip
LINE = object_with(
    number=NUMBER, kind=TEXT, resource=TEXT, amount=AMOUNT, on=DAY, note=TEXT,
    source_id={"type": ["string", "null"]}, entered_by=TEXT, entered_at=MOMENT,
)  # fmt: skip
PART = object_with(award=TEXT, amount=AMOUNT, ends_on=DAY)
ENTITLEMENT = object_with(
    name=TEXT,
    unit=TEXT,
    basic={"type": ["string", "null"]},
    parts=list_of(PART),
    total={"type": ["string", "null"]},
)
DIFFERENCE = object_with(place=TEXT, expected={}, served={})


class CsvParser(BaseParser):
    """CSV in UTF-8, of a size that forms have."""

    media_type = "text/csv"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the text."""
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge("The body is larger than this address takes; send it in parts.")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise Unreadable(f"The body is not UTF-8: byte {problem.start + 1} is none.") from None


class UsageReports(Door):
    """Usage, as machines have counted it."""

    parser_classes = [JsonParser, CsvParser]

    @described(TAKEN, takes={"oneOf": [list_of(USE), object_with(usage=list_of(USE))]})
    def report(self, request: Asked) -> Response:
        """Enter usage, as JSON or as CSV. A row counts once, however often it is sent; bad rows are listed."""
        try:
            sent: Any = request.data
            rows = read_csv(sent) if isinstance(sent, str) else read_values(sent)
        except Unreadable as problem:
            raise InvalidInput("The report cannot be read.", fields={"usage": [str(problem)]}) from None
        return Response(take_usage(rows, actor=self.actor).as_json())


class Awards(Door):
    """Awards of the requests that you may see."""

    @described(list_of(AWARD))
    def list(self, request: Asked) -> Response:
        """List the awards, the newest first."""
        awards = list(awards_visible_to(self.actor)[:NEWEST_AWARDS])
        found = holdings(awards)
        return Response([_award(award, found.get(award.pk, [])) for award in awards])

    @described(AWARD)
    def retrieve(self, request: Asked, key: str) -> Response:
        """Tell how an award stands."""
        award = award_for(key, self.actor)
        return Response(_award(award, holdings([award]).get(award.pk, [])))

    @described(list_of(LINE))
    def ledger(self, request: Asked, key: str) -> Response:
        """Tell the lines of the ledger, the newest first."""
        rows = award_for(key, self.actor).entries.select_related("resource", "entered_by").order_by("-pk")
        return Response(
            [
                {
                    "number": row.pk,
                    "kind": row.kind,
                    "resource": row.resource.slug,
                    "amount": str(row.amount),
                    "on": row.on.isoformat(),
                    "note": row.note,
                    "source_id": row.source_id,
                    "entered_by": row.entered_by.username,
                    "entered_at": moment_text(row.entered_at),
                }
                for row in rows[:NEWEST_LINES]
            ]
        )

    @described(list_of(ENTITLEMENT), refusals=(403,))
    def entitlement(self, request: Asked, who: str) -> Response:
        """Tell what a person may use, with the origin of every part: you, or for keepers of the ledger anybody."""
        return Response([_entitlement(each) for each in entitlements_of(person_for(who, self.actor))])


class Quotas(Door):
    """The documents of the authorisation service."""

    @described({"type": "object"}, refusals=(403,))
    def document(self, request: Asked, way: str) -> Response:
        """Give out what should be applied: `durable` (fragment of the base) or `urgent` (override)."""
        self._refuse_others()
        if way not in Award.Way.values:
            raise NotFound
        return Response(enforcement.plan(way).document.as_json())

    @described(object_with(differences=list_of(DIFFERENCE)), takes={"type": "object"})
    def drift(self, request: Asked) -> Response:
        """Compare a served base configuration with what should be there; only our groups count."""
        self._refuse_others()
        try:
            served = read(request.data)
        except NotADocument as problem:
            raise InvalidInput(
                "This is no quota document.", fields={"document": problem.problems[:20]}
            ) from None
        found = enforcement.drift(served)
        rows = [{"place": each.place, "expected": each.expected, "served": each.served} for each in found]
        return Response({"differences": rows})

    def _refuse_others(self) -> None:
        if not enforcement.may_enforce.test(self.actor):
            raise NotAllowed(f"Only {who_may(enforcement.may_enforce)} may see what the platform enforces.")


def _award(award: Award, held: Any) -> dict[str, Any]:
    return {
        "key": award.request.key,
        "group": award.group,
        "state": award.request.state,
        "starts_on": award.starts_on.isoformat(),
        "ends_on": award.ends_on.isoformat(),
        "enforcement": award.enforcement,
        "resources": [_holding(each) for each in held],
    }


def _holding(each: Holding) -> dict[str, str]:
    amounts = {"given": str(each.given), "used": str(each.used), "left": str(each.left)}
    return {"resource": each.resource.slug, "unit": each.resource.unit, **amounts}


def _entitlement(each: Entitlement) -> dict[str, Any]:
    parts = [
        {
            "award": part.award.request.key,
            "amount": str(part.amount),
            "ends_on": part.award.ends_on.isoformat(),
        }
        for part in each.parts
    ]
    basic = None if each.basic is None else str(each.basic)
    total = None if each.is_unlimited else str(each.total)
    return {"name": each.name, "unit": each.unit, "basic": basic, "parts": parts, "total": total}


def _address(route: str, door: type[Door], method: str, action: str, name: str) -> Any:
    return path(route, door.as_view({method: action}, basename=name), name=name)


urlpatterns = [
    _address("usage/", UsageReports, "post", "report", "usage"),
    _address("awards/", Awards, "get", "list", "awards"),
    _address("awards/<api_key:key>/", Awards, "get", "retrieve", "award"),
    _address("awards/<api_key:key>/ledger/", Awards, "get", "ledger", "award-ledger"),
    _address("entitlements/<api_name:who>/", Awards, "get", "entitlement", "entitlement"),
    _address("quotas/drift/", Quotas, "post", "drift", "quota-drift"),
    _address("quotas/<api_name:way>/", Quotas, "get", "document", "quota-document"),
]
