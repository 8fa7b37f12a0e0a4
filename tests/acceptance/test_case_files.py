"""Test cases as text and as files: as people have them, there and back, and nothing lost in silence."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ops.acceptance.case_files import FileUnreadable, read_csv, read_yaml, write_csv, write_yaml
from ops.acceptance.case_import import Imported, import_cases
from ops.acceptance.models import CaseVersion, TestCase
from ops.acceptance.steps import StepsUnreadable, WrittenStep, read_steps, write_steps
from ops.workflow import errors
from ops.workflow.services import perform
from tests.cast import Cast

PLAIN = """identifier,title,aspect,priority,component,objective,requirements,steps
RSP-1,Search by name,portal,critical,portal,Somebody finds M87.,"REQ-1, REQ-2","1. Type M87.
   Expect: A table."
RSP-2,Sign in,portal,high,rsp,Somebody gets in.,,"1. Sign in.
   Expect: Your name."
"""
DIRTY = (
    "﻿Exported on 2026-11-20;;;;;;\r\n"
    ";;;;;;\r\n"
    "Test Case ID;Summary;Area;Priority;Test Step;Test Data;Expected Result\r\n"
    "rsp portal 7;Upload a list;Notebooks;P1;Upload it.;50 rows;Columns are there.\r\n"
    "rsp portal 7;;;;Match it.;None;One row each.\r\n"
    ";;;;Look at it.;;It is plotted.\r\n"
    "RSP-8;Two in one;Kitchen;High;Begin.;;It begins.\r\n"
    ";;;;;;\r\n"
    "RSP-8;Two in one;portal;High;;;\r\n"
)

some_words = (
    some.text(
        alphabet=some.characters(categories=("L", "Nd", "P", "Zs"), exclude_characters=":"),
        min_size=1,
        max_size=30,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and not text[0].isdigit())
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    some.lists(
        some.builds(WrittenStep, some_words, some.just("") | some_words, some.just("") | some_words),
        max_size=5,
    )
)
def test_steps_are_read_back_as_they_were_written(steps: list[WrittenStep]) -> None:
    assert read_steps(write_steps(steps)) == steps


def test_steps_with_more_lines_are_read_back() -> None:
    steps = [WrittenStep("Open it.\n1. is no step here", "a\nb", "first\n\nsecond"), WrittenStep("Close it.")]
    assert read_steps(write_steps(steps)) == steps


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Open it.", "Line 1: begin each step with its number"),
        ("1.\n   Expect: Something.", "Step 1 does not say what to do."),
        (
            "\n".join(f"{n}. Go on." for n in range(1, 102)),
            "A case has at most 100 steps; this text has 101.",
        ),
    ],
)
def test_unreadable_steps_are_refused_with_their_place(text: str, sentence: str) -> None:
    with pytest.raises(StepsUnreadable, match=sentence):
        read_steps(text)


def test_a_file_as_people_have_it_is_read() -> None:
    read = read_csv(DIRTY.encode())
    first, second, third = read.cases
    assert (first.identifier, first.values["aspect"], first.values["priority"]) == (
        "RSP-PORTAL-7", "notebook", "critical",
    )  # fmt: skip
    assert [(step.description, step.test_data) for step in first.steps] == [
        ("Upload it.", "50 rows"), ("Match it.", ""), ("Look at it.", ""),
    ]  # fmt: skip
    assert (second.identifier, third.identifier) == ("RSP-8", "RSP-8")
    assert [(each.where, each.reason) for each in read.problems] == [
        ("row 7", "“Kitchen” is no aspect; portal, notebook, api, documentation are.")
    ]


def test_windows_letters_are_read() -> None:
    read = read_csv("identifier,title\nRSP-1,Größe über 60″\n".encode("cp1252", errors="replace"))
    assert read.cases[0].values["title"].startswith("Größe über 60")


@pytest.mark.parametrize(
    ("data", "read", "sentence"),
    [
        (b"a,b,c\n1,2,3\n", read_csv, "No line names the columns"),
        (b"", read_csv, "No line names the columns"),
        (b"cases: [1, 2", read_yaml, "This is not YAML"),
        (b"title: alone", read_yaml, "Give a list of cases"),
        (b"- &a {identifier: X}\n- *a\n", read_yaml, "References .* are not read"),
        (b"[" * 5_000, read_yaml, "This is (not YAML|nested too deeply)"),
        (b'identifier,title\nRSP-1,"' + b"x" * 200_000 + b'"', read_csv, "This is not CSV: field larger"),
    ],
)
def test_what_is_no_list_of_cases_is_refused(data: bytes, read, sentence: str) -> None:
    with pytest.raises(FileUnreadable, match=sentence):
        read(data)


@pytest.mark.parametrize(
    "written",
    [
        "2026-99-99",
        "0x_",
        "!!timestamp x",
        "!!bool maybe",
        '!!int ""',
        "1" * 5_000,
        "1.10",
        "no",
        r'"\uD800no"',
    ],
)
def test_a_value_of_yaml_is_the_text_that_stands_there(written: str) -> None:
    """YAML would make days, numbers and truths of some, and fail at others."""
    read = read_yaml(f"- identifier: RSP-1\n  title: {written}".encode())
    assert [(case.identifier, case.values["title"]) for case in read.cases] == [
        ("RSP-1", written.rpartition(" ")[2].strip('"').removeprefix(r"\uD800"))
    ]


def test_lines_may_end_as_they_did_on_old_machines() -> None:
    assert read_csv(b"identifier,title\rRSP-1,Sign in\r").cases[0].values == {"title": "Sign in"}


def bring(cast: Cast, text: str, name: str = "cases.csv") -> Imported:
    return import_cases(SimpleUploadedFile(name, text.encode()), actor=cast.scientist)


@pytest.mark.django_db
class TestImport:
    """Taking a file into the library."""

    def test_brought_in_again_nothing_changes(self, cast: Cast) -> None:
        done = bring(cast, PLAIN)
        assert [case.identifier for case in done.new] == ["RSP-1", "RSP-2"]
        assert {case.state for case in done.new} == {"defined"}
        again = bring(cast, PLAIN)
        assert (len(again.new), len(again.changed), len(again.same)) == (0, 0, 2)
        assert CaseVersion.objects.count() == 2

    def test_what_differs_becomes_the_next_version_and_the_one_before_stays(self, cast: Cast) -> None:
        bring(cast, PLAIN)
        done = bring(cast, PLAIN.replace("A table.", "A table and a plot."))
        assert [case.identifier for case in done.changed] == ["RSP-1"]
        first, second = CaseVersion.objects.filter(case__identifier="RSP-1").order_by("number")
        assert (first.steps.get().expected, second.steps.get().expected) == (
            "A table.",
            "A table and a plot.",
        )

    def test_a_bad_row_is_named_and_the_others_are_taken(self, cast: Cast) -> None:
        bad = PLAIN + "RSP-3,Title,portal,high,nowhere,Why,,1. Go.\nRSP-4,Steps,portal,high,,Why,,Go.\n"
        done = bring(cast, bad + "RSP-1,Again,portal,high,,Why,,1. Go.\n")
        assert len(done.new) == 2
        assert [(each.identifier, each.reason) for each in done.problems] == [
            ("RSP-3", "component: There is no product called “nowhere”."),
            ("RSP-4", "Line 1: begin each step with its number, like “1. Open the Portal”."),
            ("RSP-1", "It stands in row 2 already."),
        ]
        assert not TestCase.objects.filter(identifier__in=["RSP-3", "RSP-4"]).exists()

    @pytest.mark.parametrize(("write", "name"), [(write_csv, "out.csv"), (write_yaml, "out.yaml")])
    def test_an_export_is_an_import(self, cast: Cast, write, name: str) -> None:
        bring(cast, PLAIN.replace("Sign in,", "=1+1,"))
        written = write(TestCase.objects.order_by("in_order"))
        assert "\n=1" not in written
        again = bring(cast, written, name)
        assert (len(again.same), again.problems) == (2, [])

    def test_a_retired_case_is_left_alone(self, cast: Cast) -> None:
        case = bring(cast, PLAIN).new[0]
        perform(case, "retire", actor=cast.coordinator, reason="The page is gone.")
        done = bring(cast, PLAIN.replace("A table.", "Nothing."))
        assert [each.reason for each in done.problems] == ["It is retired; restore it before it is changed."]

    def test_only_who_writes_cases_brings_some_in(self, cast: Cast) -> None:
        with pytest.raises(errors.NotAllowed):
            import_cases(SimpleUploadedFile("a.csv", PLAIN.encode()), actor=cast.outsider)

    @pytest.mark.parametrize("name", ["cases.txt", "cases"])
    def test_another_ending_is_refused(self, cast: Cast, name: str) -> None:
        with pytest.raises(errors.InvalidInput) as caught:
            bring(cast, PLAIN, name)
        assert caught.value.fields == {"file": ["The file should end in .csv or .yaml."]}

    def test_requirements_stand_in_the_order_in_which_people_count(self, cast: Cast) -> None:
        unordered = PLAIN.replace("REQ-1, REQ-2", "REQ-10, REQ-2,REQ-10")
        assert bring(cast, unordered).new[0].requirements == ["REQ-2", "REQ-10"]
        assert len(bring(cast, unordered).same) == 2
