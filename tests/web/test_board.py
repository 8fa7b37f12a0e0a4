"""The board: columns from the workflow, cards that move by the same steps as everywhere."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from ops.issues.models import Issue
from ops.web.queue import board as boards
from ops.workflow.services import create, edit, perform
from tests.factories import issue_in
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def columns_of(page) -> dict[str, list[str]]:
    return {
        column.value: [card.ticket.key for card in column.cards] for column in page.context["board"].columns
    }


def test_each_state_has_a_column_and_each_ticket_is_in_its_own(cast):
    reported, planned = issue_in("reported", cast), issue_in("planned", cast)
    columns = columns_of(Client().get("/board/?kind=issue"))
    assert list(columns) == [
        "reported", "triaged", "investigating", "planned", "in_progress", "in_review", "waiting",
        "resolved", "closed", "redirected", "declined", "duplicate",
    ]  # fmt: skip
    assert columns["reported"] == [reported.key]
    assert columns["planned"] == [planned.key]


def test_the_filters_of_the_queue_hold_on_the_board(cast):
    mine = issue_in("triaged", cast)
    issue_in("reported", cast)
    page = Client().get("/board/?assignee=assignee")
    assert [key for keys in columns_of(page).values() for key in keys] == [mine.key]
    assert list(columns_of(Client().get("/board/?state=triaged,waiting"))) == ["triaged", "waiting"]
    assert "closed" not in columns_of(Client().get("/board/?live=yes"))


def test_hidden_tickets_are_on_no_board(cast):
    create(Issue, actor=cast.reporter, data={"title": "Secret", "visibility": "confidential"})
    page = browser(cast.outsider).get("/board/")
    assert not any(columns_of(page).values())
    assert all(column.count == 0 for column in page.context["board"].columns)


def test_what_ended_long_ago_has_left_the_board(cast):
    ago = timezone.now() - boards.RECENT - datetime.timedelta(days=1)
    old = create(Issue, actor=cast.reporter, data={"title": "Old"}, moment=ago)
    perform(old, "decline", actor=cast.scientist, reason="No.", moment=ago)
    new = issue_in("declined", cast)
    assert columns_of(Client().get("/board/"))["declined"] == [new.key]


def test_a_long_column_shows_its_newest_and_leads_to_the_rest(cast, monkeypatch):
    monkeypatch.setattr(boards, "CARDS", 2)
    made = [create(Issue, actor=cast.reporter, data={"title": f"Plot {n}"}).key for n in range(4)]
    page = Client().get("/board/?search=plot")
    assert columns_of(page)["reported"] == [made[3], made[2]]
    column = page.context["board"].columns[0]
    assert (column.count, column.is_cut) == (4, True)
    assert column.all_url == "/issues/?search=plot&state=reported"
    assert "Show all 4 as a list" in text_of(page)


def test_a_count_beyond_its_bound_says_so(cast, monkeypatch):
    monkeypatch.setattr(boards, "COUNTED", 2)
    for n in range(4):
        create(Issue, actor=cast.reporter, data={"title": f"No {n}"})
    assert Client().get("/board/").context["board"].columns[0].count_words == "2+"


def test_a_board_costs_the_same_for_one_and_for_three_cards(cast):
    issue_in("triaged", cast)
    one = cost(cast.scientist, "/board/")
    issue_in("planned", cast)
    issue_in("triaged", cast)
    assert cost(cast.scientist, "/board/") == one
    assert one <= MOST_QUERIES


def test_a_board_asks_for_nobodys_permissions_until_a_menu_opens(cast):
    issue = issue_in("triaged", cast)
    page = browser(cast.scientist).get("/board/").content.decode()
    assert "Mark duplicate" not in page
    menu = browser(cast.scientist, headers=HTMX).get(f"/tickets/{issue.key}/moves/")
    assert "Investigate" in text_of(menu)
    assert "Mark duplicate…" in text_of(menu)
    assert "No step is yours" in text_of(
        browser(cast.outsider, headers=HTMX).get(f"/tickets/{issue.key}/moves/")
    )
    plain = browser(cast.scientist).get(f"/tickets/{issue.key}/moves/")
    assert plain.url == f"/tickets/{issue.key}/#actions"


def test_strangers_look_and_do_not_move(cast):
    issue = issue_in("triaged", cast)
    assert "data-transition-url" not in Client().get("/board/").content.decode()
    assert Client().post(f"/tickets/{issue.key}/move/", {"to": "investigating"}).status_code == 302
    assert Issue.objects.get(pk=issue.pk).state == "triaged"


def move(person, issue, to: str, version: int | None = None):
    client = browser(person, headers=HTMX)
    return client.post(f"/tickets/{issue.key}/move/", {"to": to, "version": version or issue.version})


def test_a_card_dropped_on_a_column_takes_the_step_that_leads_there(cast):
    issue = issue_in("triaged", cast)
    answer = move(cast.assignee, issue, "investigating")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, f"#card-{issue.key}")
    assert 'data-state="investigating"' in answer.content.decode()
    assert "is investigating." in answer.headers["HX-Trigger"]


def test_a_step_that_asks_something_shows_its_form_and_changes_the_card_when_it_is_sent(cast):
    issue = issue_in("investigating", cast)
    form = move(cast.assignee, issue, "planned")
    assert (form.status_code, form.headers["HX-Retarget"]) == (200, "#sheet-body")
    assert 'name="strategy"' in form.content.decode()
    assert 'name="view" value="board"' in form.content.decode()
    assert Issue.objects.get(pk=issue.pk).state == "investigating"
    client = browser(cast.assignee, headers=HTMX)
    sent = {"strategy": "Read both.", "view": "board", "place": "sheet-body", "version": issue.version}
    done = client.post(f"/tickets/{issue.key}/do/plan/", sent)
    assert done.headers["HX-Retarget"] == f"#card-{issue.key}"
    assert 'data-state="planned"' in done.content.decode()


@pytest.mark.parametrize(
    ("state", "to", "name", "status", "sentence"),
    [
        ("reported", "triaged", "reporter", 403, "Only a community scientist may triage"),
        ("reported", "closed", "scientist", 409, "from there it goes to Triaged"),
        ("reported", "nowhere", "scientist", 409, "not to nowhere"),
        ("declined", "triaged", "scientist", 409, "goes to nowhere"),
    ],
)
def test_a_refused_card_comes_back_with_the_sentence(cast, state, to, name, status, sentence):
    issue = issue_in(state, cast)
    answer = move(getattr(cast, name), issue, to)
    assert answer.status_code == status
    assert f'data-state="{state}"' in answer.content.decode()
    assert sentence in answer.headers["HX-Trigger"]
    assert '"level": "error"' in answer.headers["HX-Trigger"]


def test_a_card_held_back_by_a_guard_says_what_is_missing(cast):
    issue = edit(issue_in("resolved", cast), actor=cast.scientist, data={"documentation": "open"})
    answer = move(cast.scientist, issue, "closed")
    assert answer.status_code == 409
    assert "documentation" in answer.headers["HX-Trigger"]


def test_a_card_that_somebody_else_moved_comes_back_where_it_now_is(cast):
    issue = issue_in("triaged", cast)
    perform(issue, "investigate", actor=cast.assignee)
    answer = move(cast.scientist, issue, "investigating", version=issue.version)
    assert answer.status_code == 409
    assert 'data-state="investigating"' in answer.content.decode()
    assert "somebody else has moved it" in answer.headers["HX-Trigger"]


def test_a_hidden_ticket_is_not_moved_and_not_found(cast):
    issue = create(Issue, actor=cast.reporter, data={"title": "Secret", "visibility": "confidential"})
    assert move(cast.scientist, issue, "triaged").status_code == 404
