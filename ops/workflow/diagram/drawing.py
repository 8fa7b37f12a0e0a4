"""From coordinates to SVG. Every colour and stroke is a class of static/css/diagram.css, none is an attribute."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from html import escape

from ops.workflow.declaration import Phase
from ops.workflow.diagram.lettering import clean
from ops.workflow.diagram.lines import Strokes, head, rounded
from ops.workflow.diagram.measures import LABEL_LINE, MARK, MARK_GAP, NAME_LINE, NOTE_LINE, PADDING, Lettering
from ops.workflow.diagram.shapes import Layout, PlacedLabel, PlacedNode, Point

BASELINE = 0.77  # of a line, from its top to the foot of its letters
CORNER = 9
RING = 4  # from the current state to the ring around it
BEGINNING = 26  # from the sign of the beginning to the first state

# The sign of a phase, so that colour is never the only difference: a ring, half a disc, a pause, a check, a cross.
MARKS = {
    Phase.OPEN: '<circle cx="7" cy="7" r="5.25"/>',
    Phase.ACTIVE: '<circle cx="7" cy="7" r="5.25"/><path class="fill" d="M7 3.75a3.25 3.25 0 0 1 0 6.5z"/>',
    Phase.WAITING: '<circle cx="7" cy="7" r="5.25"/><path d="M5.6 5v4M8.4 5v4"/>',
    Phase.GOOD_END: '<circle class="fill" cx="7" cy="7" r="6"/><path class="cut" d="m4.6 7.2 1.7 1.7 3.2-3.6"/>',
    Phase.BAD_END: '<circle class="fill" cx="7" cy="7" r="6"/><path class="cut" d="m5.1 5.1 3.8 3.8m0-3.8-3.8 3.8"/>',
}


class Drawing:
    """One picture of a layout: with the state marked in which a record is, and the arrows that it has taken."""

    def __init__(self, layout: Layout, current: str | None, taken: Collection[tuple[str, str]]) -> None:
        self.layout, self.current, self.taken = layout, current, set(taken)
        self.labels = {placed.node.name: _words(placed) for placed in layout.nodes}

    def svg(self, title: str, description: str, style: str) -> str:
        """Return the document; the style, if any, is embedded, so that it stands alone."""
        body = "\n".join(self._body())
        key = hashlib.sha256(f"{title}\n{description}\n{body}".encode()).hexdigest()[:10]
        width, height = self.layout.width, self.layout.height
        classes = "diagram diagram-alone" if style else "diagram"
        embedded = f"<style>\n{style}</style>\n" if style else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}" role="img" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" aria-labelledby="title-{key}" aria-describedby="desc-{key}">\n'
            f'<title id="title-{key}">{_text(title)}</title>\n<desc id="desc-{key}">{_text(description)}</desc>\n'
            f"{embedded}{body}\n</svg>\n"
        )

    def _body(self) -> Iterator[str]:
        yield f'<rect class="diagram-ground" width="{self.layout.width}" height="{self.layout.height}" rx="8"/>'
        phases = {placed.node.name: placed.node.phase for placed in self.layout.nodes}
        strokes = Strokes(self.layout.routes, {name: _phase_class(phase) for name, phase in phases.items()})
        yield from strokes.draw()
        yield from self._beginning()
        for route in self.layout.routes:
            if (route.arrow.source, route.arrow.target) in self.taken:
                yield f'<path class="diagram-line is-taken" d="{rounded(route.points)}"/>'
                yield f'<path class="diagram-head is-taken" d="{head(*route.points[-2:])}"/>'
        for label in self.layout.labels:
            yield self._label(label)
        for placed in self.layout.nodes:
            yield from self._state(placed)
        for phase, at in self.layout.legend:
            yield _entry(phase, at)

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
        taken = " is-taken" if (arrow.source, arrow.target) in self.taken else ""
        words = f"{clean(arrow.label) or arrow.name}: {self.labels[arrow.source]} → {self.labels[arrow.target]}"
        return (
            f'<g class="diagram-arrow{taken}" data-arrow="{_text(arrow.name)}" data-source="{_text(arrow.source)}"'
            f' data-target="{_text(arrow.target)}"><title>{_text(words)}</title>{lines}</g>'
        )

    def _state(self, placed: PlacedNode) -> Iterator[str]:
        node, box, body = placed.node, placed.box, placed.body
        here = node.name == self.current
        yield f'<g class="diagram-state {_phase_class(node.phase)}{" is-current" if here else ""}"'
        yield f' data-state="{_text(node.name)}"><title>{_text(_words(placed))}</title>'
        if here:
            yield (
                f'<rect class="diagram-ring" x="{box.x - RING}" y="{box.y - RING}" width="{box.width + 2 * RING}"'
                f' height="{box.height + 2 * RING}" rx="{CORNER + RING}"/>'
            )
        yield f'<rect class="diagram-box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
        yield f' rx="{CORNER}"/>'
        x, y = box.x + PADDING, box.y + (box.height - body.text_height) // 2
        yield _mark(node.phase, (x, y + (NAME_LINE - MARK) // 2))
        x += MARK + MARK_GAP
        yield _lines("diagram-name", body.name, (x, y), NAME_LINE)
        y += NAME_LINE * len(body.name)
        yield _lines("diagram-note", body.note, (x, y), NOTE_LINE)
        y += NOTE_LINE * len(body.note)
        for lettering in body.loops:
            yield self._arrow(lettering, _lines("diagram-label", lettering.lines, (x, y), LABEL_LINE))
            y += lettering.height
        yield "</g>"


def _words(placed: PlacedNode) -> str:
    return clean(placed.node.label) or clean(placed.node.name)


def _phase_class(phase: Phase) -> str:
    return f"phase-{phase.value.replace('_', '-')}"


def _text(text: str) -> str:
    return escape(clean(text))


def _lines(css: str, lines: Iterable[str], at: Point, height: int, *, ends: bool = False) -> str:
    anchor = ' text-anchor="end"' if ends else ""
    return "".join(
        f'<text class="{css}" x="{at[0]}" y="{at[1] + round(height * (place + BASELINE))}"{anchor}>{_text(line)}</text>'
        for place, line in enumerate(lines)
    )


def _mark(phase: Phase, at: Point) -> str:
    return f'<g class="diagram-mark" transform="translate({at[0]} {at[1]})">{MARKS[phase]}</g>'


def _entry(phase: Phase, at: Point) -> str:
    words = _lines("diagram-label", [str(phase.label)], (at[0] + MARK + MARK_GAP, at[1]), MARK)
    return f'<g class="diagram-entry {_phase_class(phase)}">{_mark(phase, at)}{words}</g>'
