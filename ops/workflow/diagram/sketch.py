"""What stands against what, before any order is chosen: the main way, what lies beside it, who meets whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ops.workflow.diagram.graph import Graph


class Sketch:
    """What does not depend on the order of the rails."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.spine = graph.spine()
        self.row = {name: row for row, name in enumerate(self.spine)}
        self.asides = tuple(name for name in graph.nodes if name not in self.row)
        pairs = {(a.source, a.target) for a in graph.arrows if a.source != a.target}
        self.back = self._sources(pairs, lambda gap: gap < 0)
        self.skip = self._sources(pairs, lambda gap: gap > 1)
        self.rows_of = {aside: self._rows(pairs, aside) for aside in self.asides}
        self.rows_into = {
            aside: {self.row[s] for s, t in pairs if t == aside and s in self.row} for aside in self.asides
        }
        self.partners = {aside: self._partners(pairs, aside) for aside in self.asides}
        self.leads_to = {
            aside: {t for s, t in pairs if s == aside} & set(self.asides) for aside in self.asides
        }
        # Every row on which the trunk, or the way in, of a rail lies.
        self.touches = self.rows_of | {
            t: {*map(self.row.__getitem__, s), self.row[t]} for t, s in self.skip.items()
        }

    def _sources(
        self, pairs: Iterable[tuple[str, str]], wanted: Callable[[int], bool]
    ) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for target in self.spine:
            sources = [
                s for s in self.spine if (s, target) in pairs and wanted(self.row[target] - self.row[s])
            ]
            if sources:
                found[target] = sources
        return found

    def _rows(self, pairs: Iterable[tuple[str, str]], aside: str) -> set[int]:
        return {self.row[name] for pair in pairs if aside in pair for name in pair if name in self.row}

    def _partners(self, pairs: Iterable[tuple[str, str]], aside: str) -> set[str]:
        joined = {name for pair in pairs if aside in pair for name in pair}
        return (joined & set(self.asides)) - {aside}
