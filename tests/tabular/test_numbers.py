"""What a browser sends where a number belongs."""

from __future__ import annotations

import pytest

from ops.tabular.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 4", "-1", "1.5", "²", "٣", "1e3", "0x1", "9" * 19, "9" * 5_000])
def test_everything_else_is_none(text: str) -> None:
    assert whole_number(text) is None
