"""What a request says, as data: for its numbered snapshots, its pages and the API."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def content_of(request: Any) -> dict[str, Any]:
    """Return everything that a request says now, apart from what others say of it.

    What names people stands under `people`, `earlier` and `files`, so that it can be left out for reviewers who
    must not learn who asks.
    """
    people = people_of(request)
    # What others attach, an assessor for instance, is no part of what is asked.
    files = request.attachments.filter(comment=None, uploaded_by__in=people).order_by("pk")
    return {
        "call": request.call.slug,
        "title": request.title,
        "purpose": request.purpose,
        "purpose_label": str(request.get_purpose_display()),
        "abstract": request.abstract,
        "methods": request.methods,
        "is_thesis": request.is_thesis,
        "keywords": list(request.keywords),
        "earlier": request.earlier.key if request.earlier else None,
        **rows_of(request, people),
        "files": [{"id": file.pk, "name": file.name, "size": file.size} for file in files],
    }


def rows_of(request: Any, people: Sequence[Any]) -> dict[str, Any]:
    """Return the part of a content that is made of rows: who asks for how much, when, and what is answered."""
    return {
        "people": [_person(person) for person in people],
        "quarters": [str(quarter) for quarter in request.call.quarters],
        "amounts": amounts_of(request),
        "answers": [
            {"section": row.question.section, "question": row.question.text, "answer": row.text}
            for row in request.rows_answered
        ],
    }


def people_of(request: Any) -> list[Any]:
    """Return the proposer, then the co-investigators by name."""
    rows = request.co_investigator_rows.select_related("person").order_by("person__display_name", "person")
    return [request.reporter, *(row.person for row in rows)]


def _person(person: Any) -> dict[str, str]:
    return {"username": person.username, "name": person.name, "institution": person.institution}


def amounts_of(request: Any) -> list[dict[str, Any]]:
    """Return what is asked for: one entry per resource, its amounts in the order of the quarters."""
    justified = {row.offer_id: row.text for row in request.rows_justified}
    count = len(request.call.quarters)
    found: dict[int, dict[str, Any]] = {}
    for row in request.rows_asked:
        resource = row.offer.resource
        entry = found.setdefault(
            row.offer_id,
            {
                "resource": resource.slug,
                "name": resource.name,
                "unit": resource.unit,
                "asked": ["0"] * count,
                "minimum": ["0"] * count,
                "justification": justified.get(row.offer_id, ""),
            },
        )
        if row.quarter <= count:
            entry["asked"][row.quarter - 1] = plain(row.asked)
            entry["minimum"][row.quarter - 1] = plain(row.minimum)
    return list(found.values())


def plain(amount: Decimal) -> str:
    """Write an amount without zeros that say nothing: 1500, 0.25."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a content, the same for the same content."""
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder, ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()
