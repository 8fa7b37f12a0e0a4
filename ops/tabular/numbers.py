"""Numbers as browsers and programs write them: in addresses, hidden fields, boxes that are ticked."""

from __future__ import annotations

LONGEST = 18
"""So many digits fit into the number of a row; Python itself refuses to read very many more."""


def whole_number(text: str) -> int | None:
    """Return the number that plain digits write; None for anything else, however long it is."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None
