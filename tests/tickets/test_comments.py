"""Comments: who reads them, who may address whom, what an edit keeps."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.models import Comment, CommentRevision
from ops.tickets.services import (
    comment,
    comment_visibilities,
    edit_comment,
    invite,
    watch,
    withdraw_invitation,
)
from ops.workflow import errors
from ops.workflow.services import edit
from tests.cast import Cast
from tests.factories import issue_in

AUDIENCES = ("public", "participants", "staff")
# Domain, "Visibility of a comment". One x an audience, in the order above: read, and write.
READS = {
    "anonymous": "x..",
    "outsider": "x..",
    "follower": "x..",
    "mentioned": "x..",
    "owner": "x..",
    "reporter": "xx.",
    "invited": "xx.",
    "assignee": "xxx",
    "staff": "xxx",
    "scientist": "xxx",
    "watcher": "xxx",
    "lead": "xxx",
    "director": "xxx",
    "system": "xxx",
}
WRITES = READS | {"system": "x.."}


@pytest.fixture
def issue(cast: Cast) -> Issue:
    """A public issue with somebody in every relation to it."""
    for name in ("follower", "mentioned", "invited"):
        User.objects.create(username=name)
    made = issue_in("triaged", cast)
    watch(made, actor=User.objects.get(username="follower"))
    invite(made, actor=cast.reporter, person=User.objects.get(username="invited"))
    return made


def person(name: str, cast: Cast) -> User | AnonymousUser:
    return cast.anonymous if name == "anonymous" else User.objects.get(username=name)


def test_who_reads_what(cast: Cast, issue: Issue) -> None:
    for audience in AUDIENCES:
        comment(issue, actor=cast.staff, body=f"{audience}, @mentioned", visibility=audience)
    read = {}
    for name in READS:
        reader = person(name, cast)
        rows = Comment.objects.visible_to(reader).values_list("visibility", flat=True)
        assert set(rows) == set(Comment.objects.addressed_to(reader).values_list("visibility", flat=True))
        read[name] = "".join("x" if audience in rows else "." for audience in AUDIENCES)
    assert read == READS


@pytest.mark.parametrize("name", [name for name in WRITES if name != "anonymous"])
def test_who_may_write_to_whom(cast: Cast, issue: Issue, name: str) -> None:
    actor = person(name, cast)
    may = [audience for audience, mark in zip(AUDIENCES, WRITES[name], strict=True) if mark == "x"]
    assert comment_visibilities(issue, actor) == may
    for audience in AUDIENCES:
        if audience in may:
            comment(issue, actor=actor, body="Hello.", visibility=audience)
        else:
            with pytest.raises(errors.NotAllowed) as refused:
                comment(issue, actor=actor, body="Hello.", visibility=audience)
            assert list(refused.value.fields) == ["visibility"]
    assert set(Comment.objects.values_list("visibility", flat=True)) == set(may)


def test_who_wrote_to_participants_goes_on_reading_it_but_not_the_answers(cast: Cast, issue: Issue) -> None:
    guest = User.objects.get(username="invited")
    own = comment(issue, actor=guest, body="In confidence.", visibility="participants")
    withdraw_invitation(issue, actor=cast.reporter, person=guest)
    comment(issue, actor=cast.reporter, body="An answer.", visibility="participants")
    assert list(Comment.objects.visible_to(guest)) == [own]


def test_on_a_hidden_ticket_nobody_comments_who_does_not_see_it(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    with pytest.raises(errors.NotFound):
        comment(hidden, actor=cast.staff, body="Hello?")
    assert not Comment.objects.exists()


@pytest.mark.parametrize("body", ["", "  \n", "\x00", "\ud800", "x" * 50_001])
def test_what_is_no_comment_is_refused(cast: Cast, issue: Issue, body: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        comment(issue, actor=cast.reporter, body=body)
    assert list(refused.value.fields) == ["body"]


def test_an_audience_that_does_not_exist_is_refused_with_those_that_do(cast: Cast, issue: Issue) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        comment(issue, actor=cast.staff, body="Hello.", visibility="friends")
    assert refused.value.fields == {"visibility": ["Choose one of public, participants, staff."]}


def test_a_comment_makes_nobodys_open_form_stale_and_lifts_the_ticket_in_its_list(
    cast: Cast, issue: Issue
) -> None:
    said = comment(issue, actor=cast.reporter, body="Here too.")
    now = Issue.objects.get(pk=issue.pk)
    assert (now.version, now.updated_at) == (issue.version, said.created_at)


def test_every_former_wording_is_kept(cast: Cast, issue: Issue) -> None:
    said = comment(issue, actor=cast.reporter, body="First", visibility="participants")
    edit_comment(said, actor=cast.reporter, body="Second")
    now = edit_comment(said, actor=cast.reporter, body="Third")

    assert (now.body, now.visibility) == ("Third", "participants")
    assert now.edited_at is not None
    former = CommentRevision.objects.values_list("comment", "body", "replaced_by")
    assert list(former) == [(said.pk, "First", cast.reporter.pk), (said.pk, "Second", cast.reporter.pk)]


def test_the_same_words_again_are_no_edit(cast: Cast, issue: Issue) -> None:
    said = comment(issue, actor=cast.reporter, body="First")
    assert edit_comment(said, actor=cast.reporter, body=" First ").edited_at is None
    assert not CommentRevision.objects.exists()


def test_only_its_author_edits_a_comment(cast: Cast, issue: Issue) -> None:
    said = comment(issue, actor=cast.reporter, body="First")
    for other in (cast.lead, cast.assignee, cast.outsider):
        with pytest.raises(errors.NotAllowed, match="author"):
            edit_comment(said, actor=other, body="Mine")
    internal = comment(issue, actor=cast.staff, body="Between us", visibility="staff")
    with pytest.raises(errors.NotFound):
        edit_comment(internal, actor=cast.reporter, body="Mine")
    assert set(Comment.objects.values_list("body", flat=True)) == {"First", "Between us"}


def test_an_author_who_no_longer_sees_the_ticket_no_longer_edits(cast: Cast, issue: Issue) -> None:
    said = comment(issue, actor=cast.outsider, body="First")
    edit(issue, actor=cast.lead, data={"visibility": "confidential"})
    with pytest.raises(errors.NotFound):
        edit_comment(said, actor=cast.outsider, body="Second")


@pytest.mark.parametrize("audience", AUDIENCES)
def test_files_of_a_comment_have_its_audience(cast: Cast, issue: Issue, audience: str, upload: Any) -> None:
    said = comment(
        issue, actor=cast.staff, body="See the file.", visibility=audience, uploads=[upload("plot.png")]
    )
    column = AUDIENCES.index(audience)
    for name, marks in READS.items():
        seen = type(said.attachments.get()).objects.visible_to(person(name, cast)).exists()
        assert seen == (marks[column] == "x"), name


def test_a_refused_file_takes_the_comment_with_it(cast: Cast, issue: Issue, upload: Any) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        comment(issue, actor=cast.staff, body="See.", uploads=[upload("plot.png"), upload("virus.exe")])
    assert list(refused.value.fields) == ["file"]
    assert not Comment.objects.exists()


@pytest.mark.parametrize("audience", AUDIENCES)
def test_only_those_who_may_read_a_comment_are_told(cast: Cast, issue: Issue, audience: str) -> None:
    """Not even a count at the bell says to the others that something was said."""
    everybody = [name for name in READS if name not in {"anonymous", "system"}]
    for name in everybody:
        watch(issue, actor=cast.staff, who=User.objects.get(username=name))
    watch(issue, actor=cast.staff, who="plain@institute.example")
    Message.objects.all().delete()

    comment(issue, actor=cast.staff, body="Something else.", visibility=audience)

    column = AUDIENCES.index(audience)
    second = Message.objects.filter(object_id=Comment.objects.latest("pk").pk)
    told = {message.person.username for message in second.select_related("person") if message.person}
    assert told == {name for name in everybody if READS[name][column] == "x"} - {"staff"}
    assert second.filter(address="plain@institute.example").exists() == (audience == "public")
