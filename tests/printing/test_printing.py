"""Letters and reports on paper."""

from __future__ import annotations

import datetime
import io

import pytest
from pypdf import PdfReader

from ops.printing.markup import content
from ops.printing.typesetting import TEMPLATES, typeset

MOMENT = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
PROSE = "printing/prose.typ"


def printed(text: str, title: str = "A letter") -> bytes:
    return typeset(
        PROSE,
        {"title": title, "subtitle": "", "date": "20 November 2026", "source": "", "prose": content(text)},
        moment=MOMENT,
    )


def words(document: bytes) -> str:
    pages = PdfReader(io.BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_markdown_reads_on_paper_as_on_the_page() -> None:
    read = words(
        printed("## Findings\n\nIt is *slow*:\n\n3. first\n4. second\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    )
    assert "Findings" in read
    assert "It is slow" in read
    assert "3. first 4. second" in read
    assert "a b 1 2" in read


SET_BY_HAND = ("#panic()", "$x^2$", '#read("/web/home.html")', "*_<label>@ref//*", "\\u{41}", "= No heading")


@pytest.mark.parametrize("text", SET_BY_HAND)
def test_what_people_type_is_printed_and_never_run(text: str) -> None:
    assert text in words(printed(f"`{text}`"))
    assert PdfReader(io.BytesIO(printed("", title=text))).metadata.title == text


def test_an_unsafe_address_is_no_link() -> None:
    nodes = content("[here](https://example.org) [there](/admin/) [mail](mailto:a@example.org)")
    kinds = [(part["kind"], part.get("address")) for part in nodes[0]["parts"] if part["kind"] != "text"]
    assert kinds == [("link", "https://example.org"), ("span", None), ("link", "mailto:a@example.org")]


def test_same_data_same_bytes() -> None:
    assert printed("Twice.") == printed("Twice.")


def test_a_letter_outside_our_fonts_does_not_stop_the_press() -> None:
    assert printed("\U00012000 한").startswith(b"%PDF")


def test_every_template_lies_below_the_templates() -> None:
    with pytest.raises(Exception, match=r"root|outside|not found"):
        typeset("../pyproject.toml", {}, moment=MOMENT)
    assert (TEMPLATES / PROSE).exists()


def test_the_end_of_a_line_is_one_but_in_a_text_that_was_wrapped() -> None:
    typed, wrapped = (content("one\ntwo  \nthree", wrapped=wrapped)[0]["parts"] for wrapped in (False, True))
    assert [part["kind"] for part in typed] == ["text", "break", "text", "break", "text"]
    assert [part["kind"] for part in wrapped] == ["text", "text", "text", "break", "text"]


def test_emphasis_within_emphasis_without_end_is_printed_all_the_same() -> None:
    assert "so" in words(printed("*" * 5_000 + "so" + "*" * 5_000))
