"""Links: they read from both ends, and show nobody an end that is hidden."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from ops.issues.models import Issue
from ops.tickets.models import Link, LinkKind
from ops.tickets.services import link, unlink
from ops.tickets.timeline import timeline
from ops.workflow import errors
from ops.workflow.models import Event
from tests.cast import Cast
from tests.factories import issue_in


@pytest.fixture
def pair(cast: Cast) -> tuple[Issue, Issue]:
    return issue_in("triaged", cast), issue_in("triaged", cast)


@pytest.mark.parametrize(
    ("kind", "from_source", "from_target"),
    [
        ("blocks", "blocks", "is blocked by"),
        ("relates", "relates to", "relates to"),
        ("duplicates", "duplicates", "is duplicated by"),
        ("caused_by", "is caused by", "causes"),
    ],
)
def test_a_link_reads_from_both_ends_and_stands_in_both_histories(
    cast: Cast, pair: tuple[Issue, Issue], kind: str, from_source: str, from_target: str
) -> None:
    source, target = pair
    made = link(source, target, kind=kind, actor=cast.staff)

    assert (made.words_from(source), made.words_from(target)) == (from_source, from_target)
    here, there = (timeline(end, cast.anonymous).entries[-1].changes[0] for end in pair)
    assert (here.new, here.ticket_key) == (f"{from_source} {target.key}", target.key)
    assert (there.new, there.ticket_key) == (f"{from_target} {source.key}", source.key)


def test_all_kinds_are_tested_above() -> None:
    assert set(LinkKind.values) == {"blocks", "relates", "duplicates", "caused_by"}


def test_the_same_link_is_made_once(cast: Cast, pair: tuple[Issue, Issue]) -> None:
    first = link(*pair, kind="blocks", actor=cast.staff)
    events = Event.objects.count()
    assert link(*pair, kind="blocks", actor=cast.reporter) == first
    assert Event.objects.count() == events
    link(*pair, kind="relates", actor=cast.staff)
    assert Link.objects.count() == 2


def test_a_link_that_is_taken_away_stays_in_both_histories(cast: Cast, pair: tuple[Issue, Issue]) -> None:
    unlink(link(*pair, kind="blocks", actor=cast.staff), actor=cast.reporter)
    assert not Link.objects.exists()
    for end, other, words in (pair[0], pair[1], "blocks"), (pair[1], pair[0], "is blocked by"):
        linked, unlinked = timeline(end, cast.reporter).entries[-2:]
        assert (linked.words, unlinked.words) == ("linked it", "removed a link")
        assert (unlinked.changes[0].old, unlinked.changes[0].new) == (f"{words} {other.key}", "")


def test_links_are_for_those_who_work_on_either_end(cast: Cast, pair: tuple[Issue, Issue]) -> None:
    for actor in (cast.reporter, cast.assignee, cast.staff):
        unlink(link(*pair, kind="blocks", actor=actor), actor=actor)
    with pytest.raises(errors.NotAllowed):
        link(*pair, kind="blocks", actor=cast.outsider)
    made = link(*pair, kind="blocks", actor=cast.staff)
    with pytest.raises(errors.NotAllowed):
        unlink(made, actor=cast.outsider)


def test_what_makes_no_sense_is_refused(cast: Cast, pair: tuple[Issue, Issue]) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        link(pair[0], pair[0], kind="blocks", actor=cast.staff)
    assert list(refused.value.fields) == ["target"]
    with pytest.raises(errors.InvalidInput) as refused:
        link(*pair, kind="loves", actor=cast.staff)
    assert refused.value.fields == {"kind": ["Choose one of blocks, relates, duplicates, caused_by."]}
    with pytest.raises(IntegrityError), transaction.atomic():
        Link.objects.create(source=pair[0], target=pair[0], kind="blocks", created_by=cast.staff)


def test_a_hidden_end_hides_the_link_and_cannot_be_linked_to(cast: Cast) -> None:
    seen = issue_in("triaged", cast)
    hidden = issue_in("reported", cast, visibility="confidential")
    made = link(seen, hidden, kind="caused_by", actor=cast.lead)

    assert list(Link.objects.visible_to(cast.lead)) == [made]
    for reader in (cast.staff, cast.outsider, cast.anonymous):
        assert not Link.objects.visible_to(reader).exists()
        assert [entry.words for entry in timeline(seen, reader).entries] == [
            "reported it",
            "moved it to Triaged",
        ]
    for ends in ((seen, hidden), (hidden, seen)):
        with pytest.raises(errors.NotFound):
            link(*ends, kind="relates", actor=cast.staff)
    with pytest.raises(errors.NotFound):
        unlink(made, actor=cast.staff)
