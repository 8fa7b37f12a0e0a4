"""What the frame around every page needs to know, asked only when a page draws it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from ops.notify import notices
from ops.web.frame import navigation
from ops.web.frame.entries import Entry, Section


class Frame:
    """The frame of one request: theme, side bar, top bar."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def theme(self) -> str:
        """Light, dark, or `system` for whatever the device prefers."""
        return self.request.user.theme if self.request.user.is_authenticated else "system"

    @property
    def is_demonstration(self) -> bool:
        """Whether the observatory is an invented one."""
        return settings.DEMO

    @property
    def account_help_url(self) -> str:
        """Where people go whose problem is their account; nothing where the installation names no place."""
        return settings.ACCOUNT_HELP_URL

    @property
    def may_administer(self) -> bool:
        """Whether the administration lets the reader in."""
        return admin.site.has_permission(self.request)

    @property
    def search_url(self) -> str:
        """Where words are looked for."""
        return reverse("search")

    @property
    def suggest_url(self) -> str:
        """Where the palette asks for what it does not have."""
        return reverse("suggest")

    @property
    def searched(self) -> str:
        """The words of the search that is shown."""
        return self.request.GET.get("q", "") if self.request.path == self.search_url else ""

    @cached_property
    def unread(self) -> int:
        """How many messages the reader has not read; one query on an index."""
        return notices.unread_count(self.request.user) if self.request.user.is_authenticated else 0

    @cached_property
    def sections(self) -> list[Section]:
        """The side bar."""
        return navigation.mark_current(navigation.sections(self.request), self.request.get_full_path())

    @cached_property
    def makings(self) -> list[Entry]:
        """What can be created from the top bar."""
        return navigation.makings(self.request)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates `frame`."""
    return {"frame": Frame(request)}
