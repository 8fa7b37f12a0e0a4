"""What members take on: lines of the minutes, the tickets that come of them, and what is still open.

A line reads `ACTION: @name what is to be done, by 2027-03-01`; name and date may be missing.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ops.committees.models import Action, Committee, Meeting, Part
from ops.committees.rules import OFFICERS, sits_on
from ops.committees.spans import at_midnight
from ops.people.authority import is_lead
from ops.people.models import User
from ops.tickets.models import Ticket, Visibility
from ops.workflow import errors, registry
from ops.workflow.services import create

TICKET_KIND = "issue"
ORIGIN = "committee"
_LINE = re.compile(
    r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?:\[[ xX]?\]\s*)?[*_]{0,2}ACTIONS?[*_]{0,2}:[*_]{0,2}\s*(?P<words>.+)$",
    re.I,
)
_BY = re.compile(
    r"[,;]?\s*\b(?:by|until)\s+(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}\s+[A-Za-z]{3,9}\.?\s+\d{4})\s*\.?\s*$", re.I
)
_NAME = re.compile(r"^@(?P<name>[\w.+-]*[\w+-])[:,]?\s+")
MOST = 50
LONGEST = Action._meta.get_field("text").max_length or 200


@dataclass(frozen=True)
class Line:
    """An action as the minutes say it; `problem` says what could not be read."""

    text: str
    person: User | None = None
    due_on: datetime.date | None = None
    problem: str = ""


@dataclass(frozen=True)
class Open:
    """An action that is still open, and the ticket of it where there is one."""

    action: Action
    ticket: Ticket | None


def lines_of(text: str) -> list[Line]:
    """Return the action lines of minutes, at most fifty, each once; code and quotations are not looked at."""
    found = (_LINE.match(line) for line in text.splitlines())
    words = [match["words"].strip().rstrip("*_ ") for match in found if match][:MOST]
    names = {at["name"] for each in words if (at := _NAME.match(each))}
    people = User.objects.visible_to(None).filter(username__in=names) if names else []
    named = {person.username: person for person in people}
    lines = {line.text: line for line in (_read(each, named) for each in words) if line.text}
    return list(lines.values())


def _read(words: str, named: dict[str, User]) -> Line:
    due_on, problems = None, []
    if by := _BY.search(words):
        due_on = _day(by["date"])
        if due_on is None:
            problems.append(f"“{by['date']}” is no day")
        else:
            words = words[: by.start()].rstrip(" ,;")
    person = None
    if at := _NAME.match(words):
        person = named.get(at["name"])
        if person is None:
            problems.append(f"nobody is called “@{at['name']}”")
        else:
            words = words[at.end() :]
    return Line(words[:LONGEST].strip(), person, due_on, "; ".join(problems))


def _day(text: str) -> datetime.date | None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.datetime.strptime(text.replace(".", ""), form).replace(tzinfo=datetime.UTC).date()
        except ValueError:
            continue
    return None


def may_take_actions(actor: Any, meeting: Meeting, part: str) -> bool:
    """Whether somebody may make actions of the lines: chair and secretary, and of the open part the leads."""
    return sits_on(actor, meeting.committee, *OFFICERS) or (part == Part.OPEN and is_lead.test(actor))


@transaction.atomic
def take_actions(
    meeting: Meeting, part: str, *, actor: User, moment: datetime.datetime | None = None
) -> list[Action]:
    """Make an action of every line of the minutes that is none yet; return the new ones.

    Of the open part each becomes a ticket, assigned to whoever is named and due when the line says. Of the executive
    part none does: leads read tickets, so that its members tick these off themselves. Done twice, nothing is made
    twice. Raises `NotFound`, `NotAllowed`.
    """
    rows = Meeting.objects.visible_to(actor).locked().select_related("committee")
    found = rows.filter(pk=meeting.pk).first()
    if found is None or (part == Part.EXECUTIVE and not sits_on(actor, found.committee)):
        raise errors.NotFound
    if not may_take_actions(actor, found, part):
        raise errors.NotAllowed(
            "Only chair, secretary or a lead community scientist may make tickets of actions."
        )
    known = set(found.actions.filter(part=part).values_list("text", flat=True))
    wanted = [line for line in lines_of(found.minutes_of(part).text) if line.text not in known]
    return [_take(found, part, line, actor, moment) for line in wanted]


def _take(meeting: Meeting, part: str, line: Line, actor: User, moment: datetime.datetime | None) -> Action:
    ticket = _ticket_of(meeting, line, actor, moment) if part == Part.OPEN else None
    return Action.objects.create(
        meeting=meeting, part=part, text=line.text, person=line.person, due_on=line.due_on, ticket=ticket
    )


def _ticket_of(meeting: Meeting, line: Line, actor: User, moment: datetime.datetime | None) -> Ticket:
    who = f"@{line.person.username} took this on" if line.person else "Taken on"
    data = {
        "title": line.text[:1].upper() + line.text[1:],
        "description": f"{who} at the [{meeting}]({settings.PUBLIC_URL}{meeting.get_absolute_url()}).",
        "origin": ORIGIN,
        "visibility": Visibility.COMMUNITY,
    }
    given: dict[str, Any] = {"assignee": line.person}
    if line.due_on:
        given["due_at"] = at_midnight(line.due_on + datetime.timedelta(days=1))
    made: Any = create(registry.model_of(TICKET_KIND), actor=actor, data=data, moment=moment, **given)
    return Ticket.objects.get(pk=made.pk)


@transaction.atomic
def tick_off(action: Action, *, actor: User, done: bool = True) -> Action:
    """Say that an action without a ticket is done, or that it is not; those who sit there may.

    Raises `NotFound` to everybody else, and `GuardUnmet` where a ticket says how it stands.
    """
    found = Action.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=action.pk).first()
    if found is None or not sits_on(actor, found.meeting.committee):
        raise errors.NotFound
    if found.ticket_id is not None:
        raise errors.GuardUnmet("Its ticket says how it stands; move that.")
    found.done_at, found.done_by = (timezone.now(), actor) if done else (None, None)
    found.save(update_fields=["done_at", "done_by"])
    return found


def open_actions(committee: Committee, reader: Any, *, before: datetime.datetime | None = None) -> list[Open]:
    """Return what is still open from the meetings of a committee, the oldest first, as this reader may see it."""
    live = registry.model_of(TICKET_KIND).workflow.live_states()
    rows = Action.objects.visible_to(reader).filter(meeting__committee=committee)
    if before is not None:
        rows = rows.filter(meeting__starts_at__lt=before)
    still = Q(ticket__isnull=True, done_at__isnull=True) | Q(ticket__state__in=live)
    found = list(rows.filter(still).select_related("meeting__committee", "person").order_by("pk"))
    return list(_with_tickets(found, reader))


def actions_of(meeting: Meeting, reader: Any) -> list[Open]:
    """Return every action of one meeting that this reader may see, with its ticket."""
    rows = Action.objects.visible_to(reader).filter(meeting=meeting).select_related("person", "done_by")
    return list(_with_tickets(list(rows), reader))


def _with_tickets(actions: Sequence[Action], reader: Any) -> Iterator[Open]:
    ids = [action.ticket_id for action in actions if action.ticket_id]
    seen = (
        {ticket.pk: ticket for ticket in Ticket.objects.visible_to(reader).filter(pk__in=ids)} if ids else {}
    )
    for action in actions:
        if action.ticket_id is None or action.ticket_id in seen:
            yield Open(action, seen.get(action.ticket_id))
