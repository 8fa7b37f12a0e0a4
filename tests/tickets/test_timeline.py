"""The story of a ticket: everything in order, nothing lost between two pages, nothing hidden told."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ops.issues.models import Issue
from ops.tickets.models import Comment
from ops.tickets.services import comment, link
from ops.tickets.timeline import Entry, changed_since, timeline
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform, record
from tests.cast import Cast
from tests.factories import issue_in

HOUR = datetime.timedelta(hours=1)


def say(issue: Issue, cast: Cast, body: str, moment: datetime.datetime, **options: Any) -> Comment:
    return comment(issue, actor=cast.staff, body=body, moment=moment, **options)


def told(entries: list[Entry]) -> list[str]:
    return [entry.comment.body if entry.comment else entry.words for entry in entries]


def pages(issue: Issue, reader: Any, most: int) -> list[list[str]]:
    """Turn pages back to the beginning."""
    found, before = [], None
    while True:
        page = timeline(issue, reader, before=before, most=most)
        found.insert(0, told(page.entries))
        if page.earlier is None:
            return found
        assert before is None or page.earlier < before
        before = page.earlier


def test_events_and_comments_stand_in_the_order_in_which_they_happened(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    comment(issue, actor=cast.reporter, body="In the Notebook too.")
    edit(issue, actor=cast.reporter, data={"title": "An empty plot everywhere"})
    perform(issue, "decline", actor=cast.scientist, reason="It works as described.")

    story = timeline(issue, cast.reporter)
    assert told(story.entries) == [
        "reported it",
        "In the Notebook too.",
        "changed it",
        "moved it to Declined",
    ]
    assert story.earlier is None
    edited = story.entries[2].changes[0]
    assert (edited.label, edited.old, edited.new) == (
        "Title", "The Portal shows an empty plot", "An empty plot everywhere",
    )  # fmt: skip


def test_changes_name_people_products_and_words_for_people_and_for_programs(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    changes = {change.field: change for change in timeline(issue, cast.reporter).entries[-1].changes}
    assert (changes["assignee"].new, changes["assignee"].became) == ("Assignee", "assignee")
    assert (changes["importance"].new, changes["importance"].became) == ("High", "high")
    assert changes["priority"].new == "High"


@pytest.mark.parametrize("most", [1, 2, 3, 7, 50])
def test_pages_hold_everything_once_also_what_happened_in_one_moment(cast: Cast, most: int) -> None:
    """History that was imported knows minutes only: many things happened in the same one."""
    start = timezone.now() - 100 * HOUR
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"}, moment=start)
    for n, hours in enumerate([0, 1, 1, 1, 1, 2, 3, 3, 4]):
        say(issue, cast, f"{n}", start + hours * HOUR)
    edit(issue, actor=cast.scientist, data={"importance": "high"}, moment=start + HOUR)

    turned = pages(issue, cast.staff, most)

    assert [line for page in turned for line in page] == [
        "reported it", "0", "changed it", "1", "2", "3", "4", "5", "6", "7", "8",
    ]  # fmt: skip
    assert all(len(page) < most + 5 for page in turned), "a window grows by what is tied, no further"


def test_a_window_costs_the_same_however_long_the_story(cast: Cast, django_assert_max_num_queries) -> None:
    issue = issue_in("resolved", cast)
    for n in range(60):
        say(issue, cast, f"{n}", timezone.now() + n * HOUR)
    with django_assert_max_num_queries(8):
        timeline(issue, cast.staff)


def test_each_reader_reads_what_is_addressed_to_them(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    for visibility in ("public", "participants", "staff"):
        comment(issue, actor=cast.staff, body=f"for {visibility}", visibility=visibility)

    def said(reader: Any) -> list[str]:
        return [entry.comment.body for entry in timeline(issue, reader).entries if entry.comment]

    assert said(cast.staff) == ["for public", "for participants", "for staff"]
    assert said(cast.reporter) == ["for public", "for participants"]
    assert said(cast.outsider) == said(cast.anonymous) == ["for public"]


def test_what_names_a_hidden_ticket_is_left_out(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    issue = issue_in("triaged", cast)
    link(issue, hidden, kind="blocks", actor=cast.lead)
    edit(issue, actor=cast.lead, data={"parent": hidden.key, "title": "Half a plot"})
    edit(issue, actor=cast.lead, data={"parent": ""})
    perform(issue, "mark_duplicate", actor=cast.lead, data={"duplicate_of": hidden.key})

    def lines(reader: Any) -> list[tuple[str, set[str]]]:
        return [
            (entry.words, {change.field for change in entry.changes})
            for entry in timeline(issue, reader).entries[2:]
        ]

    assert lines(cast.lead) == [
        ("linked it", {"link"}),
        ("changed it", {"parent", "title"}),
        ("changed it", {"parent"}),
        ("moved it to Duplicate", {"duplicate_of"}),
    ]
    for reader in (cast.scientist, cast.outsider, cast.anonymous):
        assert lines(reader) == [("changed it", {"title"}), ("moved it to Duplicate", set())]
    assert hidden.key not in repr(timeline(issue, cast.scientist).entries)


def test_hidden_events_do_not_end_the_story(cast: Cast) -> None:
    """A page on which nothing may be told still leads to the one before it."""
    issue = issue_in("reported", cast)
    for _ in range(6):
        link(issue, issue_in("reported", cast, visibility="confidential"), kind="blocks", actor=cast.lead)

    assert pages(issue, cast.outsider, most=3)[0] == ["reported it"]


def test_what_changed_since_a_version_is_told_for_who_comes_second(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    version = issue.version
    edit(issue, actor=cast.scientist, data={"title": "Half a plot"})
    comment(issue, actor=cast.staff, body="I look at it.")
    perform(issue, "investigate", actor=cast.assignee)

    since = changed_since(Issue.objects.get(pk=issue.pk), version, cast.reporter)
    assert [entry.words for entry in since] == ["changed it", "moved it to Investigating"]
    assert changed_since(Issue.objects.get(pk=issue.pk), version + 2, cast.reporter) == []


def test_an_unknown_event_is_told_without_a_guess(cast: Cast) -> None:
    """A transition that a later release no longer declares stays in the history."""
    issue = issue_in("reported", cast)
    old = Event.objects.of(issue).get()
    Event.objects.create(
        content_type=old.content_type, object_id=issue.pk, actor=cast.system, name="escalate",
        source="reported", target="reported", changes={"old_field": {"old": 1, "new": [2, 3]}},
    )  # fmt: skip
    entry = timeline(issue, cast.reporter).entries[-1]
    assert (entry.words, entry.changes[0].label, entry.changes[0].new) == (
        "made a change",
        "Old field",
        "2, 3",
    )


def test_values_with_parts_are_told_in_words(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    made = {"places": {"old": {}, "new": {"mail": 4, "by_hand": 8}}}
    record(issue, "set_places", actor=cast.scientist, changes=made)
    made = {"pins": {"old": [], "new": [{"case": "A", "version": 1}, "B"]}}
    record(issue, "pin", actor=cast.scientist, changes=made)
    *_, places, pins = timeline(issue, cast.scientist).entries
    assert places.changes[0].new == "mail: 4, by hand: 8"
    assert pins.changes[0].new == "case: A, version: 1, B"
