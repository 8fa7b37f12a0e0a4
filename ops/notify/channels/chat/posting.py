"""One post per letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from ops.notify.channels.posting import post_parcel
from ops.notify.parcels import Parcel, Section, Send

# Slack cuts off longer texts; whoever wants all of it follows the link.
SECTION_LENGTH = 1500
POST_LENGTH = 12000


@contextmanager
def opened() -> Iterator[Send]:
    """Chat rooms share no connection: each has a server of its own."""
    yield _post


def _post(parcel: Parcel) -> None:
    post_parcel(parcel, json.dumps({"text": text_of(parcel)}).encode(), {})


def text_of(parcel: Parcel) -> str:
    """Return a parcel in Slack's notation: the titles as links, then what happened."""
    parts: list[str] = []
    thread = ""
    for section in parcel.sections:
        if section.thread != thread:
            parts.append(_title(section))
            thread = section.thread
        if section.letter.waits_for_you:
            parts.append(f"_{escaped(section.letter.waits_for_you)}_")
        parts.append(escaped(_shortened(section.letter.text.strip(), SECTION_LENGTH)))
    if parcel.more:
        parts.append(f"And {parcel.more} more.")
    return _shortened("\n".join(parts), POST_LENGTH)


def _title(section: Section) -> str:
    # In a link, Slack reads | as the end of the address and > as the end of the link.
    link = section.letter.link.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")
    return f"*<{link}|{escaped(section.letter.thread_title).replace('|', '¦')}>*"


def escaped(text: str) -> str:
    """Take the meaning from Slack's special characters, so that no title can call a whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
