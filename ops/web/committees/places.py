"""The committee that an address names, and the pages that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ops.committees.appointing import may_see_slates
from ops.committees.models import Committee
from ops.committees.rules import sits_on
from ops.people.authority import is_lead
from ops.workflow.errors import NotFound


@dataclass(frozen=True)
class Tab:
    """A page of a committee."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


def committee_called(slug: str) -> Committee:
    """Return a committee; raises `NotFound`."""
    found = Committee.objects.select_related("parent").filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def tabs_of(committee: Committee, request: HttpRequest, current: str) -> Sequence[Tab]:
    """Return the pages of a committee that this person may open."""
    reader: Any = request.user
    pages = [("Committee", "committee"), ("Meetings", "meetings-of")]
    if may_note_hours(reader, committee):
        pages.append(("Hours", "hours-of"))
    if may_see_slates(reader, committee):
        pages += [("Nominations", "nominations-of"), ("Slate", "slate-of")]
    pages.append(("Charge", "charge-of"))
    return [Tab(label, reverse(name, args=[committee.slug]), name == current) for label, name in pages]


def may_note_hours(reader: Any, committee: Committee) -> bool:
    """Whether somebody has a sheet of hours there, or looks after those of the members."""
    return sits_on(reader, committee) or is_lead.test(reader)
