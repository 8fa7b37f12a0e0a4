"""Meetings: the agenda, who came, what was taken on, and the calendars."""

from __future__ import annotations

import datetime

import icalendar
import pytest
from django.utils import timezone

from ops.clocks import registry as clocks
from ops.committees.actions import lines_of, open_actions, take_actions, tick_off
from ops.committees.calendars import calendar_of, calendar_of_meeting, key_of, renew_key
from ops.committees.models import Action, AgendaPoint, Committee, HoursEntry, Meeting
from ops.committees.models.way_in import link_for
from ops.committees.selectors import meetings_missing
from ops.committees.sittings import (
    add_point,
    change_point,
    drop_point,
    move_point,
    note_attendance,
    write_minutes,
)
from ops.issues.models import Issue
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import Membership, User
from ops.tickets.models import Ticket
from ops.workflow import errors
from ops.workflow.models import Event
from ops.workflow.selectors import held_by
from ops.workflow.services import create, edit, perform
from tests.cast import Cast

DAY = datetime.timedelta(days=1)
LINES = """We talked for long.
- ACTION: @staff ask the archive for its plans, by 2030-03-01
* [ ] **ACTION:** write to the liaisons
ACTION: @nobody-here call back, by 31 February 2030
Action: @uc-member collect the science cases, by 1 April 2030
"""


def titles(meeting: Meeting, part: str = "open") -> list[str]:
    rows = AgendaPoint.objects.filter(meeting=meeting, part=part)
    assert [point.number for point in rows] == list(range(1, len(rows) + 1))
    return [point.title for point in rows]


def test_points_keep_their_order_whatever_is_moved_or_dropped(planned: Meeting, cast: Cast) -> None:
    first, second, third = (
        add_point(planned, actor=cast.uc_member, data={"title": title, "part": "open"}) for title in "abc"
    )
    move_point(third, actor=cast.uc_member, to=1)
    assert titles(planned) == ["c", "a", "b"]
    move_point(third, actor=cast.uc_chair, to=99)
    assert titles(planned) == ["a", "b", "c"]
    change_point(second, actor=cast.lead, data={"title": "B", "part": "open", "presenter": "staff"})
    drop_point(AgendaPoint.objects.get(pk=first.pk), actor=cast.uc_chair)
    assert titles(planned) == ["B", "c"]
    change_point(second, actor=cast.uc_chair, data={"title": "B", "part": "executive"})
    assert (titles(planned), titles(planned, "executive")) == (["c"], ["B"])


def test_who_may_write_the_agenda(planned: Meeting, cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed):
        add_point(planned, actor=cast.staff, data={"title": "Mine", "part": "open"})
    with pytest.raises(errors.NotAllowed):
        add_point(planned, actor=cast.lead, data={"title": "Secret", "part": "executive"})
    with pytest.raises(errors.InvalidInput, match="title"):
        add_point(planned, actor=cast.uc_chair, data={"title": " ", "part": "open"})
    secret = add_point(planned, actor=cast.uc_chair, data={"title": "About a person", "part": "executive"})
    for stranger in (cast.lead, cast.director, cast.outsider):
        assert not AgendaPoint.objects.visible_to(stranger).exists()
        with pytest.raises(errors.NotFound):
            drop_point(secret, actor=stranger)
    cancelled = perform(planned, "cancel", actor=cast.uc_chair, reason="Too few can come.")
    with pytest.raises(errors.GuardUnmet):
        add_point(cancelled, actor=cast.uc_chair, data={"title": "Late", "part": "open"})


def test_only_the_officers_of_a_committee_plan_its_meetings(cast: Cast) -> None:
    data = {"committee": "science-advisory", "starts_at": timezone.now().isoformat()}
    with pytest.raises(errors.InvalidInput, match="committee"):
        create(Meeting, actor=cast.uc_chair, data=data)
    with pytest.raises(errors.NotAllowed):
        create(Meeting, actor=cast.uc_member, data={**data, "committee": USERS_COMMITTEE})


def test_a_meeting_to_come_was_not_held(planned: Meeting, cast: Cast) -> None:
    with pytest.raises(errors.GuardUnmet, match="not begun"):
        perform(planned, "hold", actor=cast.uc_chair)


def test_two_meetings_a_year_or_it_is_said(users_committee: Committee, cast: Cast) -> None:
    assert meetings_missing(users_committee).startswith("No meeting is planned.")
    for days in (30, 200):
        moment = timezone.now() + days * DAY
        create(Meeting, actor=cast.lead, data={"committee": USERS_COMMITTEE, "starts_at": moment.isoformat()})
        missing = meetings_missing(users_committee)
        assert missing.startswith("Only 1 of at least 2") == (days == 30)
    assert not missing


def test_whoever_came_is_credited_the_time_once(held: Meeting, cast: Cast) -> None:
    came = {"uc-chair": "present", "uc-member": "remote"}
    note_attendance(held, actor=cast.uc_chair, data=came)
    note_attendance(held, actor=cast.lead, data=came)
    counted = HoursEntry.objects.filter(withdrawn_at__isnull=True)
    assert {(row.person.username, row.minutes) for row in counted} == {("uc-chair", 90), ("uc-member", 90)}
    note_attendance(held, actor=cast.uc_chair, data={"uc-member": "excused"})
    assert [row.person.username for row in counted.all()] == ["uc-chair"]
    assert {each.person.username: each.presence for each in held.attendances.all()} == {
        "uc-chair": "present",
        "uc-member": "excused",
    }


def test_attendance_of_strangers_and_of_the_future_is_refused(
    held: Meeting, planned: Meeting, cast: Cast
) -> None:
    with pytest.raises(errors.InvalidInput, match="staff"):
        note_attendance(held, actor=cast.uc_chair, data={"staff": "present"})
    with pytest.raises(errors.InvalidInput, match="uc-member"):
        note_attendance(held, actor=cast.uc_chair, data={"uc-member": "asleep"})
    with pytest.raises(errors.GuardUnmet):
        note_attendance(planned, actor=cast.uc_chair, data={})
    with pytest.raises(errors.NotAllowed):
        note_attendance(held, actor=cast.uc_member, data={"uc-member": "present"})


def test_action_lines_are_read_as_people_write_them(cast: Cast) -> None:
    lines = lines_of(LINES)
    assert [line.text for line in lines] == [
        "ask the archive for its plans",
        "write to the liaisons",
        "@nobody-here call back, by 31 February 2030",
        "collect the science cases",
    ]
    assert [line.person.username if line.person else "" for line in lines] == ["staff", "", "", "uc-member"]
    assert lines[0].due_on == datetime.date(2030, 3, 1)
    assert "no day" in lines[2].problem
    assert "nobody-here" in lines[2].problem
    assert lines_of("The action: none was needed.\nReaction: mixed") == []


def test_each_line_becomes_one_ticket_and_opens_the_next_agenda(
    held: Meeting, planned: Meeting, cast: Cast
) -> None:
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": LINES, "based_on": 0})
    made = take_actions(held, "open", actor=cast.uc_chair)
    assert take_actions(held, "open", actor=cast.uc_chair) == []
    issues = {issue.title: issue for issue in Issue.objects.all()}
    asked = issues["Ask the archive for its plans"]
    assert len(made) == len(issues) == 4
    assert (asked.origin, asked.assignee, asked.reporter) == ("committee", cast.staff, cast.uc_chair)
    assert asked.due_at is not None
    assert asked.due_at.date() == datetime.date(2030, 3, 2)

    waiting = open_actions(held.committee, cast.uc_member, before=planned.starts_at)
    assert len(waiting) == 4
    perform(asked, "decline", actor=cast.scientist, reason="The plans are public already.")
    waiting = open_actions(held.committee, cast.uc_member, before=planned.starts_at)
    assert "ask the archive for its plans" not in {each.action.text for each in waiting}
    assert len(waiting) == 3
    assert open_actions(held.committee, cast.uc_member, before=held.starts_at) == []


def test_an_action_whose_ticket_is_hidden_is_hidden_as_well(held: Meeting, cast: Cast) -> None:
    write_minutes(held, "open", actor=cast.uc_chair, data={"text": "ACTION: look at it", "based_on": 0})
    take_actions(held, "open", actor=cast.uc_chair)
    Ticket.objects.update(visibility="confidential")
    assert open_actions(held.committee, cast.uc_member) == []
    assert len(open_actions(held.committee, cast.lead)) == 1


def test_executive_actions_make_no_ticket_and_are_ticked_off_by_members(
    held: Meeting, planned: Meeting, cast: Cast
) -> None:
    data = {"text": "ACTION: @uc-chair talk to them", "based_on": 0}
    write_minutes(held, "executive", actor=cast.uc_chair, data=data)
    with pytest.raises(errors.NotFound):
        take_actions(held, "executive", actor=cast.lead)
    (action,) = take_actions(held, "executive", actor=cast.uc_chair)
    assert not Issue.objects.exists()
    assert open_actions(held.committee, cast.lead) == []
    assert len(open_actions(held.committee, cast.uc_member)) == 1
    with pytest.raises(errors.NotFound):
        tick_off(action, actor=cast.lead)
    tick_off(action, actor=cast.uc_member)
    assert open_actions(held.committee, cast.uc_member) == []
    tick_off(Action.objects.get(), actor=cast.uc_member, done=False)
    assert len(open_actions(held.committee, cast.uc_chair)) == 1


def events(content: bytes) -> list[str]:
    made = icalendar.Calendar.from_ical(content)
    return sorted(str(event["uid"]).split("-")[0] for event in made.walk("VEVENT"))


def test_a_calendar_holds_what_its_owner_may_come_to(planned: Meeting, cast: Cast) -> None:
    assert events(calendar_of(key_of(cast.uc_member).secret)) == ["listening", "meeting"]
    assert events(calendar_of(key_of(cast.outsider).secret)) == ["listening"]
    Membership.objects.filter(person=cast.uc_member).update(ends_on="2020-06-01")
    assert events(calendar_of(key_of(cast.uc_member).secret)) == ["listening"]


def test_a_calendar_says_when_and_that_it_was_cancelled(planned: Meeting, cast: Cast) -> None:
    event = icalendar.Calendar.from_ical(calendar_of_meeting(planned, cast.uc_member)).walk("VEVENT")[0]
    assert event.decoded("dtstart") == planned.starts_at.replace(microsecond=0)
    assert event.decoded("dtend") - event.decoded("dtstart") == datetime.timedelta(minutes=120)
    cancelled = perform(planned, "cancel", actor=cast.uc_chair, reason="A strike.")
    after = icalendar.Calendar.from_ical(calendar_of_meeting(cancelled, cast.uc_member)).walk("VEVENT")[0]
    assert (str(after["status"]), after["uid"]) == ("CANCELLED", event["uid"])
    assert int(after["sequence"]) > int(event["sequence"])


def test_a_renewed_key_closes_the_old_address(cast: Cast) -> None:
    old = key_of(cast.uc_member).secret
    assert key_of(cast.uc_member).secret == old
    new = renew_key(actor=cast.uc_member).secret
    with pytest.raises(errors.NotFound):
        calendar_of(old)
    assert events(calendar_of(new)) == []
    User.objects.filter(pk=cast.uc_member.pk).update(is_active=False)
    with pytest.raises(errors.NotFound):
        calendar_of(new)


def test_a_calendar_tells_nothing_of_the_executive_part(planned: Meeting, cast: Cast) -> None:
    add_point(planned, actor=cast.uc_chair, data={"title": "Dismissal of Smith", "part": "executive"})
    assert b"Smith" not in calendar_of(key_of(cast.uc_member).secret)


LINK = "https://video.example.org/secret-room"


def test_the_link_to_join_is_for_members_alone(planned: Meeting, cast: Cast) -> None:
    meeting = edit(planned, actor=cast.uc_chair, data={"video_link": LINK})
    assert link_for(meeting, cast.uc_member) == LINK
    assert [link_for(meeting, person) for person in (cast.lead, cast.director, cast.anonymous)] == [""] * 3
    assert LINK in calendar_of_meeting(meeting, cast.uc_member).decode().replace("\r\n ", "")
    assert LINK in calendar_of(key_of(cast.uc_chair).secret).decode().replace("\r\n ", "")
    for stranger in (cast.lead, cast.outsider):
        assert b"secret-room" not in calendar_of_meeting(meeting, stranger)
        assert b"secret-room" not in calendar_of(key_of(stranger).secret)
    alone = edit(meeting, actor=cast.uc_chair, data={"listening_at": ""})
    assert b"secret-room" not in calendar_of_meeting(alone, cast.outsider)
    assert all(LINK not in str(event.changes) for event in Event.objects.of(meeting))


def test_a_lead_who_does_not_see_the_link_does_not_wipe_it_out(planned: Meeting, cast: Cast) -> None:
    meeting = edit(planned, actor=cast.uc_chair, data={"video_link": LINK})
    meeting = edit(meeting, actor=cast.lead, data={"place": "By video", "video_link": ""})
    assert link_for(meeting, cast.uc_chair) == LINK
    meeting = edit(meeting, actor=cast.lead, data={"video_link": "https://video.example.org/other"})
    assert link_for(meeting, cast.uc_chair) == "https://video.example.org/other"
    edit(meeting, actor=cast.uc_chair, data={"video_link": ""})
    assert link_for(meeting, cast.uc_chair) == ""
    with pytest.raises(errors.InvalidInput, match="video link"):
        edit(meeting, actor=cast.uc_chair, data={"video_link": "javascript:alert(1)"})


def test_a_meeting_to_come_waits_for_its_day_and_for_nobody(
    planned: Meeting, held: Meeting, cast: Cast
) -> None:
    assert planned.holders == []
    assert planned.awaited.startswith("its day, ")
    assert [meeting.pk for meeting in held_by(Meeting, cast.uc_chair)] == [held.pk]
    warned = clocks.adapter_for("meeting").holders([planned.pk])
    assert warned == {planned.pk: [cast.uc_chair]}
