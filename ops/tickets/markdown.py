"""Markdown as people write it, made into HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ops.printing.markup import parser
from ops.workflow import registry

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


def _link_keys(state: StateCore) -> None:
    """Make links of the keys of tickets, except in code and inside other links; a rule of markdown-it."""
    prefixes = "|".join(model.workflow.prefix for model in registry.models() if model.workflow.prefix)
    key = re.compile(rf"(?<![\w./-])((?:{prefixes})-[1-9][0-9]{{0,11}})(?![\w-])")
    for block in state.tokens:
        if block.children:
            block.children = list(_with_links(block.children, key, state.env.get("site", "")))


def _with_links(tokens: Iterable[Token], key: re.Pattern[str], site: str) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or inside or not key.search(token.content):
            yield token
            continue
        for n, part in enumerate(key.split(token.content)):
            text = Token("text", "", 0, content=part, level=token.level)
            if n % 2 == 0:  # what stands between two keys
                yield text
                continue
            yield Token("link_open", "a", 1, attrs={"href": site + reverse("ticket", args=[part])})
            yield text
            yield Token("link_close", "a", -1)


_parser, _parser_of_wrapped = parser(), parser(wrapped=True)
for _each in (_parser, _parser_of_wrapped):
    _each.core.ruler.after("linkify", "link_keys", _link_keys)


def rendered(text: str, *, site: str = "", wrapped: bool = False) -> SafeString:
    """Return Markdown as HTML: raw HTML shown as text, images as links, links without a referrer, nothing run.

    The key of a ticket becomes a link to it, whether or not the reader may see it. `site` is the address of the
    desk, for what is read elsewhere: mail and feeds. Of a `wrapped` text the end of a line is a space.
    """
    html = _lower_headings((_parser_of_wrapped if wrapped else _parser).render(text, {"site": site}))
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={name: set(values) for name, values in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="nofollow noopener noreferrer ugc",
    )
    return mark_safe(clean)  # noqa: S308  # cleaned by nh3 in the line above
