"""Dates of meetings for calendar programs: one as a file, all of a person as an address that keeps itself new.

A calendar says when and where. What is on the agenda stays on the page, where it is asked who reads it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from ops.committees.models import CalendarKey, Meeting
from ops.committees.rules import committees_sat_on
from ops.people.models import User
from ops.workflow.errors import NotFound

MOST = 500


def calendar_file(meetings: Iterable[Meeting], *, name: str, sits_in: Iterable[str]) -> bytes:
    """Return meetings as an iCalendar file.

    Of committees in `sits_in` it holds the meeting with the link to join; of others the listening session, and the
    meeting without a link where there is none.
    """
    made = icalendar.Calendar()
    made.add("prodid", "-//Operations desk//Committees//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    inside = set(sits_in)
    for meeting in meetings:
        for event in _events(meeting, is_member=meeting.committee.slug in inside):
            made.add_component(event)
    return made.to_ical()


def _events(meeting: Meeting, *, is_member: bool) -> Iterator[icalendar.Event]:
    if is_member or meeting.listening_at is None:
        event = _event(
            meeting, "meeting", str(meeting), meeting.starts_at, meeting.place, end=meeting.ends_at
        )
        if is_member and hasattr(meeting, "way_in"):
            event.add("description", f"Join: {meeting.way_in.link}")
        yield event
    if meeting.listening_at:
        words = f"Listening session of the {meeting.committee}"
        yield _event(meeting, "listening", words, meeting.listening_at, meeting.listening_link)


def _event(
    meeting: Meeting, part: str, words: str, begins: Any, place: str, end: Any = None
) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{part}-{meeting.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("summary", words)
    event.add("dtstart", begins)
    if end is not None:
        event.add("dtend", end)
    event.add("dtstamp", meeting.state_since)
    event.add("sequence", meeting.version)  # a calendar takes the entry with the higher number
    event.add("status", "CANCELLED" if meeting.state == Meeting.State.CANCELLED else "CONFIRMED")
    event.add("url", f"{settings.PUBLIC_URL}{meeting.get_absolute_url()}")
    if place:
        event.add("location", place)
    return event


def key_of(person: User) -> CalendarKey:
    """Return the key of somebody's calendar; the first time, one is made."""
    key, _ = CalendarKey.objects.get_or_create(person=person, defaults={"secret": secrets.token_urlsafe(32)})
    return key


@transaction.atomic
def renew_key(*, actor: User) -> CalendarKey:
    """Close the address of one's calendar and open another."""
    CalendarKey.objects.filter(person=actor).delete()
    return key_of(actor)


def calendar_of(secret: str) -> bytes:
    """Return the calendar behind a key: meetings of one's own committees, and the listening sessions of all.

    Raises `NotFound` for a key that nobody has, and for a closed account.
    """
    key = CalendarKey.objects.filter(secret=secret, person__is_active=True).select_related("person").first()
    if key is None:
        raise NotFound
    sits_in = committees_sat_on(key.person)
    concerns = Q(committee__slug__in=sits_in) | Q(listening_at__isnull=False)
    rows = Meeting.objects.visible_to(key.person).filter(concerns).select_related("committee", "way_in")
    return calendar_file(
        rows.order_by("-starts_at")[:MOST], name=f"Committees of {key.person.name}", sits_in=sits_in
    )


def calendar_of_meeting(meeting: Meeting, reader: Any) -> bytes:
    """Return one meeting as a file, as somebody who sees it may come to it."""
    sits_in = committees_sat_on(reader) if reader.is_authenticated else []
    return calendar_file([meeting], name=str(meeting), sits_in=sits_in)
