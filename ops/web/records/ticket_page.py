"""Everything that the page of a ticket shows, each part asked for once and only when it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from ops.people.authority import is_staff_member
from ops.people.models import User
from ops.tickets.models import (
    Attachment,
    CommentVisibility,
    Invitation,
    Link,
    LinkKind,
    Ticket,
    Visibility,
    Watcher,
)
from ops.tickets.selectors import followers_of, invited_to
from ops.tickets.services import comment_visibilities, may_invite, takes_part
from ops.tickets.timeline import timeline
from ops.web.records.record_page import RecordPage
from ops.web.records.story import Happening, Said, told

MOST_CHILDREN = 50


@dataclass(frozen=True)
class Audience:
    """Whom a comment can be addressed to, and who that is."""

    value: str
    label: str
    who: str


@dataclass(frozen=True)
class Related:
    """Another ticket, how this one stands to it, and where the relation can be taken away."""

    words: str
    ticket: Ticket
    remove_url: str = ""


class TicketPage(RecordPage):
    """The page of one ticket for one reader."""

    def __init__(self, request: HttpRequest, ticket: Any, *, is_fresh: bool = False) -> None:
        super().__init__(request, ticket)
        # Right after a comment was sent, the composer starts empty; otherwise it keeps what is being typed.
        self.is_fresh = is_fresh

    @property
    def ticket(self) -> Any:
        """The record of the page."""
        return self.record

    @property
    def holders(self) -> Sequence[User]:
        """Who holds it, where that is not just the assignee, who stands there anyway."""
        people = self.standing.people if self.standing.is_live else ()
        return () if list(people) == [self.ticket.assignee] else people

    @property
    def queue_url(self) -> str:
        """The queue of its kind, open ones."""
        return f"{reverse(f'queue-{self.ticket.kind}')}?live=yes"

    @property
    def parent(self) -> Ticket | None:
        """The ticket above it, where the reader may know of it."""
        return next((fact.value for fact in self.facts.all if fact.name == "parent"), None)

    @cached_property
    def _timeline(self) -> Any:
        return timeline(self.ticket, self.reader, before=self._before)

    @property
    def _before(self) -> datetime | None:
        try:
            before = datetime.fromisoformat(self.request.GET.get("before", ""))
        except ValueError:
            return None
        return before if before.tzinfo else None

    @property
    def is_earlier(self) -> bool:
        """Whether an earlier part of the story is shown, not its end."""
        return self._before is not None

    @cached_property
    def story(self) -> list[Happening | Said]:
        """The newest part of the story, oldest first."""
        return told(self.ticket, self._timeline.entries, self.reader)

    @property
    def earlier(self) -> str:
        """Where the part before that begins; nothing where there is none."""
        return self._timeline.earlier.isoformat() if self._timeline.earlier else ""

    @cached_property
    def audiences(self) -> list[Audience]:
        """Whom this reader can write to, the widest first, with who they are."""
        if not self.reader.is_authenticated:
            return []
        return [self._audience(value) for value in comment_visibilities(self.ticket, self.reader)]

    @property
    def asks_description(self) -> bool:
        """Whether tickets of this kind are described, or say what they are about in fields of their own."""
        return "description" in self.ticket.workflow.creation.fields

    def _audience(self, value: CommentVisibility) -> Audience:
        followers = len(self.watchers)
        told = f" {followers} follow it and are told." if followers > 1 else ""
        if self.ticket.keeps_talk:
            return Audience(value, "Those who write it", self.ticket.talk_words)
        is_circle = self.ticket.visibility == Visibility.CIRCLE
        is_confidential = self.ticket.visibility == Visibility.CONFIDENTIAL
        if value == CommentVisibility.STAFF:
            who = (
                "Of those who see it, staff only"
                if is_confidential or is_circle
                else "Staff of the observatory only"
            )
            beside = "" if is_staff_member(self.ticket.reporter) else "; the reporter does not see it"
            return Audience(value, "Staff", f"{who}{beside}.")
        if value == CommentVisibility.PARTICIPANTS:
            others = "the leads" if is_confidential else "staff who see it" if is_circle else "staff"
            return Audience(value, "Participants", f"{self._participants}, and {others}.")
        widest = self.ticket.circle_words if is_circle else _WIDEST[self.ticket.visibility]
        return Audience(value, "Everybody here", widest + told)

    @property
    def _participants(self) -> str:
        around = [(self.ticket.reporter, "reporter"), (self.ticket.assignee, "assignee")]
        people = {person: role for person, role in reversed(around) if person is not None}
        invited = len(self.invitations)
        named = [f"{person.name} ({role})" for person, role in reversed(people.items())]
        return ", ".join([*named, *([f"{invited} invited"] if invited else [])])

    @cached_property
    def links(self) -> list[Related]:
        """The tickets it is linked to, of those that the reader may know."""
        ticket = self.ticket
        either_end = Q(source_id=ticket.pk) | Q(target_id=ticket.pk)
        rows = Link.objects.visible_to(self.reader).filter(either_end).select_related("source", "target")
        return [self._related(link) for link in rows.defer(*_LONG_COLUMNS).order_by("pk")]

    def _related(self, link: Link) -> Related:
        other = link.target if link.source_id == self.ticket.pk else link.source
        url = reverse("remove-link", args=[self.ticket.key, link.pk]) if self.may_link else ""
        return Related(link.words_from(self.ticket), other, url)

    @cached_property
    def may_link(self) -> bool:
        """Whether this reader takes part: they may change links, put something below, and know who was let in."""
        if not self.reader.is_authenticated:
            return False
        return is_staff_member(self.reader) or takes_part.test(self.reader, self.ticket)

    @property
    def link_kinds(self) -> list[tuple[str, str]]:
        """How this ticket can stand to another."""
        return list(LinkKind.choices)

    @cached_property
    def children(self) -> list[Ticket]:
        """The tickets below it that the reader may know, oldest first."""
        rows = Ticket.objects.visible_to(self.reader).filter(parent_id=self.ticket.pk).order_by("pk")
        return list(rows.select_related("assignee").defer("description")[: MOST_CHILDREN + 1])

    @property
    def children_done(self) -> int:
        """How many of them are finished."""
        return sum(child.has_ended for child in self.children)

    @property
    def child_url(self) -> str:
        """Where a ticket below this one is made, for those who may."""
        creation = self.ticket.workflow.creation
        if "parent" not in creation.fields or not self.may_link or not creation.by.test(self.reader, None):
            return ""
        return f"{reverse('new', args=[self.ticket.kind])}?parent={self.ticket.key}"

    @cached_property
    def attachments(self) -> list[Attachment]:
        """The files of the ticket itself; those of comments stand with them."""
        files = self.ticket.attachments.filter(comment__isnull=True).select_related("uploaded_by")
        return list(files)

    @cached_property
    def watchers(self) -> list[Watcher]:
        """Everybody who follows it, of those that this reader may know of."""
        return list(followers_of(self.ticket, self.reader).order_by("pk"))

    @cached_property
    def follows(self) -> bool:
        """Whether this reader does."""
        return any(watcher.user_id == self.reader.pk for watcher in self.watchers if watcher.user_id)

    @cached_property
    def may_sign_up_others(self) -> bool:
        """Whether this reader may let others follow, and may know their addresses."""
        if not self.reader.is_authenticated:
            return False
        return is_staff_member(self.reader) or may_invite.test(self.reader, self.ticket)

    @property
    def may_take_others_off(self) -> bool:
        """Whether this reader may end what others follow."""
        return self.reader.is_authenticated and is_staff_member(self.reader)

    @cached_property
    def invitations(self) -> list[Invitation]:
        """Who was let in to a ticket that they would not see by themselves."""
        return list(invited_to(self.ticket, self.reader).order_by("pk")) if self.may_link else []

    @property
    def may_invite(self) -> bool:
        """Whether this reader may let others in."""
        return self.reader.is_authenticated and may_invite.test(self.reader, self.ticket)

    @property
    def shows_invitations(self) -> bool:
        """Whether it matters to this reader who was let in."""
        is_closed = self.ticket.visibility in {Visibility.CONFIDENTIAL, Visibility.STAFF, Visibility.CIRCLE}
        return bool(self.invitations) or (is_closed and self.may_link)


_LONG_COLUMNS = [f"{end}__{column}" for end in ("source", "target") for column in ("description", "search")]
_WIDEST = {
    Visibility.PUBLIC: "Anybody on the web, without an account.",
    Visibility.COMMUNITY: "Everybody with an account.",
    Visibility.STAFF: "Staff of the observatory, the reporter and who was let in.",
    Visibility.CONFIDENTIAL: "The reporter, the assignee, who was let in, and the leads.",
}
