"""Places of the side bar, as every room of pages names its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A place one can go to: its words, address and icon, and how many things wait there, if that is known."""

    label: str
    url: str
    icon: str
    count: int | str | None = None
    keys: str = ""  # the key, or the two keys one after the other, that lead there: “c”, “g h”
    current: bool = False


@dataclass(frozen=True)
class Section:
    """Entries under a heading; the first section has none."""

    title: str
    entries: Sequence[Entry] = field(default_factory=tuple)
