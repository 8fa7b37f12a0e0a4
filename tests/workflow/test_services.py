"""`create`, `edit`, `perform` and `record`: what each writes, what it refuses, and in which order."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from ops.issues.models import Announcement, Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform, record
from tests.cast import Cast
from tests.factories import issue_in

RESOLUTION = {"resolution_code": "fixed", "resolution_text": "There was an index missing."}


def code_of(refused: pytest.ExceptionInfo[errors.Refusal]) -> str:
    return refused.value.code


# The order of the questions


def test_refusals_come_in_their_order_the_first_that_holds(cast: Cast) -> None:
    """Somebody does everything wrong at once, and mends one thing after the other."""
    issue = issue_in("in_review", cast)
    hidden = edit(issue, actor=cast.scientist, data={"visibility": "confidential"})

    def close(issue: Issue, actor: User, **options: Any) -> Issue:
        return perform(issue, "close", actor=actor, **{"data": {"colour": "red"}, "version": 1, **options})

    with pytest.raises(errors.NotFound):
        close(hidden, cast.outsider)
    with pytest.raises(errors.NotAllowed):
        close(hidden, cast.reporter)
    edit(hidden, actor=cast.lead, data={"visibility": "public"})
    with pytest.raises(errors.Stale):
        close(hidden, cast.scientist)
    with pytest.raises(errors.IllegalTransition):
        close(hidden, cast.scientist, version=None)
    perform(hidden, "accept", actor=cast.reporter)
    with pytest.raises(errors.GuardUnmet):
        close(hidden, cast.scientist, version=None)
    edit(hidden, actor=cast.scientist, data={"documentation": "not_needed"})
    with pytest.raises(errors.InvalidInput):
        close(hidden, cast.scientist, version=None)
    assert close(hidden, cast.scientist, version=None, data={}).state == "closed"


def test_transition_of_no_such_name_is_not_found_and_names_those_there_are(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    with pytest.raises(errors.NotFound, match="triage, investigate, plan") as refused:
        perform(issue, "fly", actor=cast.scientist)
    assert "“fly”" in refused.value.detail


def test_hidden_issue_and_missing_one_are_refused_in_the_same_words(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    with pytest.raises(errors.NotFound) as one:
        perform(hidden, "triage", actor=cast.scientist)
    with pytest.raises(errors.NotFound) as other:
        perform(Issue(pk=987_654_321), "triage", actor=cast.scientist)
    assert one.value.as_dict() == other.value.as_dict()


def test_refusal_names_who_may_and_where_it_stands(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    with pytest.raises(errors.NotAllowed, match="Only the assignee or a community scientist may"):
        perform(issue, "investigate", actor=cast.reporter)
    with pytest.raises(errors.IllegalTransition, match=f"leads on from planned; {issue.key} is triaged"):
        perform(issue, "start", actor=cast.assignee)


def test_what_the_caller_holds_is_only_a_guess(cast: Cast) -> None:
    """The row is read again inside the lock: an object that somebody has changed in memory moves nothing."""
    issue = issue_in("reported", cast)
    guess = Issue.objects.get(pk=issue.pk)
    guess.assignee, guess.title = cast.outsider, "Changed in memory only"

    with pytest.raises(errors.NotAllowed):
        edit(guess, actor=cast.outsider, data={"title": "Mine"})
    moved = perform(guess, "redirect", actor=cast.scientist, data={"venue": "forum"}, reason="Ask there.")
    assert (moved.title, moved.assignee) == ("The Portal shows an empty plot", None)


# What each writes


def test_creation_writes_one_event_with_every_value(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot", "labels": "plots, portal"})

    (event,) = Event.objects.of(issue)
    assert (event.name, event.source, event.target, event.actor) == ("create", "", "reported", cast.reporter)
    assert event.changes["title"] == {"old": None, "new": "Empty plot"}
    assert event.changes["labels"] == {"old": None, "new": ["plots", "portal"]}
    assert issue.version == 1


def test_creation_is_for_those_who_may(cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed, match="Only a community scientist may make an announcement"):
        create(Announcement, actor=cast.reporter, data={"title": "News", "body": "Much."})
    assert not Announcement.objects.exists()


def test_edit_writes_old_and_new(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    changed = edit(issue, actor=cast.scientist, data={"importance": "high", "urgency": "high"})

    event = Event.objects.of(issue).last()
    assert event is not None
    assert (event.name, event.source, event.target) == ("edit", "reported", "reported")
    assert event.changes == {
        "importance": {"old": "", "new": "high"},
        "urgency": {"old": "", "new": "high"},
        "priority": {"old": "", "new": "critical"},
    }
    assert (changed.version, changed.updated_at) == (issue.version + 1, event.created_at)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"title": "The Portal shows an empty plot"},
        {"title": "  The Portal shows an empty plot "},
        {"component": "portal", "visibility": "public"},
        {"labels": ["Plots", "plots "]},
        {"assignee": ""},
    ],
    ids=["nothing", "same", "same-with-space", "several", "labels-tidied", "still-nobody"],
)
def test_edit_that_changes_nothing_leaves_no_trace(cast: Cast, data: dict[str, Any]) -> None:
    issue = issue_in("reported", cast, labels="plots")
    events, messages = Event.objects.count(), Message.objects.count()

    same = edit(issue, actor=cast.scientist, data=data)

    assert (same.version, same.updated_at) == (issue.version, issue.updated_at)
    assert (Event.objects.count(), Message.objects.count()) == (events, messages)


def test_edit_tells_assignee_and_followers_and_not_the_editor(cast: Cast) -> None:
    issue = issue_in("triaged", cast, watchers=["outsider", "somebody@example.org"])
    Message.objects.all().delete()

    edit(issue, actor=cast.scientist, data={"title": "The Portal shows half a plot"})

    assert {m.person or m.address for m in Message.objects.select_related("person")} == {
        cast.assignee,
        cast.outsider,
        "somebody@example.org",
    }


def test_reporter_edits_until_somebody_has_triaged(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    issue = edit(issue, actor=cast.reporter, data={"title": "Half a plot"})
    with pytest.raises(errors.NotAllowed, match="may change importance") as refused:
        edit(issue, actor=cast.reporter, data={"importance": "high"})
    assert set(refused.value.fields) == {"importance"}

    triaged = issue_in("triaged", cast)
    with pytest.raises(errors.NotAllowed):
        edit(triaged, actor=cast.reporter, data={"title": "Something else"})


@pytest.mark.parametrize(
    "field", ["state", "key", "version", "reporter", "priority", "created_at", "moment", "id"]
)
def test_what_belongs_to_the_engine_is_no_field_to_anybody(cast: Cast, field: str) -> None:
    issue = issue_in("reported", cast)
    for actor in (cast.reporter, cast.scientist, cast.lead, cast.system):
        with pytest.raises(errors.InvalidInput) as refused:
            edit(issue, actor=actor, data={field: "closed"})
        assert list(refused.value.fields) == [field]
        with pytest.raises(errors.InvalidInput):
            create(Issue, actor=actor, data={"title": "Empty plot", field: "closed"})
    assert Issue.objects.get().state == "reported"


def test_stale_edit_is_refused_and_nothing_of_it_is_kept(cast: Cast) -> None:
    issue = issue_in("reported", cast)
    edit(issue, actor=cast.scientist, data={"title": "First"}, version=issue.version)
    with pytest.raises(errors.Stale, match="somebody else"):
        edit(issue, actor=cast.reporter, data={"title": "Second"}, version=issue.version)
    assert Issue.objects.get().title == "First"


def test_record_writes_beside_the_row(cast: Cast) -> None:
    issue = issue_in("triaged", cast)
    Message.objects.all().delete()
    changes = {"file": {"old": None, "new": "plot.png"}}

    event = record(issue, "attach", actor=cast.reporter, changes=changes, tells=issue.workflow.tells_of_edits)

    assert Event.objects.of(issue).last() == event
    assert (event.source, event.target, event.changes) == ("triaged", "triaged", changes)
    assert Issue.objects.get(pk=issue.pk).version == issue.version
    assert {message.person for message in Message.objects.select_related("person")} == {cast.assignee}


def test_a_failing_transition_leaves_nothing_behind(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong late (here: nobody can be told) takes the change, the event and the clocks with it."""
    issue = issue_in("reported", cast)
    data = {"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "low"}
    before = Issue.objects.filter(pk=issue.pk).values().get()
    monkeypatch.setattr(Issue, "letter_kind", lambda _: "a kind that nobody composes")

    with pytest.raises(LookupError):
        perform(issue, "triage", actor=cast.scientist, data=data)

    assert Issue.objects.filter(pk=issue.pk).values().get() == before
    assert Event.objects.of(issue).count() == 1


def test_moment_of_loaded_history_is_the_moment_of_everything(cast: Cast) -> None:
    then = timezone.now() - datetime.timedelta(days=40)
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"}, moment=then)
    later = then + datetime.timedelta(days=1)
    declined = perform(issue, "decline", actor=cast.scientist, reason="It works as described.", moment=later)

    assert (issue.created_at, declined.state_since, declined.updated_at) == (then, later, later)
    assert [event.created_at for event in Event.objects.of(issue)] == [then, later]
