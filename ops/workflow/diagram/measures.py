"""How much room every text takes: the inside of a state, and the words along a trunk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ops.workflow.diagram.graph import Arrow, Node
from ops.workflow.diagram.lettering import width_of, wrap
from ops.workflow.diagram.plan import Bond

NAME_SIZE, NAME_LINE, NAME_LIMIT = 14, 19, 200
NOTE_SIZE, NOTE_LINE, NOTE_LIMIT = 11.5, 15, 160
LABEL_SIZE, LABEL_LINE, LABEL_LIMIT = 12, 15, 120
MARK, MARK_GAP = 14, 8  # the sign of the phase before the name of a state
PADDING, PADDING_ABOVE = 12, 10
HOMEWARD = "← "  # before the label of an arrow that comes back along the trunk
ROUND = "↻ "  # before the label of an arrow that returns to where it began


@dataclass(frozen=True, slots=True)
class Lettering:
    """The words of an arrow, broken into lines, with the width that the widest may take."""

    arrow: Arrow
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """The width of the widest line."""
        return max(width_of(line, LABEL_SIZE) for line in self.lines)

    @property
    def height(self) -> int:
        """The height of all lines."""
        return LABEL_LINE * len(self.lines)


def letter(arrow: Arrow, before: str = "") -> Lettering:
    """Break the words of an arrow into lines."""
    return Lettering(arrow, wrap(before + arrow.words, LABEL_SIZE, LABEL_LIMIT))


@dataclass(frozen=True, slots=True)
class Stack:
    """Words of several arrows, one below the other."""

    letterings: tuple[Lettering, ...]

    @property
    def width(self) -> int:
        """The width of the widest."""
        return max((lettering.width for lettering in self.letterings), default=0)

    @property
    def height(self) -> int:
        """The height of them all."""
        return sum(lettering.height for lettering in self.letterings)


@dataclass(frozen=True, slots=True)
class Cell:
    """The words where a trunk turns into a rail: above the trunk what leaves, below it what comes home."""

    above: Stack
    below: Stack

    @classmethod
    def of(cls, bond: Bond) -> Cell:
        """Letter the arrows of a bond."""
        return cls(
            Stack(tuple(letter(arrow) for arrow in bond.out)),
            Stack(tuple(letter(arrow, HOMEWARD) for arrow in bond.home)),
        )

    @property
    def width(self) -> int:
        """The width of the wider half."""
        return max(self.above.width, self.below.width)


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a state; `loops` are the arrows that leave it and come back at once."""

    name: tuple[str, ...]
    note: tuple[str, ...]
    loops: tuple[Lettering, ...]

    @classmethod
    def of(cls, node: Node, loops: Iterable[Arrow]) -> Body:
        """Letter a state."""
        return cls(
            wrap(node.words, NAME_SIZE, NAME_LIMIT, bold=True),
            wrap(node.note, NOTE_SIZE, NOTE_LIMIT),
            tuple(letter(arrow, ROUND) for arrow in loops),
        )

    @property
    def width(self) -> int:
        """The width that the state needs, an even number."""
        widths = [width_of(line, NAME_SIZE, bold=True) for line in self.name]
        widths += [width_of(line, NOTE_SIZE) for line in self.note]
        widths += [lettering.width for lettering in self.loops]
        return even(PADDING + MARK + MARK_GAP + max(widths) + PADDING)

    @property
    def height(self) -> int:
        """The height that the state needs, an even number."""
        return even(2 * PADDING_ABOVE + self.text_height)

    @property
    def text_height(self) -> int:
        """The height of all lines."""
        loops = sum(lettering.height for lettering in self.loops)
        return NAME_LINE * len(self.name) + NOTE_LINE * len(self.note) + loops


def even(length: int) -> int:
    """Return the next even number, so that a half of it is whole."""
    return length + length % 2
