"""What belongs to a meeting: agenda, who came, minutes. Of the executive part only to those who sit there today."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import converters, pages  # noqa: F401  # the places in the addresses below
from ops.api.columns import moment_text
from ops.api.openapi import described
from ops.api.schemas import (
    MOMENT,
    NUMBER,
    NUMBER_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    object_with,
    results_of,
)
from ops.api.shapes import Fields, as_object, object_of, read
from ops.api.viewsets.door import Door
from ops.committees import sittings
from ops.committees.forms import MinutesForm, PointForm
from ops.committees.models import AgendaPoint, Attendance, Meeting, MinutesVersion, Part, Presence
from ops.committees.papers import Sitting, versions_for
from ops.workflow.errors import NotFound

POINT_FIELDS: Fields = dict(PointForm.base_fields)
MOVED: Fields = {
    "to": forms.IntegerField(min_value=1, max_value=32_767, help_text="Its new place in its part.")
}
WRITTEN: Fields = {
    "text": MinutesForm.base_fields["text"],
    "based_on": forms.IntegerField(
        min_value=0, max_value=1_000_000, help_text="The version that you have read; 0 where there was none."
    ),
}
CAME: Schema = {
    "type": "object",
    "description": "Usernames of members of that day, each with whether they came; an empty text takes it back.",
    "additionalProperties": {"type": "string", "enum": [*Presence.values, ""]},
}


POINT = object_with(
    id=NUMBER, part={**TEXT, "enum": Part.values}, number=NUMBER, title=TEXT, notes=TEXT,
    minutes_long=NUMBER_OR_NULL, presenter=TEXT_OR_NULL,
)  # fmt: skip
AGENDA = results_of(POINT)
MINUTES = object_with(
    part={**TEXT, "enum": Part.values}, version=NUMBER, text={**TEXT, "description": "Markdown."},
    author=TEXT, based_on=NUMBER, created_at=MOMENT,
    has_conflict={"type": "boolean", "description": "Two wrote the same passage; both wordings stand there."},
)  # fmt: skip
VERSION: dict[str, Schema] = {
    "version": {**NUMBER, "description": "An earlier version, for those who keep them."}
}


class OfMeeting(Door):
    """What belongs to one meeting."""

    path_parameters: ClassVar = {
        "id": NUMBER, "number": NUMBER, "part": {"type": "string", "enum": Part.values},
    }  # fmt: skip

    def meeting(self) -> Meeting:
        """Return the meeting that the address names; raises `NotFound`."""
        rows = Meeting.objects.visible_to(self.reader).select_related("committee")
        found: Meeting | None = rows.filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found


class Agenda(OfMeeting):
    """The agenda."""

    def point(self) -> AgendaPoint:
        """Return the point that the address names; raises `NotFound`."""
        found = self._points().filter(pk=self.kwargs["number"]).first()
        if found is None:
            raise NotFound
        return found

    def _points(self) -> Any:
        rows = AgendaPoint.objects.visible_to(self.reader).filter(meeting=self.meeting())
        return rows.select_related("presenter", "meeting__committee").order_by("-part", "number")

    @described(AGENDA)
    def list(self, request: Request, **names: Any) -> Response:
        """Tell the points that you may see, in their order."""
        pages.parameters(request, ())
        return Response({"results": [_point(point) for point in self._points()]})

    @described(POINT, status=201, takes=object_of(POINT_FIELDS, ["title", "part"]), refusals=(403, 409))
    def add(self, request: Request, **names: Any) -> Response:
        """Add a point at the end of its part."""
        data = read(request.data, POINT_FIELDS)
        return Response(_point(sittings.add_point(self.meeting(), actor=self.actor, data=data)), status=201)

    @described(POINT, takes=object_of(POINT_FIELDS), refusals=(403, 409))
    def change(self, request: Request, **names: Any) -> Response:
        """Change a point; what is left out stays as it is."""
        point = self.point()
        known = PointForm.showing(point, actor=self.actor).initial
        data = {**known, **read(request.data, POINT_FIELDS)}
        return Response(_point(sittings.change_point(point, actor=self.actor, data=data)))

    @described(POINT, takes=object_of(MOVED, ["to"]), refusals=(403, 409))
    def move(self, request: Request, **names: Any) -> Response:
        """Give a point another place in its part."""
        to = read(request.data, MOVED).get("to") or 1
        return Response(_point(sittings.move_point(self.point(), actor=self.actor, to=int(to))))

    @described(None, status=204, refusals=(403, 409))
    def drop(self, request: Request, **names: Any) -> Response:
        """Take a point off the agenda."""
        sittings.drop_point(self.point(), actor=self.actor)
        return Response(status=204)


class Minutes(OfMeeting):
    """The minutes of one part."""

    @described(MINUTES, query=VERSION, refusals=(400,))
    def retrieve(self, request: Request, **names: Any) -> Response:
        """Read the minutes of a part, as soon as you may."""
        asked = pages.parameters(request, VERSION).get("version", "")
        versions = versions_for(self.reader, self.meeting(), self.kwargs["part"])
        found = next((each for each in versions if asked in {"", str(each.number)}), None)
        if found is None:
            raise NotFound
        return Response(_minutes(found))

    @described(MINUTES, status=201, takes=object_of(WRITTEN, ["text", "based_on"]), refusals=(403, 409))
    def write(self, request: Request, **names: Any) -> Response:
        """Save a version. Where somebody has saved since the one that you read, both changes are put together."""
        data = read(request.data, WRITTEN)
        made = sittings.write_minutes(self.meeting(), self.kwargs["part"], actor=self.actor, data=data)
        return Response(_minutes(made), status=201)


class WhoCame(OfMeeting):
    """Attendance."""

    @described(CAME)
    def list(self, request: Request, **names: Any) -> Response:
        """Tell who came, as far as it was noted."""
        pages.parameters(request, ())
        return Response(_came(Sitting(self.meeting(), self.reader).attendance))

    @described(CAME, takes=CAME, refusals=(403, 409))
    def note(self, request: Request, **names: Any) -> Response:
        """Note who came; their hours are credited. Said again, it corrects what was said before."""
        meeting = self.meeting()
        data = read(request.data, {name: forms.CharField(required=False) for name in as_object(request.data)})
        return Response(_came(sittings.note_attendance(meeting, actor=self.actor, data=data)))


def _point(point: AgendaPoint) -> dict[str, Any]:
    return {
        "id": point.pk,
        "part": point.part,
        "number": point.number,
        "title": point.title,
        "notes": point.notes,
        "minutes_long": point.minutes_long,
        "presenter": point.presenter.username if point.presenter else None,
    }


def _minutes(version: MinutesVersion) -> dict[str, Any]:
    return {
        "part": version.part,
        "version": version.number,
        "text": version.text,
        "author": version.author.username,
        "based_on": version.based_on,
        "created_at": moment_text(version.created_at),
        "has_conflict": version.has_conflict,
    }


def _came(attendance: list[Attendance]) -> dict[str, str]:
    return {each.person.username: each.presence for each in attendance}


def _address(rest: str, name: str, door: type[OfMeeting], **actions: Any) -> URLPattern:
    return path(f"meetings/<api_number:id>/{rest}", door.as_view(actions, basename="meeting"), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    _address("agenda/", "meeting-agenda", Agenda, get="list", post="add"),
    _address("agenda/<api_number:number>/", "meeting-point", Agenda, patch="change", delete="drop"),
    _address("agenda/<api_number:number>/move/", "meeting-point-move", Agenda, post="move"),
    _address("minutes/<slug:part>/", "meeting-minutes", Minutes, get="retrieve", post="write"),
    _address("attendance/", "meeting-attendance", WhoCame, get="list", post="note"),
]
