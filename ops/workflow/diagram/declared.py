"""The states and arrows of a declared workflow."""

from __future__ import annotations

from ops.workflow.declaration import Workflow
from ops.workflow.diagram.graph import Arrow, Node


def declared(workflow: type[Workflow]) -> tuple[list[Node], list[Arrow]]:
    """Return each state with its holder, and an arrow for every source and every target of a step."""
    nodes = []
    for state in workflow.State:
        holder = workflow.held_by.get(state)
        nodes.append(Node(state.value, str(state.label), state.phase, holder.words if holder else ""))
    arrows = [
        Arrow(step.name, step.label, source, target)
        for step in workflow.steps()
        for source in step.sources
        for target in step.targets
    ]
    return nodes, arrows
