"""The guides as pages of the desk: the same files that stand in docs/, so that nothing is told twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = settings.BASE_DIR / "docs"
FOR_EVERYBODY = "everybody"
_parser = MarkdownIt("gfm-like", {"linkify": False})


@dataclass(frozen=True)
class Guide:
    """One page of documentation."""

    slug: str
    title: str
    html: SafeString

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("guide", args=[self.slug])


def guides() -> list[Guide]:
    """Return the guides, one for each role: first that for everybody, then by title."""
    found = [guide(path.stem) for path in (DOCS / "guides").glob("*.md")]
    return sorted(filter(None, found), key=lambda each: (each.slug != FOR_EVERYBODY, each.title))


@cache
def guide(slug: str) -> Guide | None:
    """Return the page of that name, a guide or what guides lead to; None where there is none."""
    path = _paths().get(slug)
    if path is None:
        return None
    tokens = _parser.parse(path.read_text())
    title = tokens[1].content  # every page begins with its heading
    for n, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[n + 1].content))
        for inner in token.children or ():
            _lead_within_the_desk(inner)
    html = _parser.renderer.render(tokens[3:], _parser.options, {})
    return Guide(slug, title, mark_safe(html))  # noqa: S308  # our own files, raw HTML in them shown as text


@cache
def _paths() -> Mapping[str, Path]:
    return {path.stem: path for path in (*DOCS.glob("*.md"), *(DOCS / "guides").glob("*.md"))}


def _lead_within_the_desk(token: Token) -> None:
    if token.type == "image":
        token.attrSet("src", static(f"guides/{PurePosixPath(str(token.attrs['src'])).name}"))
    if token.type == "link_open":
        token.attrSet("href", _address(str(token.attrs["href"])))


def _address(href: str) -> str:
    """Return where a link of a file leads on the desk; what is drawn from the code has pages of its own."""
    path, _, anchor = href.partition("#")
    if not path.endswith(".md"):
        return href
    at = f"#{anchor}" if anchor else ""
    if PurePosixPath(path).parent.name == "reference" or PurePosixPath(path).stem == "index":
        return reverse("workflows" if "reference" in path else "help")
    return f"{reverse('guide', args=[PurePosixPath(path).stem])}{at}"


def _anchor(heading: str) -> str:
    """Return the name of a heading as the host of the repository makes it, so that links fit in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
