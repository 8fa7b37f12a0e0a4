"""A room above `ops.notify`, as small as can be: it writes notes and knows who may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ops.notify.composers import Headline, Letter, Recipient
from ops.notify.services import announce
from ops.people.models import User


class Room:
    """Notes by number. A note that is secret is composed for nobody; a poisoned one cannot be composed."""

    def __init__(self) -> None:
        self.secret: set[int] = set()
        self.poisoned: set[int] = set()
        self.waits: dict[int, str] = {}
        self.composed: list[tuple[tuple[int, ...], Recipient]] = []

    def compose(self, object_ids: Sequence[int], recipient: Recipient) -> Letter | None:
        self.composed.append((tuple(object_ids), recipient))
        if self.poisoned.intersection(object_ids):
            raise ValueError("this note cannot be read")
        seen = [number for number in object_ids if number not in self.secret]
        if not seen:
            return None
        numbers = ", ".join(map(str, seen))
        return Letter(
            subject=f"About {numbers}",
            text=f"Notes: {numbers}",
            html=f"<p>Notes: {numbers}</p>",
            link=f"http://localhost:8000/notes/{seen[0]}/",
            thread_title=f"Note {seen[0]}",
            waits_for_you=self.waits.get(seen[0], ""),
        )

    def headlines(self, object_ids: Sequence[int], reader: User) -> Mapping[int, Headline]:
        return {
            number: Headline(f"Note {number}", f"note {number} changed", f"/notes/{number}/")
            for number in object_ids
            if number not in self.secret
        }


def tell(number: int, *recipients: Recipient, actor: User, thread: str = "") -> int:
    """Announce a note to some recipients, in a thread of its own unless one is named."""
    return announce(
        "note", object_id=number, thread=thread or f"note:{number}", recipients=recipients, actor=actor
    )
