"""JUnit files as they come: from several tools, large, broken, and malicious."""

from __future__ import annotations

import io

import pytest

from ops.acceptance.junit import LONGEST_TEXT, MOST_CASES, JUnitCase, Verdict, plain, read_junit
from ops.workflow.errors import InvalidInput

TWO_SUITES = """<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testsuite name="portal" tests="3">
    <testcase classname="tests.Portal" name="test_login[RSP-12]" time="1.5"/>
    <testcase classname="tests.Portal" name="test_plot">
      <properties><property name="case" value="rsp_13"/><property name="step" value="2"/></properties>
      <failure message="empty plot">Traceback
  line 3</failure>
    </testcase>
    <testsuite name="inner"><testcase classname="tests.RSP_14" name="waits"><skipped message="no data"/></testcase>
    </testsuite>
  </testsuite>
  <testsuite name="api"><testcase name="breaks"><error>no connection</error>
    <system-out>noise</system-out></testcase></testsuite>
</testsuites>"""


def _read(text: str | bytes) -> list[JUnitCase]:
    return list(read_junit(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def test_suites_at_any_depth_and_every_verdict_are_read() -> None:
    login, plot, waits, breaks = _read(TWO_SUITES)
    assert (login.suite, login.verdict, login.seconds) == ("portal", Verdict.PASSED, 1.5)
    assert (plot.verdict, plot.step, plot.words) == (Verdict.FAILED, 2, "empty plot\nTraceback\n  line 3")
    assert (waits.suite, waits.verdict, waits.words) == ("inner", Verdict.SKIPPED, "no data")
    assert (breaks.suite, breaks.verdict, breaks.words) == ("api", Verdict.FAILED, "no connection")


def test_a_testcase_finds_its_case_by_property_then_name_then_class() -> None:
    known = {plain(name): name for name in ("RSP-12", "RSP-13", "RSP-14", "RSP-1")}
    assert [found.named_in(known) for found in _read(TWO_SUITES)] == ["RSP-12", "RSP-13", "RSP-14", None]


def test_a_longer_identifier_is_never_taken_for_a_shorter_one() -> None:
    known = {plain("RSP-1"): "one", plain("RSP-1-B"): "long"}
    (found,) = _read('<testsuite><testcase name="test_rsp_1_b_again"/></testsuite>')
    assert found.named_in(known) == "long"
    (other,) = _read('<testsuite><testcase name="test_rsp_12"/></testsuite>')
    assert other.named_in(known) is None


def test_a_namespace_a_lone_testsuite_and_odd_times_do_no_harm() -> None:
    (found,) = _read('<testsuite xmlns="urn:x" name="s"><testcase name="a" time="1,234.5"/></testsuite>')
    assert (found.suite, found.seconds) == ("s", 1234.5)
    (found,) = _read('<testsuite><testcase name="a" time="soon"/></testsuite>')
    assert found.seconds is None


def test_long_words_are_shortened() -> None:
    (found,) = _read(
        f'<testsuite><testcase name="a"><failure>{"x" * 10_000}</failure></testcase></testsuite>'
    )
    assert len(found.words) == LONGEST_TEXT


def test_ten_thousand_testcases_are_read() -> None:
    cases = "".join(f'<testcase classname="c" name="test_{n}"/>' for n in range(10_000))
    assert len(_read(f"<testsuite>{cases}</testsuite>")) == 10_000


ENTITY_BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><testsuite><testcase name="&c;"/></testsuite>"""
OUTSIDE_FILE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&f;"/></testsuite>'
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTITY_BOMB, "declares a document type or entities"),
        (OUTSIDE_FILE, "declares a document type or entities"),
        ("<testsuite><testcase name='a'></testsuite>", "mismatched tag"),
        ("", "line 1, column 1, no element found"),
        ("not xml at all", "line 1, column 1, syntax error"),
        (b"\xff\xfe\x00", "is not XML that can be read"),
        ('<?xml version="1.0" encoding="klingon"?><testsuite/>', "is not XML that can be read"),
        ("<html><body/></html>", "it holds no testcase"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: str | bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _read(text)
    assert words in refusal.value.detail
    assert refusal.value.fields["file"] == [refusal.value.detail]


def test_a_file_without_end_is_stopped() -> None:
    with pytest.raises(InvalidInput, match="more than 50,000 testcases"):
        _read(f"<testsuite>{'<testcase/>' * (MOST_CASES + 1)}</testsuite>")
