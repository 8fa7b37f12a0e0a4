"""Cells for spreadsheets, which would run what looks like a formula."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unguarded(cell: str) -> str:
    """Take that apostrophe away again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
