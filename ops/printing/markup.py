"""The Markdown of the house: one dialect for pages and for paper, and what it says as a tree for the latter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

Node = Mapping[str, Any]


def parser(*, wrapped: bool = False) -> MarkdownIt:
    """Return a parser of the dialect: as on forums, with links recognised, without HTML and without images.

    The end of a line is one, as people type it in a field; of a `wrapped` text, as files are, it is a space.
    """
    options = {"html": False, "linkify": True, "breaks": not wrapped}
    return MarkdownIt("gfm-like", options).disable("image")


DEEPEST = 20
_parser = parser()


def content(text: str, *, wrapped: bool = False) -> list[Node]:
    """Return what a text says, as nodes for `prose` of `templates/printing/page.typ`.

    Every node has a `kind`; its `text` is taken as it is, never as markup, so nothing in it is run. Links keep
    their address only where a reader of paper may safely follow it: http, https and mail.
    """
    tokens = _parser.parse(text)
    if wrapped:
        for token in (part for block in tokens for part in block.children or () if part.type == "softbreak"):
            token.type, token.content = "text", " "
    for block in tokens:
        if block.children:
            block.children = list(_not_too_deep(block.children))
    return _nodes(SyntaxTreeNode(tokens).children)


def _not_too_deep(tokens: Iterable[Token]) -> Iterator[Token]:
    """Leave out emphasis within emphasis beyond `DEEPEST`: blocks have a limit of their own, this has none."""
    depth = 0
    for token in tokens:
        depth += max(token.nesting, 0)
        if depth <= DEEPEST or not token.nesting:
            yield token
        depth += min(token.nesting, 0)


def _nodes(nodes: Iterable[SyntaxTreeNode]) -> list[Node]:
    return [made for node in nodes for made in _made(node)]


def _made(node: SyntaxTreeNode) -> list[Node]:
    if node.type == "inline":
        return _nodes(node.children)
    make = _BY_TYPE.get(node.type)
    return [make(node)] if make else []


def _leaf(kind: str) -> Callable[[SyntaxTreeNode], Node]:
    return lambda node: {"kind": kind, "text": node.content}


def _branch(kind: str) -> Callable[[SyntaxTreeNode], Node]:
    return lambda node: {"kind": kind, "parts": _nodes(node.children)}


def _heading(node: SyntaxTreeNode) -> Node:
    return {"kind": "heading", "level": int(node.tag[1]), "parts": _nodes(node.children)}


def _numbered(node: SyntaxTreeNode) -> Node:
    return {"kind": "numbered", "start": int(node.attrs.get("start", 1)), "parts": _nodes(node.children)}


def _link(node: SyntaxTreeNode) -> Node:
    address = str(node.attrs.get("href", ""))
    if not address.startswith(("http://", "https://", "mailto:")):
        return {"kind": "span", "parts": _nodes(node.children)}
    return {"kind": "link", "address": address, "parts": _nodes(node.children)}


def _table(node: SyntaxTreeNode) -> Node:
    rows = [row for part in node.children for row in part.children]
    cells = [[{"kind": "cell", "parts": _nodes(cell.children)} for cell in row.children] for row in rows]
    return {"kind": "table", "head": cells[0], "rows": cells[1:]}


_BY_TYPE: dict[str, Callable[[SyntaxTreeNode], Node]] = {
    "text": _leaf("text"),
    "code_inline": _leaf("code"),
    "fence": _leaf("listing"),
    "code_block": _leaf("listing"),
    "softbreak": lambda _: {"kind": "break"},
    "hardbreak": lambda _: {"kind": "break"},
    "hr": lambda _: {"kind": "rule"},
    "paragraph": _branch("paragraph"),
    "strong": _branch("strong"),
    "em": _branch("emphasis"),
    "s": _branch("strike"),
    "blockquote": _branch("quote"),
    "bullet_list": _branch("bullets"),
    "list_item": _branch("item"),
    "heading": _heading,
    "ordered_list": _numbered,
    "link": _link,
    "table": _table,
}
