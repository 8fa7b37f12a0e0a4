"""What is told of seats and meetings by mail and at the bell, and to whom."""

from __future__ import annotations

from ops.committees.models import Meeting
from ops.notify.composers import registered
from ops.notify.models import Message
from ops.people.models import User
from ops.workflow.models import Event
from ops.workflow.services import edit, perform
from tests.cast import Cast
from tests.committees.seats import SeatFactory

SEATS, MEETINGS = registered("committees.seat.event"), registered("committees.meeting.event")


def told() -> set[str]:
    return {message.person.username for message in Message.objects.select_related("person") if message.person}


def test_a_nomination_is_told_to_those_who_may_know_of_it(cast: Cast) -> None:
    seat = SeatFactory().new(cast)
    assert told() == {"lead", "reporter"}
    event = Event.objects.of(seat).get()
    letter = SEATS.compose([event.pk], cast.lead)
    assert letter is not None
    assert "Reporter" in letter.subject
    assert letter.waits_for_you
    assert SEATS.compose([event.pk], cast.staff) is None
    assert SEATS.compose([event.pk], "stranger@example.org") is None
    assert SEATS.headlines([event.pk], cast.staff) == {}
    assert "nominated" in SEATS.headlines([event.pk], cast.lead)[event.pk].text


def test_what_led_to_a_term_is_in_no_letter_to_others(cast: Cast) -> None:
    seat = SeatFactory().in_state("active", cast)
    vetting = Event.objects.of(seat).get(name="vet")
    assert SEATS.compose([vetting.pk], cast.staff) is None
    assert SEATS.headlines([vetting.pk], cast.staff) == {}
    assert SEATS.compose([vetting.pk], cast.lead) is not None


def test_members_hear_of_a_meeting_and_of_its_new_date(planned: Meeting, cast: Cast) -> None:
    assert told() == {"uc-member"}
    Message.objects.all().delete()
    moved = edit(planned, actor=cast.uc_chair, data={"starts_at": "2030-05-05T15:00:00Z", "place": "Room 1"})
    assert told() == {"uc-member"}
    event = Event.objects.of(moved).latest("pk")
    letter = MEETINGS.compose([event.pk], cast.uc_member)
    assert letter is not None
    assert "5 May 2030, 15:00" in letter.text
    assert "UTC, Room 1" in letter.html


def test_the_reason_of_a_cancellation_is_told(planned: Meeting, cast: Cast) -> None:
    perform(planned, "cancel", actor=cast.uc_chair, reason="A strike of the *trains*.")
    event = Event.objects.of(planned).latest("pk")
    letter = MEETINGS.compose([event.pk], User.objects.get(pk=cast.uc_member.pk))
    assert letter is not None
    assert "A strike of the" in letter.text
    assert "<em>trains</em>" in letter.html
