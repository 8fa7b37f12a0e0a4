"""Full-text search: what is found, by whom, and that nothing typed is a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from ops.issues.models import Issue
from ops.tickets.models import Ticket
from ops.tickets.queue import page_of, parsed
from ops.tickets.search import MATCH_BEGINS, MATCH_ENDS, matching, similar, snippets
from ops.tickets.services import comment, edit_comment
from ops.workflow.errors import BadQuery
from ops.workflow.services import create
from tests.cast import Cast


def report(cast: Cast, title: str, description: str = "", **options: Any) -> Issue:
    return create(Issue, actor=cast.reporter, data={"title": title, "description": description, **options})


def found(text: str, reader: Any) -> list[str]:
    """The titles that a reader finds, as the list shows them."""
    page = page_of(parsed({"search": text, "sort": "created"}, reader), Ticket.objects.all(), reader)
    return [ticket.title for ticket in page.rows]


# What is found


def test_words_of_title_description_and_comments_are_found(cast: Cast) -> None:
    report(cast, "Photometry drifts")
    report(cast, "Strange colours", "Its photometry moves with the zero point.")
    said = report(cast, "Something else")
    comment(said, actor=cast.outsider, body="Is this the photometry again?")
    report(cast, "Astrometry")

    assert found("photometry", cast.anonymous) == ["Photometry drifts", "Strange colours", "Something else"]


def test_what_was_edited_is_found_by_its_new_words_only(cast: Cast) -> None:
    issue = report(cast, "Something")
    said = comment(issue, actor=cast.reporter, body="The dichroic is cracked.")
    edit_comment(said, actor=cast.reporter, body="The shutter is cracked.")
    assert found("shutter", cast.anonymous) == ["Something"]
    assert found("dichroic", cast.anonymous) == []


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("cutout", ["Cutout service times out", "Cutout is rotated"]),
        ("cutout service", ["Cutout service times out"]),
        ('"service times"', ["Cutout service times out"]),
        ('"times service"', []),
        ("rotated or timeout", ["Cutout is rotated"]),
        ("cutout -rotated", ["Cutout service times out"]),
        ("CUTOUTS", ["Cutout service times out", "Cutout is rotated"]),
        ("the", []),
        ("", ["Cutout service times out", "Cutout is rotated"]),
    ],
)  # fmt: skip
def test_a_search_box_understands_what_people_type(cast: Cast, text: str, titles: list[str]) -> None:
    report(cast, "Cutout service times out")
    report(cast, "Cutout is rotated")
    assert found(text, cast.anonymous) == titles


def test_keys_are_found_however_they_are_typed(cast: Cast) -> None:
    issue = report(cast, "The one")
    report(cast, "The other", f"See also {issue.key}.")
    for typed in (issue.key, issue.key.lower(), f" {issue.key} "):
        assert found(typed, cast.anonymous) == ["The one", "The other"]
    assert found("CST-99999999", cast.anonymous) == []


def test_keys_of_another_tracker_are_found(cast: Cast) -> None:
    issue = report(cast, "Imported")
    Ticket.objects.filter(pk=issue.pk).update(external_source="jira", external_key="DM-4711")
    assert found("dm-4711", cast.anonymous) == ["Imported"]


# By whom


@pytest.mark.parametrize("audience", ["public", "participants", "staff"])
def test_a_comment_is_found_by_those_who_read_it(cast: Cast, audience: str) -> None:
    issue = report(cast, "Something")
    comment(issue, actor=cast.staff, body="quagmire", visibility=audience)
    expected = {
        "public": {"staff", "reporter", "outsider", "anonymous"},
        "participants": {"staff", "reporter"},
        "staff": {"staff"},
    }[audience]
    readers = {name: getattr(cast, name) for name in ("staff", "reporter", "outsider", "anonymous")}
    assert {name for name, reader in readers.items() if found("quagmire", reader)} == expected


def test_a_confidential_ticket_is_found_by_nobody_else(cast: Cast) -> None:
    hidden = report(cast, "Quagmire", "quagmire", visibility="confidential", labels="quagmire")
    comment(hidden, actor=cast.reporter, body="quagmire")
    for reader in (cast.anonymous, cast.outsider, cast.staff, cast.scientist, cast.watcher):
        assert found("quagmire", reader) == found(hidden.key, reader) == []
        assert similar("quagmire", reader) == []
    assert found("quagmire", cast.reporter) == found("quagmire", cast.lead) == ["Quagmire"]


def test_the_filter_counts_together_with_the_words(cast: Cast) -> None:
    report(cast, "Plot is empty", labels="plots")
    report(cast, "Plot is upside down")
    address = {"search": "plot", "label": "plots"}
    page = page_of(parsed(address, cast.anonymous), Ticket.objects.all(), cast.anonymous)
    assert ([ticket.title for ticket in page.rows], page.total) == (["Plot is empty"], 1)


# Around the search


def test_similar_reports_share_most_of_their_words(cast: Cast) -> None:
    for title in ("Alert stream stops at night", "Alert stream", "Coffee machine", "Stream of visitors"):
        report(cast, title)
    titles = [ticket.title for ticket in similar("The alert stream stops", cast.anonymous)]
    assert titles[0] == "Alert stream stops at night"
    assert "Coffee machine" not in titles
    assert len(similar("alert stream stops", cast.anonymous, most=1)) == 1
    assert similar("of", cast.anonymous) == similar("", cast.anonymous) == []


def test_snippets_show_what_matched_and_only_what_the_reader_may_read(cast: Cast) -> None:
    described = report(cast, "One", "Long before, the quagmire opened up under us.")
    said = report(cast, "Two")
    comment(said, actor=cast.staff, body="Between us: a quagmire.", visibility="staff")

    def shown(reader: Any) -> dict[int, str]:
        return snippets([described, said], "quagmire", reader)

    assert f"{MATCH_BEGINS}quagmire{MATCH_ENDS}" in shown(cast.anonymous)[described.pk]
    assert said.pk not in shown(cast.reporter)
    assert "Between us" in shown(cast.staff)[said.pk]


# Whatever is typed

typed = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="&|!()<->:*'\"\\ \t%_ab-", max_size=40),
    st.lists(
        st.sampled_from(["plot", "or", "-", '"', "OR", "and", "CST-1", "--", "()", ":*", "'"]), max_size=12
    ).map(" ".join),
    st.characters(categories=["Cs"]),
)


@fuzzing(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=typed)
def test_nothing_typed_is_a_fault_of_ours(cast: Cast, text: str) -> None:
    """A search answers or says that it is no text; the database is never asked what it would refuse."""
    if not Ticket.objects.exists():
        report(cast, "A plot", "text")
    try:
        query = parsed({"search": text}, cast.outsider)
    except BadQuery as refused:
        assert refused.fields.keys() == {"search"}  # noqa: PT017
        return
    rows = list(matching(Ticket.objects.visible_to(cast.outsider), query.text, cast.outsider))
    snippets(rows, query.text, cast.outsider)
    similar(text, cast.outsider)
