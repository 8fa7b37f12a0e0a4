"""What belongs to a meeting: its agenda, who came, what was written. Each write locks the meeting first."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from ops.committees.forms import AttendanceForm, MinutesForm, PointForm
from ops.committees.merging import is_unsettled, merged
from ops.committees.models import AgendaPoint, Attendance, Meeting, MinutesVersion, Part, Presence
from ops.committees.rules import OFFICERS, SITTING, sits_on
from ops.committees.timesheets import credit_to
from ops.people.authority import is_lead
from ops.people.hours import Work
from ops.people.models import Membership, User
from ops.tickets.forms import cleaned
from ops.workflow import errors

CAME = (Presence.PRESENT, Presence.REMOTE)
LONGEST_CREDIT = 24 * 60


def may_read(reader: Any, meeting: Meeting, part: str) -> bool:
    """Whether somebody reads a part: the executive one is for those who sit there today."""
    return part == Part.OPEN or sits_on(reader, meeting.committee)


def may_plan_agenda(actor: Any, meeting: Meeting, part: str) -> bool:
    """Whether somebody may write the agenda: every member, and of the open part the leads."""
    return sits_on(actor, meeting.committee) or (part == Part.OPEN and is_lead.test(actor))


def may_keep_minutes(actor: Any, meeting: Meeting, part: str) -> bool:
    """Whether somebody may write the minutes: chair and secretary, and of the open part the leads."""
    return sits_on(actor, meeting.committee, *OFFICERS) or (part == Part.OPEN and is_lead.test(actor))


def minutes_are_open(meeting: Meeting, part: str) -> bool:
    """Whether the minutes of a part can be written: the open ones until they are published."""
    return part == Part.EXECUTIVE or meeting.state in {Meeting.State.PLANNED, Meeting.State.HELD}


@transaction.atomic
def add_point(meeting: Meeting, *, actor: User, data: Mapping[str, Any]) -> AgendaPoint:
    """Add a point at the end of its part. Raises `NotAllowed`, `GuardUnmet`, `InvalidInput`."""
    held = _locked(meeting, actor)
    _refuse_unless_planned(held)
    values = cleaned(PointForm(data, actor=actor))
    _refuse_unless(may_plan_agenda(actor, held, values["part"]), held, "write its agenda")
    return AgendaPoint.objects.create(meeting=held, number=_next_number(held, values["part"]), **values)


@transaction.atomic
def change_point(point: AgendaPoint, *, actor: User, data: Mapping[str, Any]) -> AgendaPoint:
    """Write a point anew; in another part it goes to the end. Raises as `add_point` does, and `NotFound`."""
    found = _point(point, actor)
    values = cleaned(PointForm(data, actor=actor))
    _refuse_unless(may_plan_agenda(actor, found.meeting, values["part"]), found.meeting, "write its agenda")
    if values["part"] != found.part:
        _close_gap(found)
        found.number = _next_number(found.meeting, values["part"])
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


@transaction.atomic
def move_point(point: AgendaPoint, *, actor: User, to: int) -> AgendaPoint:
    """Give a point another place in its part; those between move up or down by one."""
    found = _point(point, actor)
    count = AgendaPoint.objects.filter(meeting=found.meeting, part=found.part).count()
    to = max(1, min(to, count))
    others = AgendaPoint.objects.filter(meeting=found.meeting, part=found.part)
    if to > found.number:
        others.filter(number__gt=found.number, number__lte=to).update(number=F("number") - 1)
    else:
        others.filter(number__gte=to, number__lt=found.number).update(number=F("number") + 1)
    found.number = to
    found.save(update_fields=["number"])
    return found


@transaction.atomic
def drop_point(point: AgendaPoint, *, actor: User) -> None:
    """Take a point off the agenda; those after it move up."""
    found = _point(point, actor)
    _close_gap(found)
    found.delete()


def _point(point: AgendaPoint, actor: User) -> AgendaPoint:
    meeting = _locked(point.meeting, actor)
    found = AgendaPoint.objects.visible_to(actor).filter(pk=point.pk, meeting=meeting).first()
    if found is None:
        raise errors.NotFound
    found.meeting = meeting
    _refuse_unless(may_plan_agenda(actor, meeting, found.part), meeting, "write its agenda")
    _refuse_unless_planned(meeting)
    return found


def _next_number(meeting: Meeting, part: str) -> int:
    last = AgendaPoint.objects.filter(meeting=meeting, part=part).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _close_gap(point: AgendaPoint) -> None:
    after = AgendaPoint.objects.filter(meeting=point.meeting, part=point.part, number__gt=point.number)
    after.update(number=F("number") - 1)


def expected_at(meeting: Meeting) -> QuerySet[User]:
    """Return who sat in the committee on the day of the meeting."""
    terms = Membership.objects.on(meeting.starts_at.date()).filter(
        team=meeting.committee_id, role__in=SITTING
    )
    return User.objects.filter(pk__in=terms.values("person")).order_by("display_name", "username")


@transaction.atomic
def note_attendance(meeting: Meeting, *, actor: User, data: Mapping[str, Any]) -> list[Attendance]:
    """Keep who came, and credit the hours of those who did; said again, it corrects what was said before.

    Raises `NotAllowed`, `GuardUnmet` before the meeting was held, `InvalidInput` for somebody who does not sit there.
    """
    held = _locked(meeting, actor)
    _refuse_unless(may_keep_minutes(actor, held, Part.OPEN), held, "note who came")
    if held.state not in {Meeting.State.HELD, Meeting.State.MINUTES_PUBLISHED}:
        raise errors.GuardUnmet("Say first that the meeting was held.")
    people = {person.username: person for person in expected_at(held)}
    unknown = {
        name: ["They did not sit in the committee on that day."] for name in data if name not in people
    }
    if unknown:
        raise errors.InvalidInput(f"Please correct {', '.join(unknown)}.", fields=unknown)
    values = cleaned(AttendanceForm(data, people=list(people.values())))
    for name, presence in values.items():
        if name in data:
            _note(held, people[name], presence, actor)
    return list(held.attendances.select_related("person"))


def _note(meeting: Meeting, person: User, presence: str, actor: User) -> None:
    if presence:
        Attendance.objects.update_or_create(meeting=meeting, person=person, defaults={"presence": presence})
    else:
        Attendance.objects.filter(meeting=meeting, person=person).delete()
    credit_to(
        meeting.committee, person, work=Work.MEETING, day=meeting.starts_at.date(), source=f"meeting:{meeting.pk}",
        minutes=min(meeting.minutes_long, LONGEST_CREDIT) if presence in CAME else 0,
        note=meeting.title or "Meeting", actor=actor,
    )  # fmt: skip


@transaction.atomic
def write_minutes(
    meeting: Meeting,
    part: str,
    *,
    actor: User,
    data: Mapping[str, Any],
    moment: datetime.datetime | None = None,
) -> MinutesVersion:
    """Save the minutes of a part as a new version, and return it; the same text again makes none.

    `data` holds the text and the number of the version that was read before writing. Where somebody else has saved
    since, both changes are put together; a passage that both changed stands twice, under both names, and
    `has_conflict` says so. Raises `NotFound`, `NotAllowed`, `GuardUnmet` once they are published, `InvalidInput`.
    """
    held = _locked(meeting, actor)
    if part not in Part.values or not may_read(actor, held, part):
        raise errors.NotFound
    _refuse_unless(may_keep_minutes(actor, held, part), held, "keep its minutes")
    if not minutes_are_open(held, part):
        raise errors.GuardUnmet("The minutes are published. “Correct the minutes” opens them again.")
    values = cleaned(MinutesForm(data))
    newest = held.minutes_of(part)
    text = values["text"].replace("\r\n", "\n").rstrip()
    if newest.number and text == newest.text:
        return newest
    if values["based_on"] != newest.number:
        text = _put_together(newest, values["based_on"], text, actor)
        if text == newest.text:
            return newest
    return MinutesVersion.objects.create(
        meeting=held, part=part, number=newest.number + 1, text=text, author=actor, based_on=values["based_on"],
        has_conflict=is_unsettled(text), created_at=moment or timezone.now(),
    )  # fmt: skip


def _put_together(newest: MinutesVersion, based_on: int, text: str, actor: User) -> str:
    versions = MinutesVersion.objects.filter(meeting=newest.meeting, part=newest.part)
    read = versions.filter(number=based_on).first()
    if read is None and based_on:
        sentence = "There is no such version of the minutes; open them again, your text is kept as a draft."
        raise errors.InvalidInput("Please correct based on.", fields={"based_on": [sentence]})
    base = read.text if read else ""
    both = merged(base, newest.text, text, their_name=newest.author.name, my_name=actor.name)
    if len(both.text) > MinutesForm.base_fields["text"].max_length:  # type: ignore[attr-defined]
        raise errors.InvalidInput(
            "Please correct text.",
            fields={"text": ["Together with what was written meanwhile, this is too long."]},
        )
    return both.text


def _locked(meeting: Meeting, actor: User) -> Meeting:
    # Two people who write at once wait for one another here; the second sees what the first has left.
    rows = Meeting.objects.visible_to(actor).locked().select_related("committee")
    found: Meeting | None = rows.filter(pk=meeting.pk).first()
    if found is None:
        raise errors.NotFound
    return found


def _refuse_unless(allowed: bool, meeting: Meeting, what: str) -> None:  # noqa: FBT001
    if not allowed:
        raise errors.NotAllowed(f"Only those who run the meetings of the {meeting.committee} may {what}.")


def _refuse_unless_planned(meeting: Meeting) -> None:
    if meeting.state not in {Meeting.State.PLANNED, Meeting.State.HELD}:
        raise errors.GuardUnmet(f"The agenda stays as it is: the meeting is {meeting.state_label.lower()}.")
