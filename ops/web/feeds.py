"""Feeds for those who follow without an account. Whoever asks is given what everybody may see, and nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html

from ops.issues import selectors
from ops.issues.models import Announcement
from ops.tickets.markdown import rendered
from ops.tickets.models import Ticket
from ops.tickets.timeline import Entry, timeline
from ops.web.finding import ticket_named
from ops.web.news import latest_moves

MOST = 50
_ANYBODY = AnonymousUser()
Item = tuple[Ticket, Entry]


class PublicFeed(Feed):
    """A feed whose addresses are those of the installation, by whatever name it was asked."""

    feed_type = Atom1Feed
    author_name = "Operations desk"

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer; the same for everybody, so that it may be kept on the way for a few minutes."""
        response = super().__call__(request, *args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    def feed_url(self, subject: Any) -> str:
        """Where the feed itself is."""
        return settings.PUBLIC_URL + self.path(subject)

    def path(self, subject: Any) -> str:
        """Return the path of the feed."""
        raise NotImplementedError


class AnnouncementsFeed(PublicFeed):
    """What the community was told."""

    title = "Announcements of the observatory"
    subtitle = "Major changes to data products and services."

    def path(self, subject: Any) -> str:
        return reverse("announcements-feed")

    def link(self) -> str:
        return settings.PUBLIC_URL + reverse("list-announcement")

    def items(self) -> Iterable[Announcement]:
        return selectors.published()[:MOST]

    def item_title(self, item: Announcement) -> str:
        return item.title

    def item_description(self, item: Announcement) -> str:
        return rendered(item.body, site=settings.PUBLIC_URL)

    def item_link(self, item: Announcement) -> str:
        return settings.PUBLIC_URL + item.get_absolute_url()

    def item_pubdate(self, item: Announcement) -> datetime.datetime | None:
        return item.published_at

    item_updateddate = item_pubdate


class TicketsFeed(PublicFeed):
    """What happens on tickets."""

    def item_title(self, item: Item) -> str:
        ticket, entry = item
        return f"{ticket.key} {ticket.title}: {_who_did_what(entry)}"

    def item_description(self, item: Item) -> str:
        _, entry = item
        if entry.comment is not None:
            return rendered(entry.comment.body, site=settings.PUBLIC_URL)
        return format_html("<p>{}</p>", entry.event.reason) if entry.event and entry.event.reason else ""

    def item_link(self, item: Item) -> str:
        ticket, entry = item
        return f"{settings.PUBLIC_URL}{ticket.get_absolute_url()}#{entry.anchor}"

    def item_pubdate(self, item: Item) -> datetime.datetime:
        return item[1].moment

    item_updateddate = item_pubdate


class IssuesFeed(TicketsFeed):
    """Steps and comments on everything public."""

    title = "Public issues of the observatory"
    subtitle = "Each step of each public issue, and what is said on it in public."

    def path(self, subject: Any) -> str:
        return reverse("issues-feed")

    def link(self) -> str:
        return settings.PUBLIC_URL + reverse("queue-issue")

    def items(self) -> Iterable[Item]:
        return latest_moves(_ANYBODY, most=MOST)


class TicketFeed(TicketsFeed):
    """Everything that happens on one public ticket."""

    def get_object(self, request: HttpRequest, key: str) -> Ticket:
        return ticket_named(key, _ANYBODY)

    def path(self, subject: Ticket) -> str:
        return reverse("ticket-feed", args=[subject.key])

    def title(self, subject: Ticket) -> str:
        return f"{subject.key} {subject.title}"

    def link(self, subject: Ticket) -> str:
        return settings.PUBLIC_URL + subject.get_absolute_url()

    def items(self, subject: Ticket) -> Iterable[Item]:
        newest = timeline(subject, _ANYBODY, most=MOST).entries[::-1]
        return [(subject, entry) for entry in newest]


def _who_did_what(entry: Entry) -> str:
    if entry.comment is not None:
        return f"{entry.comment.author.name} commented"
    return f"{entry.event.actor.name} {entry.words}" if entry.event else ""
