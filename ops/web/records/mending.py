"""Why a step is held back, and where that is mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ops.people.models import User
from ops.web.acceptance.mending import PLACES as OF_ACCEPTANCE
from ops.web.addresses import Places, edit_url, part_of_page
from ops.web.allocations.mending import PLACES as OF_ALLOCATIONS
from ops.web.committees.mending import PLACES as OF_COMMITTEES
from ops.workflow.declaration import Guard, Step
from ops.workflow.models import Stateful
from ops.workflow.services import editable_fields

PLACES: Places = {
    ("issue", "announcements"): lambda issue: part_of_page(issue, "announcements"),
    ("issue", "children"): lambda issue: part_of_page(issue, "children"),
    **OF_ALLOCATIONS,
    **OF_COMMITTEES,
    **OF_ACCEPTANCE,
}


@dataclass(frozen=True)
class Mend:
    """Why a step is held back, and where that is mended: a form to open, a page, or nowhere that one could go."""

    sentence: str
    form_url: str = ""
    url: str = ""


def mends(record: Stateful, guards: Collection[Guard], editable: Collection[str]) -> Sequence[Mend]:
    """Return what mends each of the unmet guards, for somebody who may change the editable fields."""
    return [_mend(record, guard, editable) for guard in guards]


def mends_of(record: Stateful, step: Step, reader: User) -> Sequence[Mend]:
    """Return what holds a step back now, each with the way to mend it."""
    unmet = step.unmet_guards(record)
    return mends(record, unmet, editable_fields(record, reader)) if unmet else ()


def _mend(record: Stateful, guard: Guard, editable: Collection[str]) -> Mend:
    if guard.about in editable:
        return Mend(guard.sentence, form_url=edit_url(record, guard.about))
    place = PLACES.get((record.workflow.kind, guard.about))
    return Mend(guard.sentence, url=place(record) if place else "")
