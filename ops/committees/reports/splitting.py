"""A report written elsewhere, in Markdown, split into items; a person corrects the split before it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ops.committees.models import Item

HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
POINT = re.compile(r"(\s*)(\d{1,3}(?:\.\d{1,3})*)[.)]\s+(.*)$")
NUMBERED = re.compile(r"(?:(?:recommendation|finding|commendation|request|item|rec\.?)\s+)?"
                      r"(?:[A-Z]{1,4}-?)?(\d{1,3}(?:\.\d{1,3})*)[.):]?\s+(?=\S)", re.IGNORECASE)  # fmt: skip
BOLD_START = re.compile(r"\*\*(.{1,200}?)[.:]?\*\*[.:]?\s*(.*)$", re.DOTALL)
FENCE = re.compile(r"\s*(```|~~~)")
KINDS = (
    (Item.Kind.COMMENDATION, re.compile(r"\b(commend|thank|congratulat|applaud)", re.IGNORECASE)),
    (Item.Kind.RECOMMENDATION, re.compile(r"\brecommend", re.IGNORECASE)),
    (Item.Kind.REQUEST, re.compile(r"\b(request|ask)s?\b", re.IGNORECASE)),
    (Item.Kind.FINDING, re.compile(r"\b(finding|find|found|note[sd]?|observe[sd]?)\b", re.IGNORECASE)),
)
LONGEST_TITLE = 300


@dataclass
class Piece:
    """One item as the text seems to have it."""

    depth: int
    title: str = ""
    kind: str = Item.Kind.RECOMMENDATION
    lines: list[str] = field(default_factory=list)
    is_point: bool = False

    @property
    def text(self) -> str:
        """What it says; an item that is only a heading says its heading."""
        return "\n".join(self.lines).strip() or self.title


@dataclass
class Split:
    """A text in pieces: what stands before the first item, and the items."""

    title: str
    preface: str
    pieces: list[Piece]


def split(text: str) -> Split:
    """Split a report into its items: headings below the first, and numbered points, are items.

    A single heading of the first level is the title. What stands under a heading that says a kind
    (“Commendations”) is of that kind; such a heading is no item where items stand below it.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader = _Reader(_highest_level(lines))
    for line in lines:
        reader.take(line)
    pieces = [_tidied(piece) for piece in _without_sections(reader.pieces)]
    return Split(reader.title, "\n".join(reader.preface).strip(), pieces)


def _highest_level(lines: Iterable[str]) -> int:
    """Return the level of the highest heading: a part of a report begins with its second or third."""
    in_code, levels = False, []
    for line in lines:
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code and (heading := HEADING.match(line)):
            levels.append(len(heading[1]))
    return min(levels, default=1)


class _Reader:
    """Takes a text line by line."""

    def __init__(self, highest: int) -> None:
        self.above = highest - 1  # levels that the text does not use; its title is one more
        self.title = ""
        self.preface: list[str] = []
        self.pieces: list[Piece] = []
        self.kind: str = ""
        self.level = 0  # of the last heading, below the title
        self.in_code = False

    def take(self, line: str) -> None:
        if FENCE.match(line):
            self.in_code = not self.in_code
        heading = None if self.in_code else HEADING.match(line)
        point = None if self.in_code else POINT.match(line)
        if heading:
            self._take_heading(len(heading[1]), heading[2])
        elif point and len(point[1]) < 8 and self._counts_on(point):
            self._take_point(point)
        else:
            (self.pieces[-1].lines if self.pieces else self.preface).append(
                line.strip() if self._in_point else line
            )

    @property
    def _in_point(self) -> bool:
        return bool(self.pieces) and not self.in_code and self.pieces[-1].is_point

    def _take_heading(self, level: int, words: str) -> None:
        if level == 1 and not self.title and not self.pieces:
            self.title = words
            return
        self.level = max(level - self.above - (1 if self.title else 0), 1)
        kind = _kind_of(words)
        if self.level == 1:
            self.kind = kind or ""
        self.pieces.append(Piece(self.level - 1, words, kind or self.kind or Item.Kind.RECOMMENDATION))

    def _counts_on(self, point: re.Match[str]) -> bool:
        """A numbered list inside the text of a point that is indented far is part of that text."""
        return not self.pieces or len(point[1]) <= 4

    def _take_point(self, point: re.Match[str]) -> None:
        indent = 1 if len(point[1]) >= 2 or "." in point[2] else 0
        piece = Piece(self.level + indent, "", self.kind or _kind_of(point[3]) or Item.Kind.RECOMMENDATION)
        piece.lines.append(point[3])
        piece.is_point = True
        self.pieces.append(piece)


def _kind_of(words: str) -> str:
    return next((kind.value for kind, pattern in KINDS if pattern.search(words)), "")


def _without_sections(pieces: list[Piece]) -> Iterable[Piece]:
    """Leave out headings that only say what comes below them; what was below moves up."""
    kept: list[Piece] = []
    lifted: list[int] = []  # depths of the headings left out that still hold
    for index, piece in enumerate(pieces):
        lifted = [depth for depth in lifted if depth < piece.depth]
        below = index + 1 < len(pieces) and pieces[index + 1].depth > piece.depth
        if below and not "".join(piece.lines).strip() and _is_section(piece.title):
            lifted.append(piece.depth)
            continue
        piece.depth -= len(lifted)
        kept.append(piece)
    return kept


def _is_section(title: str) -> bool:
    return bool(re.fullmatch(r"(?:\d+[.)]?\s+)?[\w\s&,-]*\b(recommendations?|findings?|commendations?|requests?"
                             r"|comments?|items?)\b[\w\s&,-]*", title, re.IGNORECASE))  # fmt: skip


def _tidied(piece: Piece) -> Piece:
    piece.title = NUMBERED.sub("", piece.title, count=1).strip() if piece.title else ""
    if not piece.title and piece.lines:
        bold = BOLD_START.match("\n".join(piece.lines).strip())
        if bold and bold[2].strip():
            piece.title, piece.lines = bold[1].strip(), bold[2].split("\n")
    piece.title = piece.title.strip("*_ ")[:LONGEST_TITLE]
    piece.depth = min(piece.depth, 2)
    return piece
