"""Texts of the demonstration read as people type them."""

from __future__ import annotations

import pytest

from ops.demonstration.script import flowing


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("One sentence\nover two lines.\n\nAnother.", "One sentence over two lines.\n\nAnother."),
        ("- first\n  goes on\n- second", "- first goes on\n- second"),
        ("Before\n```\na\nb\n```\nafter\nthat", "Before\n```\na\nb\n```\nafter that"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nThen\nmore", "| a | b |\n|---|---|\n| 1 | 2 |\nThen more"),
        ("> said\n> so\n\nYes", "> said\n> so\n\nYes"),
        ("1. one\n2. two", "1. one\n2. two"),
    ],
)
def test_paragraphs_flow_and_everything_else_stays(written: str, read: str) -> None:
    assert flowing(written) == read
