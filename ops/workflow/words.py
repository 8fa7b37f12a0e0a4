"""Permissions in words and as a table, read from the composed predicates themselves."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from rules import Predicate

from ops.workflow.declaration import Step, Workflow

ANYBODY = "is_signed_in"


def who_may(by: Predicate) -> str:
    """Say who passes a permission: “the assignee or a community scientist”."""
    return _words(_parse(by))


@dataclass(frozen=True)
class MatrixRow:
    """One step of a workflow and, for each role of the matrix, whether that role alone suffices."""

    step: Step
    allowed: tuple[bool, ...]
    words: str


@dataclass(frozen=True)
class Matrix:
    """Who may do what: one column a question about a person, one row a step."""

    roles: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def permission_matrix(workflow: type[Workflow]) -> Matrix:
    """Return the permission matrix of a workflow, drawn from its declaration."""
    steps = [_creation_step(workflow), *workflow.steps()]
    leaves = list(dict.fromkeys(leaf for step in steps for leaf in _leaves(_parse(step.by))))
    questions = [leaf for leaf in leaves if any(_holds(_parse(step.by), {leaf}) for step in steps)]
    rows = tuple(
        MatrixRow(
            step,
            tuple(_holds(_parse(step.by), {question}) for question in questions),
            who_may(step.by),
        )
        for step in steps
    )
    return Matrix(tuple(role_words(question) for question in questions), rows)


def role_words(question: str) -> str:
    """Turn the name of a question into the role that it asks for: `is_product_owner` → “product owner”."""
    return _ROLE_WORDS.get(question, question.removeprefix("is_").replace("_", " "))


# Questions whose name does not already say the role.
_ROLE_WORDS = {
    ANYBODY: "anybody with an account",
    "is_staff": "staff",
    "is_lead": "lead community scientist",
    "is_system": "the system",
    "is_sole_assignee": "assignee alone",
    "is_on_this_watch": "one on watch",
    "is_operator": "administrator",
    "is_invited": "invited person",
}
# Questions about the object alone: when somebody may, not who.
_WHILE = {
    "is_untriaged": "while nobody has triaged it",
    "is_draft": "while it is a draft",
    "is_told_at_once": "once the results are published",
}
_WITHOUT_ARTICLE = {ANYBODY, "is_staff", "is_system", "is_sole_assignee"}
_UNIQUE = {"is_assignee", "is_reporter", "is_product_owner", "is_lead", "is_on_this_watch"}


def _creation_step(workflow: type[Workflow]) -> Step:
    creation = workflow.creation
    return Step("create", (), creation.to, creation.by, creation.asks, creation.offers, label="Create")


def _parse(by: Predicate) -> ast.expr:
    # A composed predicate is a closure; its structure survives in its name, which is a Python expression.
    return ast.parse(by.name, mode="eval").body


def _leaves(node: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _holds(node: ast.expr, true: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in true
        case ast.UnaryOp(operand=operand):
            return not _holds(operand, true)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _holds(left, true) or _holds(right, true)
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            return _holds(left, true) and _holds(right, true)
    raise ValueError(f"A permission is composed with | & ~ only, not {ast.dump(node)}.")


def _words(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return _with_article(name)
        case ast.UnaryOp(operand=operand):
            return f"not {_words(operand)}"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return f"{_words(left)} or {_words(right)}"
        case ast.BinOp(left=left, op=ast.BitAnd(), right=ast.UnaryOp(operand=right)):
            return f"{_words(left)}, never {_words(right)}"
        case ast.BinOp(left=left, op=ast.BitAnd(), right=ast.Name(id=name)) if name in _WHILE:
            return f"{_words(left)} {_WHILE[name]}"
        case ast.BinOp(left=left, right=right):
            return f"{_words(left)} who is also {_words(right)}"
    raise ValueError(ast.dump(node))


def _with_article(question: str) -> str:
    words = role_words(question)
    if question == "is_sole_assignee":
        return "the assignee alone"
    if question in _WITHOUT_ARTICLE:
        return words
    if question in _UNIQUE:
        return f"the {words}"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
