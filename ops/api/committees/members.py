"""Committees, who sits in them on a day, and the hours that members give."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import converters, pages  # noqa: F401  # the places in the addresses below
from ops.api.openapi import described
from ops.api.schemas import (
    DAY,
    DAY_OR_NULL,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Schema,
    list_of,
    object_with,
    results_of,
)
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.committees.forms import HoursForm
from ops.committees.models import Committee, HoursEntry
from ops.committees.rosters import Member, roster_on
from ops.committees.selectors import committee_named
from ops.committees.semesters import semester_asked
from ops.committees.timesheets import (
    Sheet,
    entries,
    log_hours,
    refuse_unless_counted_here,
    sheets,
    withdraw_hours,
)
from ops.workflow.days import day_asked
from ops.workflow.errors import NotFound

HOURS: Fields = dict(HoursForm.base_fields)
HOUR: Schema = {"type": "number", "description": "In hours."}


COMMITTEE = object_with(
    slug=TEXT, name=TEXT, parent=TEXT_OR_NULL, places=NUMBER, term_months=NUMBER, limit_months=NUMBER,
    meetings_per_year=NUMBER, hours_per_semester=NUMBER, charge={**TEXT, "description": "Markdown."},
)  # fmt: skip
MEMBER = object_with(
    person=TEXT, name=TEXT, offices=TEXTS, since=DAY, until=DAY_OR_NULL,
    days={**NUMBER, "description": "How long they have sat there by that day, in all terms."},
    seat={"type": ["integer", "null"], "description": "The number of their seat, where there is one."},
)  # fmt: skip
ENTRY = object_with(id=NUMBER, person=TEXT, work=TEXT, day=DAY, hours=HOUR, note=TEXT)
SHEET = object_with(person=TEXT, meeting=HOUR, report=HOUR, service=HOUR, total=HOUR, meant=HOUR)
ON: dict[str, Schema] = {
    "on": {**DAY, "description": "The day that is asked for; today when it is left out."}
}
SEMESTER: dict[str, Schema] = {
    "semester": {**TEXT, "description": "Such as 2026A; the present one when it is left out."}
}


class Committees(Door):
    """Committees."""

    path_parameters: ClassVar = {"slug": {"type": "string", "description": "The name in its address."}}

    def committee(self) -> Committee:
        """Return the committee that the address names."""
        return committee_named(self.kwargs["slug"])

    @described(results_of(COMMITTEE))
    def list(self, request: Request) -> Response:
        """List the committees."""
        pages.parameters(request, ())
        rows = Committee.objects.select_related("parent").prefetch_related("charges").order_by("name")
        return Response({"results": [_committee(row) for row in rows]})

    @described(results_of(MEMBER, on=DAY), query=ON, refusals=(400,))
    def roster(self, request: Request, **names: Any) -> Response:
        """Tell who sits there on a day: the chair first, then by name."""
        day = day_asked(pages.parameters(request, ON).get("on", ""))
        members = roster_on(self.committee(), day)
        return Response({"on": day.isoformat(), "results": [_member(member) for member in members]})


class Hours(Committees):
    """The hours that members give."""

    @described(
        results_of(ENTRY, semester=TEXT, sheets=list_of(SHEET)),
        query=SEMESTER,
        refusals=(400, 403),
    )
    def list(self, request: Request, **names: Any) -> Response:
        """Tell the hours of a semester: yours; to chair, secretary and leads those of every member."""
        semester = semester_asked(pages.parameters(request, SEMESTER).get("semester", ""))
        committee = self.committee()
        refuse_unless_counted_here(self.reader, committee)
        told = {
            "semester": str(semester),
            "sheets": [_sheet(sheet) for sheet in sheets(committee, semester, self.actor)],
            "results": [_entry(entry) for entry in entries(committee, semester, self.actor)],
        }
        return Response(told)

    @described(ENTRY, status=201, takes=object_of(HOURS, ["work", "day", "hours"]), refusals=(403,))
    def log(self, request: Request, **names: Any) -> Response:
        """Note some time of yours, for a day on which you sat there."""
        entry = log_hours(self.committee(), actor=self.actor, data=read(request.data, HOURS))
        return Response(_entry(entry), status=201)

    @described(None, status=204, refusals=(403,))
    def withdraw(self, request: Request, **names: Any) -> Response:
        """Take back an entry of yours that was a mistake; it stays on record."""
        rows = HoursEntry.objects.filter(pk=self.kwargs["number"], committee=self.committee().pk)
        entry = rows.first()
        if entry is None:
            raise NotFound
        withdraw_hours(entry, actor=self.actor)
        return Response(status=204)


def _committee(row: Committee) -> dict[str, Any]:
    versions = sorted(row.charges.all(), key=lambda charge: charge.number)
    return {
        "slug": row.slug,
        "name": row.name,
        "parent": row.parent.slug if row.parent else None,
        "places": row.places,
        "term_months": row.term_months,
        "limit_months": row.limit_months,
        "meetings_per_year": row.meetings_per_year,
        "hours_per_semester": row.hours_cap,
        "charge": versions[-1].text if versions else "",
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "person": member.person.username,
        "name": member.person.name,
        "offices": [office.value for office in member.offices],
        "since": member.since.isoformat(),
        "until": _day(member.until),
        "days": member.days,
        "seat": member.seat and member.seat.pk,
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    given = {share.work.value: share.hours for share in sheet.shares}
    total = sheet.total
    return {"person": sheet.person.username, **given, "total": total.hours, "meant": total.hours_meant}


def _entry(entry: HoursEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "person": entry.person.username,
        "work": entry.work,
        "day": entry.day.isoformat(),
        "hours": entry.hours,
        "note": entry.note,
    }


def _day(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


urlpatterns: list[URLPattern | URLResolver] = [
    path("committees/", Committees.as_view({"get": "list"}, basename="committee"), name="committees"),
    path(
        "committees/<slug:slug>/roster/",
        Committees.as_view({"get": "roster"}, basename="committee"),
        name="committee-roster",
    ),
    path(
        "committees/<slug:slug>/hours/",
        Hours.as_view({"get": "list", "post": "log"}, basename="hours"),
        name="committee-hours",
    ),
    path(
        "committees/<slug:slug>/hours/<api_number:number>/",
        Hours.as_view({"delete": "withdraw"}, basename="hours"),
        name="committee-hours-entry",
    ),
]
