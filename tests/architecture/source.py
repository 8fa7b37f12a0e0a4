"""The source of the desk, read as trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR


@dataclass(frozen=True)
class Module:
    """One file of ours."""

    path: str
    tree: ast.Module

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Every function and method in it."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef))

    def at(self, node: ast.AST) -> str:
        """Where something stands, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


@cache
def modules() -> list[Module]:
    """Every file of ours but the migrations."""
    files = sorted((ROOT / "ops").rglob("*.py"))
    return [
        Module(str(file.relative_to(ROOT)), ast.parse(file.read_text()))
        for file in files
        if "migrations" not in file.parts
    ]


def below(*rooms: str) -> list[Module]:
    """The files of some rooms."""
    return [module for module in modules() if module.path.split("/")[1] in rooms]


def root_of(node: ast.expr) -> str:
    """The name that a chain of attributes and calls begins with: `Ticket` of `Ticket.objects.filter(…)`."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner) | ast.Call(func=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return ""
    return node.id
