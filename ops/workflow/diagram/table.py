"""The same diagram in words: one line an arrow."""

from __future__ import annotations

from collections.abc import Iterable

from ops.workflow.diagram.graph import Arrow, Graph, Node

HEADINGS = ("From", "Transition", "To")


def as_rows(nodes: Iterable[Node], arrows: Iterable[Arrow]) -> list[tuple[str, str, str]]:
    """Return (from, transition, to) in words, in the order of the states; an end stands alone in its row."""
    graph = Graph(nodes, arrows)
    rows = []
    for node in graph.nodes.values():
        leaving = [arrow for arrow in graph.arrows if arrow.source == node.name]
        rows += [(node.words, arrow.words, graph.nodes[arrow.target].words) for arrow in leaving]
        if not leaving:
            rows.append((node.words, "", ""))
    return rows


def as_text(nodes: Iterable[Node], arrows: Iterable[Arrow]) -> str:
    """Return the rows as plain text in three columns, for readers that a picture does not reach."""
    rows = [HEADINGS, *as_rows(nodes, arrows)]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "".join(
        f"{source:<{first}}  {name:<{second}}  {target}".rstrip() + "\n" for source, name, target in rows
    )
