"""State diagrams: a workflow as a picture for a page, as a picture for a file, and as a table.

The picture is SVG text without scripts and without inline styles. In a page it takes its colours from
static/css/diagram.css; a standalone one carries that sheet inside and follows the reader's light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ops.workflow.diagram.declared import declared
from ops.workflow.diagram.drawing import Drawing
from ops.workflow.diagram.geometry import lay_out
from ops.workflow.diagram.graph import Arrow, Graph, Node
from ops.workflow.diagram.table import as_rows, as_text

__all__ = ["Arrow", "Graph", "Node", "as_rows", "as_text", "declared", "draw", "lay_out"]

STYLE_SHEET = Path(__file__).resolve().parents[3] / "static" / "css" / "diagram.css"


def draw(
    nodes: Iterable[Node],
    arrows: Iterable[Arrow],
    *,
    title: str,
    description: str = "",
    current: str | None = None,
    taken: Iterable[tuple[str, str, str]] = (),
    standalone: bool = False,
) -> str:
    """Return the diagram as SVG; the same input gives the same bytes.

    The first node is where everything begins. `current` marks the state in which a record is, `taken` the
    arrows that it has come by, as (name, source, target), which is how events tell them; what is not an
    arrow of the diagram marks nothing. Raises ValueError for a graph that is none (no state, two of one
    name, an arrow to nowhere) and when `current` is not a state.
    """
    graph = Graph(nodes, arrows)
    if current is not None and current not in graph.nodes:
        raise ValueError(f"There is no state {current!r} to mark.")
    drawing = Drawing(lay_out(graph), current, set(taken))
    style = STYLE_SHEET.read_text() if standalone else ""
    return drawing.svg(title, description or _describe(graph, current), style)


def _describe(graph: Graph, current: str | None) -> str:
    names = [graph.nodes[name].words for name in graph.spine()]
    here = f" The record is now in the state {graph.nodes[current].words}." if current is not None else ""
    return (
        f"A diagram of {len(graph.nodes)} states and {len(graph.arrows)} transitions."
        f" The main way: {', '.join(names)}.{here}"
    )
