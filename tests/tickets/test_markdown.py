"""Markdown: what people write comes out readable, and nothing in it runs, loads or lies."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from ops.tickets.markdown import rendered
from tests.effort import calls_made

SCHEMES = {"http", "https", "mailto", ""}  # without one it leads to another page of this desk


class Parsed(HTMLParser):
    """What a browser would find in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def harmless(html: str) -> bool:
    page = Parsed(html)
    return (
        not {"script", "style", "img", "iframe", "object", "form", "input", "svg", "link", "meta", "base"}
        & set(page.tags)
        and not [
            name for name, _ in page.attributes if name.startswith("on") or name in {"style", "src", "id"}
        ]
        and all(urlsplit(value).scheme in SCHEMES for name, value in page.attributes if name == "href")
        and not page.comments
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("# Title", "<h3>Title</h3>"),
        ("## Below", "<h4>Below</h4>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("~~no~~", "<p><s>no</s></p>"),
        ("```sql\nSELECT 1 < 2\n```", '<pre><code class="language-sql">SELECT 1 &lt; 2\n</code></pre>'),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
    ],
)
def test_what_people_write_is_shown_as_they_mean_it(written: str, shown: str) -> None:
    assert str(rendered(written)).strip() == shown


def test_tables_are_tables() -> None:
    html = rendered("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert {"table", "thead", "tbody", "th", "td"} <= set(Parsed(html).tags)


@pytest.mark.parametrize(
    "written", ["see https://example.org/x", "[x](https://example.org/x)", "<https://example.org/x>"]
)
def test_links_lead_where_they_say_and_say_nothing_of_the_reader(written: str) -> None:
    page = Parsed(rendered(written))
    assert ("href", "https://example.org/x") in page.attributes
    assert ("rel", "nofollow noopener noreferrer ugc") in page.attributes


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("see CST-12.", ["CST-12"]),
        ("**CST-4** (and CST-5,CST-6)", ["CST-4", "CST-5", "CST-6"]),
        ("| a |\n|---|\n| CST-7 |", ["CST-7"]),
        ("`CST-12` and\n\n```\nCST-13\n```", []),
        ("XCST-1 CST-2b CST-3-4 cst-5 CST-0 NO-6 a/CST-7", []),
    ],
)
def test_keys_of_tickets_are_links_to_them(written: str, keys: list[str]) -> None:
    links = [value for name, value in Parsed(rendered(written)).attributes if name == "href"]
    assert links == [f"/tickets/{key}/" for key in keys]


def test_a_link_that_names_a_key_leads_where_it_says() -> None:
    links = [value for name, value in Parsed(rendered("[CST-1](https://a.b/)")).attributes if name == "href"]
    assert links == ["https://a.b/"]


def test_what_is_read_elsewhere_has_the_address_of_the_desk() -> None:
    page = Parsed(rendered("see CST-12", site="https://desk.example.org"))
    assert ("href", "https://desk.example.org/tickets/CST-12/") in page.attributes


def test_an_image_is_not_loaded_from_elsewhere() -> None:
    html = rendered("![a plot](https://evil.example/pixel.png)")
    assert "img" not in Parsed(html).tags
    assert harmless(html)


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick='x()' style='position:fixed'>hello</b>",
        "<style>body{display:none}</style>",
        "<!-- <b>hidden</b> -->",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](:javascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "<javascript:alert(1)>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'><input name=password></form>",
        "<base href='https://evil.example/'>",
        "<svg/onload=alert(1)>",
        '[x](https://example.org/"onmouseover="alert(1))',
        "[x](https://example.org 'a\" onmouseover=\"b')",
        '```x" onload="y\n```',
        "| <img src=x> |\n|---|\n| <script> |",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    ],
)
def test_nothing_in_it_runs_or_leads_astray(written: str) -> None:
    assert harmless(rendered(written))


def test_html_is_shown_as_it_was_typed() -> None:
    assert "&lt;table&gt;" in rendered("use <table> here")


PIECES = [
    "<", ">", "script", "](", "[x", ")", "javascript:", "\n", "`", "```", "*", "_", "|", "---", "&#x6a;", "'", '"',
    " ", "onload=", "<b ", "style=", "!", "#", "https://a.b/", "<!--", "-->", "\\", "\t", "data:", "é", "CST-1",
]  # fmt: skip


@fuzzing(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=25,
    ).map("".join)
)
def test_nothing_that_can_be_put_together_is_harmful(written: str) -> None:
    assert harmless(rendered(written)), written


LONG = 10_000
MOST_CALLS_A_CHARACTER = 250
PATTERNS = {
    "quotes": ">" * LONG,
    "brackets": "[" * LONG,
    "half-links": "[x](" * (LONG // 4),
    "stars": "*" * LONG,
    "stars-and-words": "*a **b " * (LONG // 7),
    "underscores": "_a__b_" * (LONG // 6),
    "backticks": "".join("`" * n + " " for n in range(1, 140)),
    "nested-lists": "\n".join("  " * n + "- x" for n in range(220)),
    "nested-quotes": "\n".join("> " * n + "x" for n in range(220)),
    "tags": "<a " * (LONG // 3),
    "comments": "<!--" * (LONG // 4),
    "entities": "&#x41;" * (LONG // 6),
    "table": "|a" * (LONG // 4) + "\n" + "|-" * (LONG // 4),
    "wide-table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 8_000,
    "references": "".join(f"[{n}]: http://x/{n}\n" for n in range(2_500)),
    "links": "http://a.example/ " * (LONG // 18),
    "addresses": "a@" * (LONG // 2),
    "dots": "a." * (LONG // 2),
    "escapes": "\\" * LONG,
    "hashes": "# x\n" * (LONG // 4),
    "one-word": "x" * LONG,
    "spaces": " " * (LONG - 1) + "x",
    "tildes": "~~a " * (LONG // 4),
    "prose": "A plain sentence with *one* thing in it. " * (LONG // 41),
}  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_long_text_costs_little(pattern: str) -> None:
    """The work grows with the length of the text and not with its square."""
    text = PATTERNS[pattern][:LONG]
    html, calls = calls_made(lambda: rendered(text))
    assert calls < MOST_CALLS_A_CHARACTER * LONG
    assert harmless(html)
    assert len(html) < 40 * LONG


def test_the_lines_of_a_wrapped_text_are_joined() -> None:
    assert "<br" in rendered("one\ntwo")
    assert "<br" not in rendered("one\ntwo", wrapped=True)
