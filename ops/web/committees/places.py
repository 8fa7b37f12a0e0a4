"""The pages that belong to a committee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ops.committees.appointing import may_see_slates
from ops.committees.models import Committee
from ops.committees.timesheets import has_sheets_for


@dataclass(frozen=True)
class Tab:
    """A page of a committee."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


def tabs_of(committee: Committee, request: HttpRequest, current: str) -> Sequence[Tab]:
    """Return the pages of a committee that this person may open."""
    reader: Any = request.user
    pages = [("Committee", "committee"), ("Meetings", "meetings-of")]
    if has_sheets_for(reader, committee):
        pages.append(("Hours", "hours-of"))
    if may_see_slates(reader, committee):
        pages += [("Nominations", "nominations-of"), ("Slate", "slate-of")]
    pages.append(("Charge", "charge-of"))
    return [Tab(label, reverse(name, args=[committee.slug]), name == current) for label, name in pages]
