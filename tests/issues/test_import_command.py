"""`manage.py import_issues`, at the terminal."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ops.issues.management.commands.import_issues import _lines
from ops.issues.models import Issue
from tests.cast import Cast

SAMPLES = Path(__file__).parent / "samples"


def import_issues(file: Path, *options: str) -> tuple[str, str]:
    out, progress = io.StringIO(), io.StringIO()
    call_command("import_issues", str(file), *options, stdout=out, stderr=progress, no_color=True)
    return out.getvalue(), progress.getvalue()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.csv"
    file.write_text("Issue key,Summary,Answer\nDESK-1,One,Yes\nDESK-2,Two,No\n")
    return file


def test_recommendations_are_imported_and_told_of(cast: Cast) -> None:
    out, progress = import_issues(SAMPLES / "recommendations.csv")

    assert "Summary → title" in out
    assert "Kept in the description: Rec#, Response, Implementation Status Description." in out
    assert "line 2: quotes inside the quoted cell “Implementation Status Description” are not doubled" in out
    assert "line 13 could not be read: it is the output of the command `date`, not a record:" in out
    assert "    Tue 14 Oct 2025 17:39:17 -03" in out
    assert "3 created, 0 changed, 0 unchanged, 0 not imported." in out
    assert "New issues are visible to: Staff" in out
    assert "1 are finished in jira and stay reported here" in out
    assert progress == "3 of 3\n"
    assert "on the job" in Issue.objects.get(external_key="REVIEW-12").description


def test_second_import_says_that_nothing_changed(cast: Cast) -> None:
    import_issues(SAMPLES / "jira_export.csv")
    out, _ = import_issues(SAMPLES / "jira_export.csv")

    assert "0 created, 0 changed, 2 unchanged, 0 not imported." in out


def test_changes_are_shown_line_by_line(cast: Cast, small: Path) -> None:
    small.write_text(f'Issue key,Summary,Description\nDESK-1,One,"{"first line " * 9}\nsecond"\n')
    import_issues(small)
    small.write_text(f'Issue key,Summary,Description\nDESK-1,Uno,"{"first line " * 9}\nthird"\n')
    out, _ = import_issues(small)

    key = Issue.objects.get().key
    assert f"DESK-1 (lines 2\u20133) {key}: changed\n" in out
    assert "    title: One → Uno\n" in out
    assert "    description:\n    - second\n    + third\n" in out
    assert "first line" not in out


def test_dry_run_shows_and_changes_nothing(cast: Cast, small: Path) -> None:
    out, _ = import_issues(small, "--dry-run")

    assert "DESK-1 (line 2): would be created\n    title: One\n" in out
    assert "Dry run: 2 created, 0 changed" in out
    assert not Issue.objects.exists()


def test_columns_can_be_mapped(cast: Cast, small: Path) -> None:
    import_issues(small, "--map", "Answer=workaround", "--map", "summary=text", "--source", "odd")

    issue = Issue.objects.get(external_key="DESK-1")
    assert (issue.workaround, issue.title, issue.external_source) == ("Yes", "DESK-1", "odd")
    assert "* **Summary:** One" in issue.description


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--map", "Answer=colour"], "there is no field “colour”. Known: key, title"),
        (["--map", "Reply=title"], "the file has no column “Reply”. It has: Issue key, Summary, Answer"),
        (["--map", "Answer"], "--map wants COLUMN=FIELD, not “Answer”"),
        (["--actor", "nobody"], "There is no account “nobody”"),
        (["--component", "toaster"], "There is no product “toaster”"),
        (["--time-zone", "Mars/Olympus"], "There is no time zone “Mars/Olympus”"),
        (["--source", "x" * 30], "1 to 20 characters"),
    ],
)
def test_option_that_cannot_be_followed_is_refused_in_a_sentence(
    cast: Cast, small: Path, options: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as refusal:
        import_issues(small, *options)
    assert sentence in str(refusal.value)
    assert not Issue.objects.exists()


def test_file_that_is_no_export_is_refused_in_a_sentence(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.csv cannot be read: No such file"):
        import_issues(tmp_path / "absent.csv")
    (tmp_path / "other.csv").write_text("Name,Colour\na,b\n")
    with pytest.raises(CommandError, match="No header was found"):
        import_issues(tmp_path / "other.csv")


def test_refused_records_make_the_command_fail_after_the_others(cast: Cast, small: Path) -> None:
    small.write_text(f"Issue key,Summary\n{'D' * 70}-1,One\nDESK-2,Two\n")
    with pytest.raises(CommandError, match="1 records were not imported"):
        import_issues(small)
    assert Issue.objects.get().external_key == "DESK-2"


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([4], "line 4"),
        (range(4, 10), "lines 4\u20139"),
        ([4, 8, 9], "lines 4, 8\u20139"),
        (range(1, 60, 2), "lines 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 18 more"),
    ],
)
def test_line_numbers_in_words(numbers, words: str) -> None:
    assert _lines(numbers) == words
