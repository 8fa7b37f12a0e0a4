"""A report written elsewhere becomes items: the text is kept word for word, the items as somebody corrected them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from ops.committees.models import Item, PastedText, Report
from ops.committees.reports.outline import DEEPEST, Place, add_item, arrange, drafted
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.errors import InvalidInput

MOST_ITEMS = 300
LEAVE_OUT, JOIN = "leave_out", "join"
DEPTHS = {str(depth): depth for depth in range(DEEPEST + 1)}


@dataclass(frozen=True)
class Corrected:
    """One piece as a person left it; `place` is its depth, or what else becomes of it."""

    place: str
    kind: str
    title: str
    text: str


@transaction.atomic
def take_over(report: Report, *, actor: User, text: str, pieces: Sequence[Corrected]) -> list[Item]:
    """Add the pieces of a text to a draft, behind the items that are there, and keep the text itself.

    A piece that joins becomes part of the text of the one before it. Raises `InvalidInput` naming the first piece
    that cannot be an item; then nothing is added.
    """
    locked = drafted(report, actor=actor)
    wanted = joined(pieces)
    if not wanted:
        raise errors.InvalidInput("Nothing was left to add.", fields={"text": ["Keep at least one piece."]})
    if len(wanted) > MOST_ITEMS:
        raise errors.InvalidInput(
            "That is too much.", fields={"text": [f"A report has at most {MOST_ITEMS} items."]}
        )
    PastedText.objects.create(report=locked, text=text, pasted_by=actor)
    there = [Place(item.pk, item.depth) for item in locked.outline()]
    made = []
    for number, piece in enumerate(wanted, start=1):
        try:
            item = add_item(
                locked, actor=actor, data={"kind": piece.kind, "title": piece.title, "text": piece.text}
            )
        except InvalidInput as refusal:
            sentences = [f"Piece {number}: {' '.join(texts)}" for texts in refusal.fields.values()]
            raise errors.InvalidInput(
                f"Piece {number} cannot be an item.", fields={"text": sentences}
            ) from None
        made.append(Place(item.pk, DEPTHS.get(piece.place, 0)))
    return arrange(locked, actor=actor, places=[*there, *made])


def joined(pieces: Sequence[Corrected]) -> list[Corrected]:
    """Return the pieces that become items, each with the text of those that join it."""
    kept: list[Corrected] = []
    for piece in pieces:
        if piece.place == LEAVE_OUT:
            continue
        if piece.place == JOIN and kept:
            last = kept[-1]
            parts = [last.text, f"**{piece.title}**" if piece.title else "", piece.text]
            words = "\n\n".join(part for part in dict.fromkeys(parts) if part)
            kept[-1] = Corrected(last.place, last.kind, last.title, words)
        else:
            kept.append(piece)
    return kept
