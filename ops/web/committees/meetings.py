"""Meetings: those of a committee, dates that are fair to find, agenda, attendance, calendars."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ops.committees import calendars, sittings
from ops.committees.dates import TimeOfDay, propose
from ops.committees.forms import AttendanceForm, DatesForm, PointForm
from ops.committees.models import AgendaPoint, Meeting
from ops.committees.rules import is_committee_officer, sits_on
from ops.committees.selectors import committee_named, meetings_missing
from ops.people.authority import is_lead
from ops.tabular.numbers import whole_number
from ops.web.committees.places import tabs_of
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.finding import record_for
from ops.web.forms.desk_form import RecordForm
from ops.web.frame import toasts
from ops.web.frame.answers import on_its_page
from ops.workflow.errors import NotAllowed, NotFound

KIND = Meeting.workflow.kind
MOST_PAST = 50
DAY = datetime.timedelta(days=1)


@require_safe
def meetings(request: PageRequest, slug: str) -> HttpResponse:
    """List the meetings of a committee: those to come, and those that were."""
    committee = committee_named(slug)
    rows = committee.meetings.visible_to(request.user).select_related("committee")
    ahead = list(rows.ahead())
    past = rows.exclude(pk__in=[meeting.pk for meeting in ahead]).order_by("-starts_at")
    context = {
        "committee": committee,
        "tabs": tabs_of(committee, request, "meetings-of"),
        "ahead": ahead,
        "past": list(past[:MOST_PAST]),
        "missing": meetings_missing(committee),
        "may_plan": _may_plan(request, committee),
        "new_url": f"{reverse('new', args=[KIND])}?committee={committee.slug}",
    }
    return render(request, "web/committees/meetings.html", context)


def _may_plan(request: PageRequest, committee: Any) -> bool:
    reader: Any = request.user
    return (sits_on(reader, committee) and is_committee_officer.test(reader)) or is_lead.test(reader)


class Dates:
    """The page on which a date is looked for."""

    def __init__(self, request: SignedInRequest, slug: str) -> None:
        self.request = request
        self.committee = committee_named(slug)
        if not (sits_on(request.user, self.committee) or is_lead.test(request.user)):
            raise NotAllowed(f"Only members of the {self.committee} and the leads look for its dates.")
        self.may_plan = _may_plan(request, self.committee)
        self.tabs = tabs_of(self.committee, request, "meetings-of")
        soon = timezone.localdate(timezone=datetime.UTC) + 28 * DAY
        first = {"first": soon, "last": soon + 13 * DAY, "minutes": 120}
        self.form = DatesForm({**first, **{name: request.GET[name] for name in first if name in request.GET}})

    @cached_property
    def times(self) -> Sequence[TimeOfDay]:
        """The fairest times of day; none where the question cannot be answered."""
        if not self.form.is_valid():
            return []
        asked = self.form.cleaned_data
        now = timezone.now()
        return propose(self.committee, asked["first"], asked["last"], asked["minutes"], now=now)

    @property
    def offers(self) -> list[dict[str, Any]]:
        """Each time of day with the days on which it can be had, and where each is planned."""
        return [
            {
                "time": time,
                "locals": sorted(time.locals, key=lambda local: (-local.cost, local.begins.utcoffset())),
                "days": [{"moment": moment, "url": self._plan_url(moment)} for moment in time.moments],
            }
            for time in self.times
        ]

    def _plan_url(self, moment: datetime.datetime) -> str:
        here = timezone.localtime(moment)
        given = {
            "committee": self.committee.slug,
            "starts_at": f"{here:%Y-%m-%dT%H:%M}",
            "minutes_long": self.form.cleaned_data["minutes"],
        }
        return f"{reverse('new', args=[KIND])}?{urlencode(given)}"


@signed_in
@require_safe
def dates(request: SignedInRequest, slug: str) -> HttpResponse:
    """Propose dates that are fair across the time zones of the members."""
    return render(request, "web/committees/dates.html", {"page": Dates(request, slug)})


class AddPoint(RecordForm):
    """A point put on the agenda."""

    heading, send = "A point for the agenda", "Put it on the agenda"

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return f"point:{self.record.pk}"

    def carry_out(self) -> Any:
        """Add it."""
        return sittings.add_point(self.record, actor=self.request.user, data=self.values)

    @property
    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {name: self.request.POST.get(name, "") for name in PointForm.base_fields}

    def answer(self, done: Any) -> HttpResponse:
        """Show the agenda as it is now."""
        return on_its_page(self.request, self.record, "The agenda is changed.", focus="agenda")

    def form(self) -> PointForm:
        """The form, empty or as it was typed."""
        if self.typed is not None:
            return PointForm(self.typed, actor=self.request.user)
        part = self.request.GET.get("part", "open")
        return PointForm(initial={"part": part, **self.kept.fields}, actor=self.request.user)

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            **super().context(),
            "heading": self.heading,
            "form": self.form(),
            "action": self.request.path,
            "send": self.send,
        }


class ChangePoint(AddPoint):
    """A point of the agenda, written anew."""

    heading, send = "Change this point", "Change it"
    draft_key = ""

    @cached_property
    def point(self) -> AgendaPoint:
        """The point."""
        return point_of(self.request, self.record, self.kwargs["point_id"])

    def carry_out(self) -> Any:
        """Change it."""
        return sittings.change_point(self.point, actor=self.request.user, data=self.values)

    def form(self) -> PointForm:
        """The form, filled with the point or with what was typed."""
        if self.typed is not None:
            return super().form()
        return PointForm.showing(self.point, actor=self.request.user)


def point_of(request: SignedInRequest, meeting: Meeting, point_id: int) -> AgendaPoint:
    """Return a point of an agenda that this person may see; raises `NotFound`."""
    rows = AgendaPoint.objects.visible_to(request.user).select_related("meeting", "presenter")
    found = rows.filter(pk=point_id, meeting=meeting).first()
    if found is None:
        raise NotFound
    return found


@signed_in
@require_POST
def move_point(request: SignedInRequest, pk: int, point_id: int) -> HttpResponse:
    """Give a point another place."""
    meeting = record_for(request, KIND, pk)
    point = point_of(request, meeting, point_id)
    to = whole_number(request.POST.get("to", ""))
    sittings.move_point(point, actor=request.user, to=point.number if to is None else to)
    return on_its_page(request, meeting, "The agenda is changed.", focus=f"point-{point.pk}")


@signed_in
@require_POST
def drop_point(request: SignedInRequest, pk: int, point_id: int) -> HttpResponse:
    """Take a point off the agenda."""
    meeting = record_for(request, KIND, pk)
    sittings.drop_point(point_of(request, meeting, point_id), actor=request.user)
    return on_its_page(request, meeting, "The point is off the agenda.", focus="agenda")


class NoteAttendance(RecordForm):
    """Who came."""

    def carry_out(self) -> Any:
        """Keep it."""
        names = [person.username for person in sittings.expected_at(self.record)]
        data = {name: self.request.POST[name] for name in names if name in self.request.POST}
        return sittings.note_attendance(self.record, actor=self.request.user, data=data)

    def answer(self, done: Any) -> HttpResponse:
        """Show who came."""
        words = "Noted. The time is credited to those who came."
        return on_its_page(self.request, self.record, words, focus="attendance")

    def context(self) -> dict[str, Any]:
        """The form."""
        people = list(sittings.expected_at(self.record))
        known = {
            each.person.username: each.presence for each in self.record.attendances.select_related("person")
        }
        return {
            **super().context(),
            "heading": "Who came?",
            "help": "Those who sat in the committee on that day. Whoever came is credited the time of the meeting.",
            "form": AttendanceForm(self.typed, people=people, initial=known),
            "action": self.request.path,
            "send": "Note it",
        }


def _calendar(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


@require_safe
def calendar_file(request: PageRequest, pk: int) -> HttpResponse:
    """Give the date of one meeting to a calendar program."""
    meeting = record_for(request, KIND, pk)
    return _calendar(calendars.calendar_of_meeting(meeting, request.user), f"meeting-{meeting.pk}")


@require_safe
def calendar_feed(request: PageRequest, secret: str) -> HttpResponse:
    """Give all dates of a person to a calendar program that knows the secret address."""
    response = _calendar(calendars.calendar_of(secret), "committees")
    response.headers["Cache-Control"] = "private, max-age=900"
    return response


@signed_in
@require_safe
def calendar(request: SignedInRequest) -> HttpResponse:
    """Show the address of one's own calendar."""
    key = calendars.key_of(request.user)
    address = settings.PUBLIC_URL + reverse("calendar-feed", args=[key.secret])
    return render(request, "web/committees/calendar.html", {"address": address, "since": key.created_at})


@signed_in
@require_POST
def renew_calendar(request: SignedInRequest) -> HttpResponse:
    """Close the address of one's own calendar, and open another."""
    calendars.renew_key(actor=request.user)
    toasts.say(request, "The old address is closed. Put the new one into your calendar.")
    return redirect("calendar")
