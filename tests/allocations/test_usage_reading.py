"""Reports of usage are read row by row; what is wrong is listed and spoils nothing else."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.allocations import usage_reading
from ops.allocations.usage_reading import BadRow, Unreadable, Use, read

HEAD = "source_id,award,resource,amount,unit,used_on\n"
GOOD = "job-1,RAC-12,core-hours,1250.5,core-hours,2026-11-03\n"

OTHERWISE = (
    "Source ID,Award,Resource,Amount,Unit,Used on\n"
    "job-1, rac-12 ,Core-Hours,1250.50,core-hours,2026-11-03T23:59:59Z\n"
)


def only(content: str | bytes) -> Use | BadRow:
    """The one row of a file."""
    (row,) = read(content if isinstance(content, bytes) else content.encode())
    return row


def test_row_of_csv_is_read() -> None:
    assert only(HEAD + GOOD) == Use(
        2, "job-1", "RAC-12", "core-hours", Decimal("1250.500"), "core-hours", datetime.date(2026, 11, 3)
    )


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEAD + GOOD,
        (HEAD + GOOD).replace(",", ";"),
        (HEAD + GOOD).replace(",", "\t"),
        (HEAD + GOOD).replace("\n", "\r\n"),
        OTHERWISE,
    ],
)
def test_the_same_row_in_other_spellings(content: str) -> None:
    assert only(content) == only(HEAD + GOOD)


def test_json_says_the_same_and_keeps_tenths() -> None:
    entry = {"source_id": "a", "award": "RAC-1", "resource": "bulk-download", "used_on": "2026-11-03"}
    text = json.dumps({"usage": [entry]}).replace('"used_on"', '"amount": 0.1, "used_on"')
    row = only(text)
    assert isinstance(row, Use)
    assert row.amount == Decimal("0.1")
    assert only(text.replace('{"usage": ', "")[:-1]) == row


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",RAC-1,core-hours,1,,2026-11-03", "source_id is missing."),
        ("a,,,1,,2026-11-03", "award, resource is missing."),
        ("a,RAC-1,core-hours,much,,2026-11-03", "is no number"),
        ('a,RAC-1,core-hours,"1,5",,2026-11-03', "is no number"),
        ("a,RAC-1,core-hours,-4,,2026-11-03", "must be above zero, not -4"),
        ("a,RAC-1,core-hours,0,,2026-11-03", "must be above zero"),
        ("a,RAC-1,core-hours,NaN,,2026-11-03", "must be above zero"),
        ("a,RAC-1,core-hours,1e30,,2026-11-03", "at most twelve digits"),
        ("a,RAC-1,core-hours,0.0001,,2026-11-03", "3 after the point"),
        ("a,RAC-1,core-hours,1,,31.12.2026", "write it like 2027-03-31"),
        ("a,RAC-1,core-hours,1,,2026-02-30", "write it like 2027-03-31"),
        ("a,RAC-1,core-hours,1,,2026-11-03,and,more", "has 8 cells"),
        ("a" * 121 + ",RAC-1,core-hours,1,,2026-11-03", "at most 120 characters"),
    ],
)
def test_bad_row_is_listed_and_the_good_one_kept(line: str, reason: str) -> None:
    bad, good = read((HEAD + line + "\n" + GOOD).encode())
    assert isinstance(bad, BadRow)
    assert reason in bad.reason
    assert bad.row == 2
    assert isinstance(good, Use)


def test_id_given_twice_is_taken_once() -> None:
    first, second = read((HEAD + GOOD + GOOD).encode())
    assert isinstance(first, Use)
    assert second == BadRow(3, "job-1", "This source id stands in the file before; ids are given once.")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "first line must name the columns"),
        (b"award,amount\nRAC-1,2\n", "source_id, resource, used_on is missing"),
        (b"\xff\xfe\x00", "not UTF-8: byte 1"),
        (b'{"usage": 3}', "Send a list of objects"),
        (b"[1, 2", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'[{"amount": 1e99999999999999999999}]', "an exponent beyond all counting"),
    ],
)  # fmt: skip
def test_file_that_is_none_is_refused_as_a_whole(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(content)


def test_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_reading, "MOST_ROWS", 2)
    lines = "".join(f"{number},RAC-1,core-hours,1,,2026-11-03\n" for number in range(3))
    with pytest.raises(Unreadable, match="more than 2 rows"):
        read((HEAD + lines).encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_is_sent_is_read_or_refused(content: bytes) -> None:
    try:
        rows = read(HEAD.encode() + content)
    except Unreadable:
        return
    assert all(isinstance(row, BadRow) or row.amount > 0 for row in rows)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(usage_reading.COLUMNS), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_JSON, max_size=4))
def test_whatever_json_holds_is_read_or_refused(value: object) -> None:
    assert len(usage_reading.read_values(value)) == len(value)  # type: ignore[arg-type]
