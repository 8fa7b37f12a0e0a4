"""What stands in the side bar, and what can be made from the top bar.

A room of pages adds its entries here; an entry is shown to whom its page is open, and counts must be cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entry:
    """A place one can go to: its words, address and icon, and how many things wait there, if that is known."""

    label: str
    url: str
    icon: str
    count: int | None = None
    keys: str = ""  # the key, or the two keys one after the other, that lead there: “c”, “g h”
    current: bool = False


@dataclass(frozen=True)
class Section:
    """Entries under a heading; the first section has none."""

    title: str
    entries: Sequence[Entry] = field(default_factory=tuple)


def sections(request: HttpRequest) -> list[Section]:
    """Return the side bar for the person who asks; sections without entries are left out."""
    about = [Entry("Help", reverse("help"), "help-circle")]
    if settings.DEMO or settings.DEBUG:
        about.append(Entry("Style guide", reverse("styleguide"), "palette"))
    return [section for section in [Section("About", about)] if section.entries]


def mark_current(bar: Sequence[Section], path: str) -> list[Section]:
    """Return the side bar with the entry marked that the page lies at or nearest below."""
    places = [entry.url.partition("?")[0] for section in bar for entry in section.entries]
    fitting = [place for place in places if path == place or (place != "/" and path.startswith(place))]
    here = max(fitting, key=len, default=None)
    return [
        Section(
            section.title,
            [replace(entry, current=entry.url.partition("?")[0] == here) for entry in section.entries],
        )
        for section in bar
    ]


def makings(request: HttpRequest) -> list[Entry]:
    """Return what this person may create."""
    return []
