"""From coordinates to SVG: colours and strokes are classes of static/css/diagram.css, never attributes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from html import escape
from itertools import count

from ops.workflow.declaration import Phase
from ops.workflow.diagram.graph import Arrow
from ops.workflow.diagram.lettering import clean
from ops.workflow.diagram.lines import Strokes, head, rounded
from ops.workflow.diagram.measures import LABEL_LINE, MARK, MARK_GAP, NAME_LINE, NOTE_LINE, PADDING, Lettering
from ops.workflow.diagram.shapes import Box, Layout, PlacedLabel, PlacedNode, Point

BASELINE = 0.77  # of a line, from its top to the foot of its letters
CORNER = 9
RING = 4  # from the current state to the ring around it
BEGINNING = 26  # from the sign of the beginning to the first state

# The sign of a phase, so that colour is never all: a ring, half a disc, a pause, a check, a cross.
CIRCLE = '<circle cx="7" cy="7" r="5.25"/>'
DISC = '<circle class="fill" cx="7" cy="7" r="6"/>'
MARKS = {
    Phase.OPEN: CIRCLE,
    Phase.ACTIVE: f'{CIRCLE}<path class="fill" d="M7 3.75a3.25 3.25 0 0 1 0 6.5z"/>',
    Phase.WAITING: f'{CIRCLE}<path d="M5.6 5v4M8.4 5v4"/>',
    Phase.GOOD_END: f'{DISC}<path class="cut" d="m4.6 7.2 1.7 1.7 3.2-3.6"/>',
    Phase.BAD_END: f'{DISC}<path class="cut" d="m5.1 5.1 3.8 3.8m0-3.8-3.8 3.8"/>',
}


class Drawing:
    """One picture of a layout, with the state of a record marked and the arrows that it has taken."""

    def __init__(self, layout: Layout, current: str | None, taken: Collection[tuple[str, str, str]]) -> None:
        self.layout, self.current, self.taken = layout, current, taken
        self.words = {placed.node.name: placed.node.words for placed in layout.nodes}

    def svg(self, title: str, description: str, style: str) -> str:
        """Return the document; the style, if any, is embedded, so that it stands alone."""
        body = "\n".join(self._body())
        # Several diagrams may stand in one page, and the same input must give the same bytes.
        key = hashlib.sha256(f"{clean(title)}\n{clean(description)}\n{body}".encode()).hexdigest()[:10]
        width, height = self.layout.width, self.layout.height
        opening = (
            '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
            f' class="{"diagram diagram-alone" if style else "diagram"}"'
            f' {_size(width, height)} viewBox="0 0 {width} {height}"'
            f' aria-labelledby="title-{key}" aria-describedby="desc-{key}">'
        )
        parts = [
            opening,
            f'<title id="title-{key}">{_text(title)}</title>',
            f'<desc id="desc-{key}">{_text(description)}</desc>',
            *([f"<style>\n{style.strip()}\n</style>"] if style else []),
            body,
            "</svg>\n",
        ]
        return "\n".join(parts)

    def _body(self) -> Iterator[str]:
        yield _box("diagram-ground", Box(0, 0, self.layout.width, self.layout.height), CORNER)
        phases = {placed.node.name: placed.node.phase for placed in self.layout.nodes}
        strokes = Strokes(self.layout.routes, {name: _phase_class(phase) for name, phase in phases.items()})
        yield from strokes.below()
        yield from self._ring()
        yield from strokes.above()
        yield from self._beginning()
        for route in self.layout.routes:
            if self._is_taken(route.arrow):
                yield f'<path class="diagram-line is-taken" d="{rounded(route.points)}"/>'
                yield f'<path class="diagram-head is-taken" d="{head(*route.points[-2:])}"/>'
        for label in self.layout.labels:
            yield self._label(label)
        for placed in self.layout.nodes:
            yield self._state(placed)
        for phase, at in self.layout.legend:
            yield _entry(phase, at)

    def _is_taken(self, arrow: Arrow) -> bool:
        return (arrow.name, arrow.source, arrow.target) in self.taken

    def _ring(self) -> Iterator[str]:
        # Above the gaps, so that it is not cut; below the heads of the arrows to the state, so that they are whole.
        for box in (placed.box for placed in self.layout.nodes if placed.node.name == self.current):
            around = Box(box.x - RING, box.y - RING, box.width + 2 * RING, box.height + 2 * RING)
            yield _box("diagram-ring", around, CORNER + RING)

    def _beginning(self) -> Iterator[str]:
        first = next(placed for placed in self.layout.nodes if placed.node.name == self.layout.main_way[0])
        end = (first.box.middle[0], first.box.y)
        start = (end[0], end[1] - BEGINNING)
        yield f'<circle class="diagram-beginning" cx="{start[0]}" cy="{start[1]}" r="5"/>'
        yield f'<path class="diagram-line diagram-step" d="{rounded((start, end))}"/>'
        yield f'<path class="diagram-head diagram-step" d="{head(start, end)}"/>'

    def _label(self, label: PlacedLabel) -> str:
        x = label.box.right if label.ends else label.box.x
        lines = _lines("diagram-label", label.lettering.lines, (x, label.box.y), LABEL_LINE, ends=label.ends)
        return self._arrow(label.lettering, lines)

    def _arrow(self, lettering: Lettering, lines: str) -> str:
        arrow = lettering.arrow
        taken = " is-taken" if self._is_taken(arrow) else ""
        words = f"{arrow.words}: {self.words[arrow.source]} → {self.words[arrow.target]}"
        data = {"arrow": arrow.name, "source": arrow.source, "target": arrow.target}
        named = "".join(f' data-{key}="{_text(value)}"' for key, value in data.items())
        return f'<g class="diagram-arrow{taken}"{named}><title>{_text(words)}</title>{lines}</g>'

    def _state(self, placed: PlacedNode) -> str:
        node, box, body = placed.node, placed.box, placed.body
        x, y = box.x + PADDING, box.y + (box.height - body.text_height) // 2
        parts = [_box("diagram-box", box, CORNER), _mark(node.phase, (x, y + (NAME_LINE - MARK) // 2))]
        x += MARK + MARK_GAP
        parts.append(_lines("diagram-name", body.name, (x, y), NAME_LINE))
        y += NAME_LINE * len(body.name)
        parts.append(_lines("diagram-note", body.note, (x, y), NOTE_LINE))
        y += NOTE_LINE * len(body.note)
        for lettering in body.loops:
            parts.append(self._arrow(lettering, _lines("diagram-label", lettering.lines, (x, y), LABEL_LINE)))
            y += lettering.height
        current = " is-current" if node.name == self.current else ""
        return (
            f'<g class="diagram-state {_phase_class(node.phase)}{current}" data-state="{_text(node.name)}">'
            f"<title>{_text(node.words)}</title>{''.join(parts)}</g>"
        )


def _size(width: int, height: int) -> str:
    return f'width="{width}" height="{height}"'


def _phase_class(phase: Phase) -> str:
    return f"phase-{phase.value.replace('_', '-')}"


def _text(text: str) -> str:
    return escape(clean(text))


def _box(css: str, box: Box, corner: int) -> str:
    return f'<rect class="{css}" x="{box.x}" y="{box.y}" {_size(box.width, box.height)} rx="{corner}"/>'


def _lines(css: str, lines: Iterable[str], at: Point, height: int, *, ends: bool = False) -> str:
    anchor = ' text-anchor="end"' if ends else ""
    feet = (at[1] + round(height * (place + BASELINE)) for place in count())
    return "".join(
        f'<text class="{css}" x="{at[0]}" y="{foot}"{anchor}>{_text(line)}</text>'
        for foot, line in zip(feet, lines, strict=False)
    )


def _mark(phase: Phase, at: Point) -> str:
    return f'<g class="diagram-mark" transform="translate({at[0]} {at[1]})">{MARKS[phase]}</g>'


def _entry(phase: Phase, at: Point) -> str:
    words = _lines("diagram-label", [str(phase.label)], (at[0] + MARK + MARK_GAP, at[1]), MARK)
    return f'<g class="diagram-entry {_phase_class(phase)}">{_mark(phase, at)}{words}</g>'
