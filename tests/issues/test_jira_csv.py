"""Every defect that exports were seen to have, each in a file small enough to be read here."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops.issues import jira_csv
from ops.issues.jira_csv import Reading, Remark
from ops.tabular.tolerant_csv import NoHeader

SAMPLES = Path(__file__).parent / "samples"
HEADER = "Issue key,Summary,Description\n"


def read(text: str, **mapping: str) -> Reading:
    data = text.encode()
    reading = jira_csv.read(data, mapping)
    assert_every_line_is_accounted_for(reading, data)
    return reading


def read_rows(rows: str) -> Reading:
    return read(HEADER + rows)


def assert_every_line_is_accounted_for(reading: Reading, data: bytes) -> None:
    text = io.StringIO(data.decode("utf-8", errors="replace"), newline=None).read()
    lines = text.removesuffix("\n").split("\n")
    found = [*reading.header_lines, *reading.blank_lines]
    for part in (*reading.records, *reading.unreadable):
        found += part.lines
    assert sorted(found) == list(range(1, len(lines) + 1))


def told(record: jira_csv.Record) -> tuple[str, str, str]:
    return record.key, record.title, record.description


# The two kinds of file, whole


def test_recommendation_list_is_read_with_all_its_defects() -> None:
    data = (SAMPLES / "recommendations.csv").read_bytes()
    reading = jira_csv.read(data)
    assert_every_line_is_accounted_for(reading, data)

    trained, nights, figures = reading.records
    assert (trained.key, trained.status, trained.assignee) == ("REVIEW-12", "In Progress", "n.quiroga")
    assert trained.labels == ("AUTUMN_2025",)
    assert trained.due == datetime(2026, 1, 31, tzinfo=UTC)
    assert trained.kept[:2] == (("Rec#", "OPS-2-4"), ("Response", "We will."))
    column, text = trained.kept[2]
    assert column == "Implementation Status Description"
    assert text.startswith('Training is given "on the job" as part of the yearly round. Leads were walked')
    assert text.endswith("desk in May, and a second session follows.")
    assert nights.assignee == ""
    assert nights.description.split("\n") == [
        "Describe:",
        "• what the summit does alone,",
        "• who decides,",
        "• how data catch up.",
    ]
    assert nights.kept == (
        ("Rec#", "OPS-2-4"),
        ("Implementation Status Description", "Two pages exist.\n\nThey need a review."),
    )
    assert figures.kept[0] == ("Response", "Done, in the annual report.")

    (repair,) = reading.repairs
    assert list(repair.lines) == [2]
    assert repair.problem == (
        "quotes inside the quoted cell “Implementation Status Description” are not doubled"
    )
    assert '"on the job"' in repair.read_as
    (date_line,) = reading.unreadable
    assert list(date_line.lines) == [13]
    assert date_line.text == "Tue 14 Oct 2025 17:39:17 -03"
    assert date_line.reason == "it is the output of the command `date`, not a record"


def test_jira_export_in_windows_1252_with_repeated_columns_is_read() -> None:
    reading = jira_csv.read((SAMPLES / "jira_export.csv").read_bytes())

    shifted, filters = reading.records
    assert shifted.title == 'Pôle sud: cutouts shifted by 0.4" , sometimes'
    assert shifted.description == "Steps:\n\n{code}\nget_cutout(ra=0.0, dec=-89.9)\n{code}"
    assert (shifted.priority, shifted.reporter) == ("Critical", "ngozi")
    assert shifted.labels == ("cutouts", "astrometry")
    assert shifted.watchers == ("zeynep", "ngozi")
    assert shifted.components == ("Image Services",)
    assert shifted.created == datetime(2025, 12, 19, 16, 2, tzinfo=UTC)
    assert shifted.updated == datetime(2026, 1, 3, 9, 15, tzinfo=UTC)
    assert shifted.due == datetime(2026, 1, 31, tzinfo=UTC)
    assert shifted.comments == (
        Remark("Which tract?\nAnd which band?", "zeynep", datetime(2025, 12, 20, 9, 0, tzinfo=UTC)),
        Remark("Tract 4849; band i.", "ngozi", datetime(2025, 12, 21, 10, 30, tzinfo=UTC)),
    )
    assert shifted.kept == (("Issue Type", "Bug"), ("Custom field (Story Points)", "3.0"))
    assert shifted.lines == range(2, 8)

    assert filters.title == "Télescope simulé \u2013 café filter missing"
    assert filters.description == "A word — and “another”."
    assert filters.created is None
    assert ("Created", "3/4/2026") in filters.kept
    encoding, unclear = reading.repairs
    assert list(encoding.lines) == [2, 8]
    assert encoding.read_as == "read as Windows-1252 (Western European)"
    assert unclear.problem == "“Created” is not a date that can be told for sure"
    assert reading.blank_lines == [9]


# Quotes


@pytest.mark.parametrize(
    ("row", "description"),
    [
        ('D-1,a,"He said "yes" and left"', 'He said "yes" and left'),
        ('D-1,a,"He said "yes", and left"', 'He said "yes", and left'),
        ('D-1,a,"He said "yes""', 'He said "yes"'),
        ('D-1,a,"He said ""yes"" and "no""', 'He said "yes" and "no"'),
        (
            'D-1,a,"A "first" line\nand a "second"\n\nand so on"',
            'A "first" line\nand a "second"\n\nand so on',
        ),
        ('D-1,a,a 5" mirror', 'a 5" mirror'),
        ('D-1, "a" , "quoted, after a blank"', "quoted, after a blank"),
    ],
)
def test_quotes_that_were_not_escaped_are_read_as_text_and_reported(row: str, description: str) -> None:
    reading = read_rows(f'{row}\nD-2,b,"sound"\n')

    assert [told(record) for record in reading.records] == [("D-1", "a", description), ("D-2", "b", "sound")]
    assert reading.unreadable == []


def test_repair_names_lines_fault_and_reading() -> None:
    reading = read_rows('D-1,a,"He said\n"yes", and left"\n')

    (repair,) = reading.repairs
    assert list(repair.lines) == [2, 3]
    assert repair.problem == "quotes inside the quoted cell “Description” are not doubled"
    assert repair.read_as == 'read as: He said\n"yes", and left'


def test_two_broken_rows_in_a_row_stay_two_records() -> None:
    reading = read_rows('D-1,"an "odd" title","one\n"two""\nD-2,"b","x "y" z"\nD-3,c,d\n')

    assert [told(record) for record in reading.records] == [
        ("D-1", 'an "odd" title', 'one\n"two"'),
        ("D-2", "b", 'x "y" z'),
        ("D-3", "c", "d"),
    ]


def test_row_that_is_whole_is_never_joined_with_what_follows() -> None:
    """Here nobody can tell whether the quote ended the cell; what then makes no sense is shown."""
    reading = read_rows('D-1,a,"The mirror is 5"\nor 6" wide"\nD-2,b,c\n')

    assert told(reading.records[0]) == ("D-1", "a", "The mirror is 5")
    assert [(list(note.lines), note.text) for note in reading.unreadable] == [([3], 'or 6" wide"')]


def test_a_cell_that_is_never_closed_does_not_swallow_the_next_record() -> None:
    reading = read_rows('D-1,a,"never closed\nbut it goes on\nD-2,b,"c"\nD-3,d,e\n')

    assert [record.key for record in reading.records] == ["D-1", "D-2", "D-3"]
    assert reading.records[0].description == "never closed\nbut it goes on"
    assert [repair.problem for repair in reading.repairs] == ["the cell “Description” is never closed"]


def test_file_that_was_cut_off_keeps_its_last_record() -> None:
    reading = read_rows('D-1,a,b\nD-2,c,"cut off in the mid')

    assert told(reading.records[1]) == ("D-2", "c", "cut off in the mid")


def test_broken_row_is_read_where_the_key_is_not_the_first_column() -> None:
    reading = read('Summary,Issue key,Description\n"a "b" c",D-1,"x\n"y""\n"d ""e""",D-2,z\n')

    assert [told(record) for record in reading.records] == [
        ("D-1", 'a "b" c', 'x\n"y"'),
        ("D-2", 'd "e"', "z"),
    ]


# Rows that are too short, too long, or no rows


def test_short_row_is_read_with_empty_cells_and_reported() -> None:
    reading = read_rows("D-1,only a title\nD-2,b,c\n")

    assert told(reading.records[0]) == ("D-1", "only a title", "")
    assert [(list(r.lines), r.problem, r.read_as) for r in reading.repairs] == [
        ([2], "the row ends early", "read as empty: Description")
    ]


def test_cells_after_the_last_column_are_kept() -> None:
    reading = read_rows("D-1,Develop,document, and socialize\nD-2,b,c,,,\n")

    assert reading.records[0].kept == (("After the last column", "and socialize"),)
    assert reading.records[1].kept == ()
    assert [repair.problem for repair in reading.repairs] == ["1 more than the header has columns"]


def test_line_without_a_key_is_unreadable_and_keeps_its_text() -> None:
    reading = read_rows("D-1,a,b\n,no key,here\nfooter of the export\n\nD-2,c,d\n")

    assert [record.key for record in reading.records] == ["D-1", "D-2"]
    (note,) = reading.unreadable
    assert list(note.lines) == [3, 4]
    assert note.text == ",no key,here\nfooter of the export"
    assert note.reason == "no record can be made of it: no Issue key where one should stand"
    assert reading.blank_lines == [5]


@pytest.mark.parametrize(
    "line", ["Tue 30 Jan 2024 17:39:17 -03", "Tue Jan 30 17:39:17 CLT 2024", "Mon,  1 Feb 2027 08:00:01 UTC"]
)
def test_output_of_date_is_recognised(line: str) -> None:
    reading = read_rows(f"D-1,a,b\n{line}\n")

    assert [note.reason for note in reading.unreadable] == [
        "it is the output of the command `date`, not a record"
    ]


def test_header_in_the_middle_is_set_aside() -> None:
    reading = read(f"{HEADER}D-1,a,b\n{HEADER}D-2,c,d\n")

    assert [record.key for record in reading.records] == ["D-1", "D-2"]
    assert [(list(note.lines), note.reason) for note in reading.unreadable] == [
        ([3], "it is the header again")
    ]


def test_what_looks_like_a_row_but_has_no_tracker_key_is_no_record() -> None:
    reading = read_rows("D-1,a,b\n3,then,more\nD-2\n")

    assert [record.key for record in reading.records] == ["D-1"]
    assert [note.text for note in reading.unreadable] == ["3,then,more\nD-2"]


def test_key_that_comes_twice_is_read_once_from_its_last_row_and_the_other_is_shown() -> None:
    reading = read_rows('D-1,old,"old\ntext"\nD-2,b,c\nD-1,new,text\n')

    assert [told(record) for record in reading.records] == [("D-2", "b", "c"), ("D-1", "new", "text")]
    (note,) = reading.unreadable
    assert list(note.lines) == [2, 3]
    assert note.reason == "D-1 comes again on line 5, which is read instead"
    assert note.text == 'D-1,old,"old\ntext"'


def test_row_without_a_summary_takes_its_title_from_the_description() -> None:
    reading = read_rows("D-1,None,The text\nD-2,,\n")

    assert [record.title for record in reading.records] == ["The text", "D-2"]
    assert [repair.problem for repair in reading.repairs] == ["there is no summary"] * 2


def test_title_is_one_line() -> None:
    assert read_rows('D-1,"two\nlines",x\n').records[0].title == "two lines"


# Encodings, line ends, delimiters, headers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings_are_known_by_themselves(encoding: str) -> None:
    reading = jira_csv.read((HEADER + "D-1,Ñandú • 5″,“x”\n").encode(encoding))

    assert told(reading.records[0]) == ("D-1", "Ñandú • 5″", "“x”")
    assert reading.repairs == []


def test_single_line_in_another_encoding_is_read_and_named() -> None:
    data = (HEADER + "D-1,Ñandú,x\n").encode() + "D-2,Café\x81,y\n".encode("latin-1")
    reading = jira_csv.read(data)

    assert [record.title for record in reading.records] == ["Ñandú", "Café\x81"]
    assert [list(repair.lines) for repair in reading.repairs] == [[3]]


def test_nul_characters_are_taken_out() -> None:
    reading = read_rows("D-1,a\0b,c\n")

    assert reading.records[0].title == "ab"
    assert reading.repairs[0].problem == "contains NUL characters"


def test_mixed_line_ends_and_breaks_in_cells_are_read() -> None:
    data = b'Issue key,Summary,Description\r\nD-1,a,"x\r\ny\nz"\nD-2,b,c\rD-3,d,e\r\n'
    reading = jira_csv.read(data)

    assert [told(record) for record in reading.records] == [
        ("D-1", "a", "x\ny\nz"),
        ("D-2", "b", "c"),
        ("D-3", "d", "e"),
    ]
    assert [record.lines for record in reading.records] == [range(2, 5), range(5, 6), range(6, 7)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found(delimiter: str) -> None:
    rows = [["Summary", "Issue key", "Description"], ["a, b", "D-1", ""], ["", "D-2", 'x "y"']]
    text = "\n".join(delimiter.join(row) for row in rows)
    reading = read(text)

    assert told(reading.records[0]) == ("D-1", "a, b", "")
    assert told(reading.records[1]) == ("D-2", 'x "y"', 'x "y"')


def test_empty_cells_between_tabs_are_cells() -> None:
    reading = read('Issue key\tSummary\tDescription\nD-1\t\t"x "y" z"\n')

    assert reading.records[0].description == 'x "y" z'
    assert reading.records[0].title == 'x "y" z'


def test_lines_above_the_header_are_set_aside() -> None:
    reading = read("sep=,\n\nExported on Monday\n" + HEADER + "D-1,a,b\n")

    assert [(list(note.lines), note.reason) for note in reading.unreadable] == [
        ([1], "it stands above the header"),
        ([3], "it stands above the header"),
    ]
    assert reading.header_lines == range(4, 5)
    assert reading.blank_lines == [2]


def test_columns_are_known_in_any_order_case_and_spacing() -> None:
    reading = read('  DESCRIPTION ,"issue  KEY",Labels,summary,Labels,,\nx,D-1,one two,a,"three,one",,\n')

    assert told(reading.records[0]) == ("D-1", "a", "x")
    assert reading.records[0].labels == ("one", "two", "three")


def test_file_without_a_key_column_is_refused() -> None:
    with pytest.raises(NoHeader, match="issue key"):
        jira_csv.read(b"Name,Text\na,b\n")
    with pytest.raises(NoHeader):
        jira_csv.read(b"")


def test_second_column_of_a_single_valued_field_is_kept_as_text() -> None:
    reading = read("Issue key,Status,Implementation Status,Status\nD-1,None,Open,Done\n")

    assert reading.records[0].status == "Open"
    assert reading.records[0].kept == (("Status", "Done"),)


# Mapping


def test_mapping_wins_over_what_is_known() -> None:
    reading = read(
        "No,Title,Issue key,Votes,Response\n7,a,D-1,3,It works\n",
        **{"no": "key", "Issue key": "text", "Custom field (Votes)": "labels", "Response": "workaround"},
    )

    record = reading.records[0]
    assert (record.key, record.labels, record.workaround) == ("7", ("3",), "It works")
    assert record.kept == (("Issue key", "D-1"),)
    assert reading.columns == {
        "No": "key", "Title": "title", "Issue key": "text", "Votes": "labels", "Response": "workaround",
    }  # fmt: skip


def test_keys_of_another_kind_are_taken_from_the_column_that_was_named() -> None:
    reading = read("Number,Summary\n17,a\n18,b\n", Number="key")

    assert [record.key for record in reading.records] == ["17", "18"]


def test_mapping_to_an_unknown_field_is_refused_with_the_known_ones() -> None:
    with pytest.raises(jira_csv.UnknownMapping, match=r"there is no field “colour”. Known: key, title"):
        read(HEADER, Summary="colour")


def test_mapping_of_an_absent_column_is_refused_with_those_present() -> None:
    with pytest.raises(
        jira_csv.UnknownMapping, match=r"no column “Sumary”. It has: Issue key, Summary, Description"
    ):
        read(HEADER, Sumary="title")


# Dates and comments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-01", "2024-06-01 00:00"),
        ("2024-06-01 16:02", "2024-06-01 16:02"),
        ("19/Dec/23 4:02 PM", "2023-12-19 16:02"),
        ("19/Dec/23", "2023-12-19 00:00"),
        ("12/19/2023", "2023-12-19 00:00"),
        ("19/12/2023 16:02", "2023-12-19 16:02"),
        ("5/5/2024", "2024-05-05 00:00"),
        ("1 June 2024", "2024-06-01 00:00"),
        ("01.06.2024", "2024-06-01 00:00"),
    ],
)
def test_dates_are_read_in_the_zone_of_the_export(text: str, moment: str) -> None:
    zone = ZoneInfo("America/Santiago")
    assert jira_csv.read_moment(text, zone) == datetime.fromisoformat(moment).replace(tzinfo=zone)


def test_time_with_its_own_zone_keeps_it() -> None:
    assert jira_csv.read_moment("2023-12-19T16:02:00.000-0300", UTC) == datetime(
        2023, 12, 19, 19, 2, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["3/4/2024", "JOR_2023_02", "soon", "10000-01-01", "0001-01-01", "31/Feb/24"]
)
def test_what_is_no_certain_date_is_none(text: str) -> None:
    assert jira_csv.read_moment(text) is None


@pytest.mark.parametrize("text", ["No author here", "a; b; c", "19/Dec/23 4:02 PM", "soon enough;me;text"])
def test_comment_in_another_form_is_all_text(text: str) -> None:
    reading = read(f'Issue key,Comment\nD-1,"{text}"\n')

    assert reading.records[0].comments == (Remark(text),)


# Anything at all

# A carriage return alone is left out: the writer of the standard library does not quote it.
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r"), max_size=40)
rows_of_three = st.lists(st.tuples(texts, texts), max_size=12)


def normal(text: str) -> str:
    stripped = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "" if stripped == "None" else stripped


@settings(max_examples=300, deadline=None)
@given(
    rows_of_three,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["Issue key,Response,Votes", "Response,Issue key,Votes", "Response,Votes,Issue key"]),
)
@example([('a\n"b",\n\n', "x\r\ny"), ("\u2028\x85\x0b", "None")], "\r\n", "utf-8", "Issue key,Response,Votes")
def test_file_that_keeps_the_rules_gives_back_what_was_written(
    rows: list[tuple[str, str]], line_end: str, encoding: str, header: str
) -> None:
    columns = header.split(",")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow(columns)
    for number, (response, votes) in enumerate(rows):
        cells = {"Issue key": f"D-{number}", "Response": response, "Votes": votes}
        writer.writerow([cells[column] for column in columns])
    reading = jira_csv.read(out.getvalue().encode(encoding))

    assert [dict(record.kept) for record in reading.records] == [
        {name: normal(text) for name, text in zip(("Response", "Votes"), row, strict=True) if normal(text)}
        for row in rows
    ]
    assert [record.key for record in reading.records] == [f"D-{number}" for number in range(len(rows))]
    assert reading.unreadable == []
    assert all(repair.problem == "there is no summary" for repair in reading.repairs)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.sampled_from('D-1,"é \n"'), max_size=40), max_size=12))
def test_no_line_and_no_word_is_ever_lost_whatever_stands_in_the_file(lines: list[str]) -> None:
    data = ("Issue key,Response,Votes\n" + "\n".join(lines)).encode()
    reading = jira_csv.read(data)

    assert_every_line_is_accounted_for(reading, data)
    found = [text for record in reading.records for _, text in record.kept]
    found += [note.text for note in reading.unreadable]
    assert sum(text.count("é") for text in found) == sum(line.count("é") for line in lines)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    jira_csv.read(HEADER.encode() + data)


def test_big_file_with_faults_everywhere_is_read_in_reasonable_time() -> None:
    row = 'D-{n},"title "{n}" here","{text}"\n'
    text = 'a line of text, with 5" in it\n' * 20
    reading = read_rows("".join(row.format(n=n, text=text) for n in range(300)))

    assert [record.key for record in reading.records] == [f"D-{n}" for n in range(300)]
    assert reading.unreadable == []
