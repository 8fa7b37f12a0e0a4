"""Markdown as people write it, made into HTML that is safe to show."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}, "td": {"align"}, "th": {"align"}}
_SCHEMES = frozenset({"http", "https", "mailto"})


def _lower_headings(html: str) -> str:
    # The page has its own first and second level; a heading in a comment never outranks them.
    return re.sub(r"<(/?)h([12])>", lambda found: f"<{found[1]}h{int(found[2]) + 2}>", html)


_parser = MarkdownIt("gfm-like", {"html": False, "linkify": True, "breaks": True}).disable("image")


def rendered(text: str) -> SafeString:
    """Return Markdown as HTML: raw HTML shown as text, images as links, links without a referrer, nothing run."""
    html = _lower_headings(_parser.render(text))
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={name: set(values) for name, values in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="nofollow noopener noreferrer ugc",
    )
    return mark_safe(clean)  # noqa: S308  # cleaned by nh3 in the line above
