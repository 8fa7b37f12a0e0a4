"""Permissions in words and as a table, read from the composed predicates themselves."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from rules import Predicate

from ops.people.questions import said_of
from ops.workflow.declaration import Step, Workflow


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
    return Matrix(tuple(said_of(question).role for question in questions), rows)


def _creation_step(workflow: type[Workflow]) -> Step:
    creation = workflow.creation
    return Step("create", (), creation.to, creation.by, creation.asks, creation.offers, label="Create")


def _parse(by: Predicate) -> ast.expr:
    # A composed predicate is a closure; its structure survives in its name, which is a Python expression.
    return ast.parse(by.name, mode="eval").body


def _leaves(node: ast.AST) -> list[str]:
    if name := _name(node):
        return [name]
    return [leaf for part in ast.iter_child_nodes(node) for leaf in _leaves(part)]


def _name(node: ast.AST) -> str:
    """The name of a question, with the room it is asked in; nothing for what is composed."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _holds(node: ast.expr, true: set[str]) -> bool:
    match node:
        case ast.Name() | ast.Attribute():
            return _name(node) in true
        case ast.UnaryOp(operand=operand):
            return not _holds(operand, true)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _holds(left, true) or _holds(right, true)
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            return _holds(left, true) and _holds(right, true)
    raise ValueError(f"A permission is composed with | & ~ only, not {ast.dump(node)}.")


def _words(node: ast.expr) -> str:
    match node:
        case ast.Name() | ast.Attribute():
            return said_of(_name(node)).who
        case ast.UnaryOp(operand=operand):
            return f"not {_words(operand)}"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return f"{_words(left)} or {_words(right)}"
        case ast.BinOp(left=left, op=ast.BitAnd(), right=ast.UnaryOp(operand=right)):
            return f"{_words(left)}, never {_words(right)}"
        case ast.BinOp(left=left, op=ast.BitAnd(), right=ast.Name() | ast.Attribute() as right) if (
            when := said_of(_name(right)).when
        ):
            return f"{_words(left)} {when}"
        case ast.BinOp(left=left, right=right):
            return f"{_words(left)} who is also {_words(right)}"
    raise ValueError(ast.dump(node))
