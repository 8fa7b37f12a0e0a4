"""Files: which are taken in, under which name, and who is given them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ops.issues.models import Issue
from ops.notify.models import Message
from ops.tickets.files import ACCEPTED_ENDINGS
from ops.tickets.models import Attachment
from ops.tickets.services import attach, comment
from ops.workflow import errors
from ops.workflow.models import Event
from tests.cast import Cast
from tests.factories import issue_in

Upload = Callable[..., SimpleUploadedFile]


@pytest.fixture
def issue(cast: Cast) -> Issue:
    return issue_in("triaged", cast)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plot.png", "plot.png"),
        ("../../etc/cron.d/x.txt", "x.txt"),
        ("..\\..\\boot.log", "boot.log"),
        ("/etc/hosts.txt", "hosts.txt"),
        ("C:\\Users\\me\\plot.PNG", "plot.PNG"),
        ("star 星 naïve.csv", "star 星 naïve.csv"),
        ("nai\u0308ve.csv", "naïve.csv"),
        ("a\x00b\r\nc\td.csv", "abcd.csv"),
        ("gpj.\u202eexe.txt", "gpj.exe.txt"),
        ('"><script>.svg', "script.svg"),
        ("virus.exe.png", "virus.exe.png"),
        ("catalog.tar.gz", "catalog.tar.gz"),
        ("half \ud800.txt", "half .txt"),
        ("x" * 300 + ".fits", "x" * 150 + ".fits"),
        ("....txt", "....txt"),
        (" plot.png ", "plot.png"),
    ],
)  # fmt: skip
def test_names_are_kept_as_far_as_they_are_harmless(
    cast: Cast, issue: Issue, upload: Upload, given: str, kept: str
) -> None:
    file = attach(issue, actor=cast.reporter, upload=upload(given))
    assert Attachment.objects.get().name == kept
    stored = Path(file.file.path)
    assert stored.is_file()
    assert stored.parent.name == str(issue.pk)
    assert stored.stem not in given, "the place on the disk says nothing and cannot be guessed"


@pytest.mark.parametrize(
    "name",
    [
        "virus.exe",
        "plot.png.exe",
        "page.html",
        "noending",
        "",
        ".",
        "..",
        ".png",
        "/",
        "x." + "y" * 300,
    ],
)
def test_other_endings_are_refused_with_those_that_are_taken(
    cast: Cast, issue: Issue, upload: Upload, name: str
) -> None:
    with pytest.raises(errors.InvalidInput, match="not accepted") as refused:
        attach(issue, actor=cast.reporter, upload=upload(name))
    assert ".fits" in refused.value.fields["file"][0]
    assert not Attachment.objects.exists()


def test_every_accepted_ending_is_taken_in_whatever_case(cast: Cast, issue: Issue, upload: Upload) -> None:
    for ending in ACCEPTED_ENDINGS:
        attach(issue, actor=cast.reporter, upload=upload(f"data{ending.upper()}", begins=b"%PDF-1.7"))
    assert Attachment.objects.count() == len(ACCEPTED_ENDINGS)


@pytest.mark.parametrize(("size", "accepted"), [(0, False), (1, True), (2048, True), (2049, False)])
def test_sizes_have_a_limit_at_both_ends(
    cast: Cast, issue: Issue, upload: Upload, settings, size: int, accepted: bool
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 2048
    file = upload("plot.png", size=size)
    if accepted:
        assert attach(issue, actor=cast.reporter, upload=file).size == size
    else:
        with pytest.raises(errors.InvalidInput, match=r"empty|at most"):
            attach(issue, actor=cast.reporter, upload=file)


def test_a_file_of_the_ticket_is_in_its_history_and_told(cast: Cast, issue: Issue, upload: Upload) -> None:
    Message.objects.all().delete()
    attach(issue, actor=cast.reporter, upload=upload("plot.png"))
    event = Event.objects.of(issue).last()
    assert event is not None
    assert (event.name, event.changes) == ("attach", {"file": {"old": None, "new": "plot.png"}})
    assert {message.person for message in Message.objects.select_related("person")} == {cast.assignee}


def test_a_file_of_a_comment_is_in_no_history_that_others_read(
    cast: Cast, issue: Issue, upload: Upload
) -> None:
    events = Event.objects.of(issue).count()
    comment(issue, actor=cast.staff, body="Look.", visibility="staff", uploads=[upload("suspicion.png")])
    assert Event.objects.of(issue).count() == events
    assert not Attachment.objects.visible_to(cast.reporter).exists()


def test_on_a_hidden_ticket_nobody_leaves_a_file_who_does_not_see_it(cast: Cast, upload: Upload) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    with pytest.raises(errors.NotFound):
        attach(hidden, actor=cast.staff, upload=upload("plot.png"))
