"""Records of another tracker become issues, once, and stay in step without undoing what was done here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ops.clocks.models import Deadline
from ops.issues.importing import Fate, Outcome, Settings, import_records
from ops.issues.jira_csv import Record, Remark
from ops.issues.models import ImportedRecord, Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.models import Comment, Ticket, Visibility
from ops.tickets.search import matching
from ops.workflow.models import Event
from ops.workflow.services import edit, perform
from tests.cast import Cast

LONG_AGO = datetime(2024, 2, 1, 12, 0, tzinfo=UTC)


def record(key: str = "DESK-7", **fields: Any) -> Record:
    return Record(lines=range(2, 3), key=key, **{"title": "Cutouts are shifted", **fields})


def run(cast: Cast, *records: Record, actor: User | None = None, **options: Any) -> list[Outcome]:
    return list(import_records(records, Settings(actor=actor or cast.system, **options)))


def imported(key: str = "DESK-7") -> Issue:
    return Issue.objects.get(external_key=key)


# The first time


def test_record_becomes_an_issue_that_is_found_by_its_outside_key(cast: Cast) -> None:
    (outcome,) = run(cast, record(description="By 40 pixels.", created=LONG_AGO, labels=("Astrometry",)))

    issue = imported()
    assert outcome.fate is Fate.CREATED
    assert outcome.issue == issue
    assert (issue.title, issue.description) == ("Cutouts are shifted", "By 40 pixels.")
    assert (issue.state, issue.reporter, issue.external_source) == ("reported", cast.system, "jira")
    assert (issue.created_at, issue.labels) == (LONG_AGO, ["astrometry"])
    assert list(matching(Ticket.objects.visible_to(cast.staff), "DESK-7", cast.staff)) == [issue.ticket_ptr]
    assert Event.objects.of(issue).get().actor == cast.system


def test_new_issue_is_for_staff_unless_it_is_said_otherwise(cast: Cast) -> None:
    run(cast, record("DESK-1"))
    run(cast, record("DESK-2"), visibility=Visibility.PUBLIC)

    assert list(Issue.objects.visible_to(cast.anonymous)) == [imported("DESK-2")]
    assert Issue.objects.visible_to(cast.staff).count() == 2


def test_people_are_known_by_user_name_address_or_full_name(cast: Cast) -> None:
    run(
        cast,
        record(
            assignee=cast.assignee.email.upper(),
            reporter=cast.reporter.display_name,
            watchers=("outsider", "somebody.else"),
        ),
    )

    issue = imported()
    assert (issue.assignee, issue.reporter) == (cast.assignee, cast.reporter)
    assert [watcher.user for watcher in issue.watchers.all()] == [cast.outsider]
    assert "* **Watchers:** somebody.else" in issue.description


def test_name_that_two_people_share_is_kept_as_text(cast: Cast) -> None:
    User.objects.filter(pk__in=[cast.staff.pk, cast.outsider.pk]).update(display_name="Kim Park")
    run(cast, record(assignee="Kim Park", reporter="nobody.we.know"))

    issue = imported()
    assert (issue.assignee, issue.reporter) == (None, cast.system)
    assert "* **Assignee:** Kim Park" in issue.description
    assert "* **Reporter:** nobody.we.know" in issue.description


def test_components_are_found_by_name_and_the_rest_is_kept(cast: Cast) -> None:
    run(cast, record("DESK-1", components=("PORTAL",)), record("DESK-2", components=("Portal", "Toaster")))
    run(cast, record("DESK-3", components=("Toaster",)), component=cast.rsp.slug)

    assert imported("DESK-1").component == cast.portal
    assert imported("DESK-1").description == ""
    assert imported("DESK-2").component == cast.portal
    assert "* **Components:** Portal, Toaster" in imported("DESK-2").description
    assert imported("DESK-3").component == cast.rsp


@pytest.mark.parametrize(
    ("word", "priority"),
    [("Blocker", "critical"), ("Major", "high"), ("Medium", "medium"), ("Minor", "low"), ("Odd", "")],
)
def test_priority_is_translated_and_its_word_kept(cast: Cast, word: str, priority: str) -> None:
    run(cast, record(priority=word))

    assert imported().priority == priority
    assert f"* **Priority:** {word}" in imported().description


def test_what_has_no_field_stands_in_the_description_under_its_column(cast: Cast) -> None:
    kept = (("Rec#", "OPS-2-4"), ("Response", "We will.\n\nSoon."))
    run(cast, record(description="Train everybody.", kept=kept))

    assert imported().description == (
        "Train everybody.\n\n### Response\n\nWe will.\n\nSoon.\n\n### DESK-7 in jira\n\n* **Rec#:** OPS-2-4"
    )


def test_texts_longer_than_a_field_lose_nothing(cast: Cast) -> None:
    title, text = "long title " * 30, "word " * 25_000
    run(cast, record(title=title.strip(), description=text.strip()))

    issue = imported()
    assert len(issue.title) <= 200
    pieces = [issue.description, *issue.comments.order_by("pk").values_list("body", flat=True)]
    whole = "".join(pieces)
    assert whole.count("word") == 25_000
    assert title.strip() in whole


def test_addresses_that_are_none_are_kept_as_text(cast: Cast) -> None:
    run(cast, record(forum_topic="https://community.example.org/t/1", documentation="see Ann"))

    assert imported().forum_topic == "https://community.example.org/t/1"
    assert imported().documentation_url == ""
    assert "* **Documentation:** see Ann" in imported().description


def test_comments_keep_author_time_and_order(cast: Cast) -> None:
    said = (Remark("Which tract?", "zeynep", LONG_AGO + timedelta(days=1)), Remark("+1"), Remark("+1"))
    run(cast, record(created=LONG_AGO, comments=said))

    first, second, third = imported().comments.order_by("pk")
    assert first.body == "*zeynep, 2024-02-02 12:00, in jira:*\n\nWhich tract?"
    assert first.created_at == LONG_AGO + timedelta(days=1)
    assert (second.body, third.body) == ("+1", "+1")


def test_history_is_told_to_nobody_and_nobody_waits_for_a_first_word(cast: Cast) -> None:
    run(cast, record(created=LONG_AGO, assignee="assignee", comments=(Remark("Hello @lead"),)))

    assert not Message.objects.exists()
    assert not Deadline.objects.of(imported().ticket_ptr).open().filter(clock="first-response").exists()


def test_moment_that_lies_ahead_is_now(cast: Cast) -> None:
    before = timezone.now()
    run(cast, record(created=before + timedelta(days=300)))

    assert before <= imported().created_at <= timezone.now()


# What is finished there


def test_finished_issue_stays_reported_under_a_label_when_the_actor_may_not_close(cast: Cast) -> None:
    (outcome,) = run(cast, record(status="Implemented"))

    assert imported().state == "reported"
    assert imported().labels == ["jira-implemented"]
    assert outcome.remarks[0].startswith("It is “Implemented” in jira. Here it stays reported: Only ")


def test_finished_issue_is_closed_by_an_actor_who_may(cast: Cast) -> None:
    done = record(
        status="Done", resolution="Won't Fix", created=LONG_AGO, updated=LONG_AGO + timedelta(days=9)
    )
    (outcome,) = run(cast, record("DESK-1"), done, actor=cast.lead, component=cast.portal.slug)[1:]

    issue = imported()
    assert (issue.state, issue.resolution_code, issue.resolution_text) == (
        "closed",
        "wont_fix",
        "It is “Done” in jira.",
    )
    assert issue.assignee == cast.portal.effective_manager
    events = list(Event.objects.of(issue))
    assert [event.name for event in events] == ["create", "triage", "submit_for_review", "accept", "close"]
    assert {event.created_at for event in events[1:]} == {LONG_AGO + timedelta(days=9)}
    assert outcome.remarks == []
    assert imported("DESK-1").state == "reported"
    assert not Message.objects.exists()


def test_finished_issue_without_a_component_is_not_closed_half_way(cast: Cast) -> None:
    (outcome,) = run(cast, record(status="Done"), actor=cast.lead)

    assert imported().state == "reported"
    assert [event.name for event in Event.objects.of(imported())] == ["create"]
    assert "component" in outcome.remarks[0]


def test_declined_issue_is_declined_with_its_word_as_the_reason(cast: Cast) -> None:
    run(cast, record(status="Won't Do"), actor=cast.scientist)

    assert imported().state == "declined"
    assert Event.objects.of(imported()).last().reason == "It is “Won't Do” in jira."


# Again


def test_import_again_changes_nothing(cast: Cast) -> None:
    whole = record(
        description="x", status="Done", priority="Major", labels=("One", "two"), created=LONG_AGO,
        due=LONG_AGO, assignee="assignee", reporter="reporter", components=("Portal",), watchers=("staff",),
        comments=(Remark("+1"), Remark("+1"), Remark("No", "a", LONG_AGO)), kept=(("Rec#", "1"),),
    )  # fmt: skip
    run(cast, whole)
    before = (
        imported().version,
        Event.objects.count(),
        Comment.objects.count(),
        ImportedRecord.objects.get().values,
    )
    (outcome,) = run(cast, whole)

    assert outcome.fate is Fate.UNCHANGED
    assert outcome.differences == []
    assert before == (
        imported().version,
        Event.objects.count(),
        Comment.objects.count(),
        ImportedRecord.objects.get().values,
    )


def test_what_changed_there_is_brought_over_by_an_edit(cast: Cast) -> None:
    run(cast, record(description="old", due=LONG_AGO))
    (outcome,) = run(cast, record(description="new", comments=(Remark("At last"),)), actor=cast.scientist)

    assert outcome.fate is Fate.CHANGED
    assert {d.name: (d.old, d.new) for d in outcome.differences} == {
        "description": ("old", "new"),
        "due_at": (LONG_AGO, None),
        "comment": (None, "At last"),
    }
    event = Event.objects.of(imported()).last()
    assert (event.name, event.actor, set(event.changes)) == (
        "edit",
        cast.scientist,
        {"description", "due_at"},
    )
    assert imported().comments.get().body == "At last"


def test_what_changed_here_is_left_alone(cast: Cast) -> None:
    run(cast, record(description="old", priority="Minor", labels=("a", "b")))
    issue = perform(
        imported(),
        "triage",
        actor=cast.scientist,
        data={"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "high"},
    )
    edit(issue, actor=cast.scientist, data={"title": "A better title", "labels": ["a", "ours"]})
    (outcome,) = run(cast, record(description="new", priority="Minor", labels=("b", "c")))

    issue = imported()
    assert outcome.fate is Fate.CHANGED
    assert (issue.title, issue.priority, issue.state) == ("A better title", "critical", "triaged")
    assert issue.description.startswith("new")
    assert issue.labels == ["ours", "c"]


def test_changes_are_told_as_usual(cast: Cast) -> None:
    run(cast, record(assignee="assignee"))
    run(cast, record(assignee="assignee", description="more"))

    assert {message.person for message in Message.objects.all()} == {cast.assignee}


def test_state_that_changed_there_changes_the_label_and_closes_what_nobody_has_touched(cast: Cast) -> None:
    run(cast, record(status="Open", components=("Portal",)))
    run(cast, record(status="Done", components=("Portal",)), actor=cast.lead)

    assert imported().labels == ["jira-done"]
    assert imported().state == "closed"


def test_same_key_of_another_source_is_another_issue(cast: Cast) -> None:
    run(cast, record())
    run(cast, record(), source="redmine")

    assert Issue.objects.filter(external_key="DESK-7").count() == 2


# What cannot be


def test_refused_record_is_told_and_holds_up_no_other(cast: Cast) -> None:
    outcomes = run(cast, record("DESK-1"), record("D" * 70 + "-1"), record("DESK-3"))

    assert [outcome.fate for outcome in outcomes] == [Fate.CREATED, Fate.REFUSED, Fate.CREATED]
    assert outcomes[1].remarks == ["Its key is longer than 64 characters."]
    assert Issue.objects.count() == 2


def test_actor_who_may_not_edit_is_refused_with_the_reason(cast: Cast) -> None:
    run(cast, record())
    (outcome,) = run(cast, record(description="new"), actor=cast.staff)

    assert outcome.fate is Fate.REFUSED
    assert "may change" in outcome.remarks[0]
    assert imported().description == ""
    assert run(cast, record(description="new"))[0].fate is Fate.CHANGED


def test_dry_run_tells_and_writes_nothing(cast: Cast) -> None:
    run(cast, record("DESK-1", description="old"))
    before = Event.objects.count(), _last_number()
    outcomes = run(cast, record("DESK-1", description="new"), record("DESK-2", priority="High"), dry_run=True)

    assert [outcome.fate for outcome in outcomes] == [Fate.CHANGED, Fate.CREATED]
    assert [(d.old, d.new) for d in outcomes[0].differences] == [("old", "new")]
    assert ("importance", "high") in [(d.name, d.new) for d in outcomes[1].differences]
    assert imported("DESK-1").description == "old"
    assert before == (Event.objects.count(), _last_number())
    assert run(cast, record("DESK-1", description="new"))[0].fate is Fate.CHANGED


def _last_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM ticket_number_cst")
        return int(cursor.fetchone()[0])


def test_cost_of_a_record_does_not_grow_with_their_number(cast: Cast, django_assert_max_num_queries) -> None:
    run(cast, *(record(f"DESK-{n}") for n in range(3)))
    with django_assert_max_num_queries(14):
        run(cast, *(record(f"DESK-{n}") for n in range(3)))
