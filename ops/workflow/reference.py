"""The reference pages of the documentation, written from the declarations: they say what the code does, or fail.

Markdown, with each diagram as a picture beside it. The same declarations give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ops.workflow import errors, registry
from ops.workflow.declaration import Step, Workflow
from ops.workflow.diagram import declared, draw
from ops.workflow.models import Stateful
from ops.workflow.words import permission_matrix, who_may

YES = "●"
WRITTEN = "Written by `manage.py reference` from the code; do not edit by hand."


def pages() -> Mapping[str, str]:
    """Return every file of the reference, by its name."""
    found = {"index.md": _index(), "refusals.md": _refusals()}
    for model in registry.models():
        found[f"{model.workflow.kind}.md"] = _page(model)
        found[f"{model.workflow.kind}.svg"] = _picture(model.workflow)
    return found


def _index() -> str:
    rows = [
        (f"[{model.workflow.title}]({model.workflow.kind}.md)", _purpose(model.workflow))
        for model in registry.models()
    ]
    refusals = ("[Refusals](refusals.md)", "Every way in which the desk says no, to people and to programs.")
    return _text("# Reference", WRITTEN, _table(("Page", "What it is about"), [*rows, refusals]))


def _refusals() -> str:
    rows = [
        (f"`{refusal.code}`", str(refusal.status), " ".join((refusal.__doc__ or "").split()))
        for refusal in errors.CATALOGUE
    ]
    body = "Pages and API show the same refusal; the API answers with this body:"
    example = (
        '```json\n{"code": "guard_unmet", "detail": "A sentence.", "fields": {"title": ["Another."]}}\n```'
    )
    return _text("# Refusals", WRITTEN, body, example, _table(("Code", "Status", "When"), rows))


def _page(model: type[Stateful]) -> str:
    workflow = model.workflow
    return _text(
        f"# {workflow.title}",
        WRITTEN,
        _purpose(workflow),
        f"![The states of this process and the ways between them]({workflow.kind}.svg)",
        "## States",
        _table(("State", "In data", "Meaning", "Who has the next move"), _states(workflow)),
        "## Transitions",
        *_transitions(model),
        "## Who may do what",
        "One column a role; a dot says that this role alone suffices.",
        _matrix(workflow),
        "## Making and changing one",
        _making(workflow),
    )


def _purpose(workflow: type[Workflow]) -> str:
    return " ".join((workflow.__doc__ or "").split())


def _picture(workflow: type[Workflow]) -> str:
    return f"{draw(*declared(workflow), title=f'The life of: {workflow.title}', standalone=True)}\n"


def _states(workflow: type[Workflow]) -> Iterator[Sequence[str]]:
    for state in workflow.State:
        party = workflow.held_by.get(state)
        yield str(state.label), f"`{state.value}`", str(state.phase.label), party.words if party else "nobody"


def _transitions(model: type[Stateful]) -> Iterator[str]:
    workflow = model.workflow
    # A transition may be called otherwise where it begins elsewhere: “Send the request”, “Send it again”.
    for name, label in dict.fromkeys((step.name, step.label) for step in workflow.steps()):
        steps = [step for step in workflow.steps_named(name) if step.label == label]
        yield f"### {label}"
        yield f"`{name}`, as a permission `{registry.permission_name(model, name)}`. {steps[0].help}"
        yield from (_edge(workflow, step) for step in steps)


def _edge(workflow: type[Workflow], step: Step) -> str:
    facts = {
        "From": _labels(workflow, step.sources),
        "To": _labels(workflow, step.targets),
        "Who": who_may(step.by),
        "Needs": _names(step.asks),
        "Takes": _names(step.offers),
        "Reason": "asked for" if step.reason else "",
        "Waits for": " ".join(guard.sentence for guard in step.only_if),
        "Tells": ", ".join(party.words for party in step.tells),
    }
    return "\n".join(f"- **{fact}:** {words}" for fact, words in facts.items() if words)


def _matrix(workflow: type[Workflow]) -> str:
    matrix = permission_matrix(workflow)
    rows = (
        (
            row.step.label,
            _labels(workflow, row.step.sources),
            *(YES if may else "" for may in row.allowed),
        )
        for row in matrix.rows
    )
    return _table(("Step", "From", *matrix.roles), rows)


def _making(workflow: type[Workflow]) -> str:
    made = workflow.creation
    told = ", ".join(party.words for party in made.tells)
    facts = [
        f"- **Made by:** {who_may(made.by)}; needs {_names(made.asks)}"
        + (f", takes {_names(made.offers)}" if made.offers else "")
        + (f"; told to {told}." if told else "."),
    ]
    facts += [f"- **Changed by:** {who_may(by)}: {_names(names)}." for by, names in workflow.edits]
    return "\n".join(facts)


def _labels(workflow: type[Workflow], states: Iterable[str]) -> str:
    return ", ".join(str(workflow.State(state).label) for state in states)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _text(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"
