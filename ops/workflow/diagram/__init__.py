"""State diagrams: a workflow as a picture for a page, as a picture for a file, and as a table.

The picture is SVG text without scripts and without inline styles. In a page it takes its colours from
static/css/diagram.css; a standalone one carries that sheet inside and follows the reader's light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ops.workflow.diagram.declared import declared
from ops.workflow.diagram.drawing import Drawing
from ops.workflow.diagram.geometry import lay_out
from ops.workflow.diagram.graph import Arrow, Graph, Node, steps_along
from ops.workflow.diagram.table import as_rows, as_text

__all__ = ["Arrow", "Node", "as_rows", "as_text", "declared", "draw", "draw_standalone", "lay_out"]

STYLE_SHEET = Path(__file__).resolve().parents[3] / "static" / "css" / "diagram.css"


def draw(
    nodes: Iterable[Node],
    arrows: Iterable[Arrow],
    *,
    title: str,
    description: str = "",
    current: str | None = None,
    way: Sequence[str] = (),
    style: str = "",
) -> str:
    """Return the diagram as SVG; the same input gives the same bytes.

    The first node is where everything begins. `current` marks the state in which a record is, `way` the
    states that it has been in, in order. A `style` is embedded. Raises ValueError for a graph that is none:
    no state, two of one name, an arrow to nowhere; or when `current` is not a state.
    """
    graph = Graph(nodes, arrows)
    if current is not None and current not in graph.nodes:
        raise ValueError(f"There is no state {current!r} to mark.")
    drawing = Drawing(lay_out(graph), current, steps_along(graph, way))
    return drawing.svg(title, description or _describe(graph, current), style)


def draw_standalone(
    nodes: Iterable[Node],
    arrows: Iterable[Arrow],
    *,
    title: str,
    description: str = "",
    current: str | None = None,
    way: Sequence[str] = (),
) -> str:
    """Return the diagram as a file of its own, with its style sheet inside."""
    return draw(
        nodes, arrows, title=title, description=description, current=current, way=way, style=STYLE_SHEET.read_text()
    )


def _describe(graph: Graph, current: str | None) -> str:
    names = [graph.nodes[name].label for name in graph.spine()]
    here = f" The record is now {graph.nodes[current].label}." if current else ""
    return (
        f"A diagram of {len(graph.nodes)} states and {len(graph.arrows)} transitions."
        f" The main way: {', '.join(names)}.{here}"
    )
