"""Queues: what is listed, in which order, under which address; exported, saved, changed many at once."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ops.issues.models import Issue
from ops.notify.models import Channel, Message
from ops.people.models import Membership, User
from ops.tickets import queue
from ops.web.models import SavedFilter
from ops.web.queue.filters import FilterBar
from ops.workflow.services import create, edit
from tests.cast import LONG_AGO
from tests.factories import issue_in
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db


def report(cast, title: str = "Plots are empty", **data: object) -> Issue:
    moment = data.pop("moment", None)
    return create(Issue, actor=cast.reporter, data={"title": title, **data}, moment=moment)


def keys_on(page) -> list[str]:
    return [row.ticket.key for row in page.context["tickets"].rows]


def test_the_queue_of_all_and_of_each_process(cast):
    issue = report(cast)
    for address in ("/tickets/", "/issues/", "/issues/?live=yes"):
        page = Client().get(address)
        assert keys_on(page) == [issue.key]
        assert issue.title in text_of(page, "tbody")


@pytest.mark.parametrize("visibility", ["community", "staff", "confidential"])
def test_hidden_tickets_are_in_no_list_and_no_count(cast, visibility):
    report(cast)
    hidden = report(cast, "Hidden", visibility=visibility)
    stranger = Client().get("/tickets/")
    assert hidden.key not in keys_on(stranger)
    assert "One" in text_of(stranger, ".rows-end")
    assert hidden.key in keys_on(browser(cast.reporter).get("/tickets/"))
    assert "Hidden" not in Client().get("/tickets/list.csv").getvalue().decode()


def test_filters_stand_in_the_address_and_as_chips_that_can_be_taken_away(cast):
    wanted = issue_in("triaged", cast)
    report(cast, "Another")
    page = Client().get("/issues/?state=triaged&assignee=assignee&component=rsp")
    assert keys_on(page) == [wanted.key]
    chips = page.context["tickets"].chips
    assert [(chip.label, chip.words) for chip in chips] == [
        ("State", "Triaged"), ("Assignee", "assignee"), ("Component", "rsp"),
    ]  # fmt: skip
    assert chips[0].without == "/issues/?assignee=assignee&component=rsp"


def test_every_filter_of_the_queue_has_a_place_in_the_bar(cast):
    bar = FilterBar({}, cast.scientist)
    placed = {each.name for each in [*bar.main, *bar.more]} | {"kind"}
    assert placed == set(queue.FILTERS)


def test_several_boxes_of_one_filter_are_one_value(cast):
    one, two = report(cast), issue_in("triaged", cast)
    issue_in("declined", cast)
    assert set(keys_on(Client().get("/issues/?state=reported&state=triaged"))) == {one.key, two.key}


def test_empty_fields_of_the_bar_are_no_part_of_the_address():
    answer = Client().get("/issues/?search=&state=triaged&priority=&assignee=")
    assert (answer.status_code, answer.url) == (302, "/issues/?state=triaged")
    assert Client().get("/issues/?search=").url == "/issues/"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/issues/?colour=red", "known are"),
        ("/issues/?assignee__password__startswith=a", "Unknown filter"),
        ("/issues/?sort=password", "known are -updated"),
        ("/issues/?state=exploded", "knows reported"),
        ("/issues/?assignee=nobody-here", "no username “nobody-here”"),
        ("/issues/?cursor=-1", "begin again without it"),
        ("/issues/?page_size=-5", "whole number"),
        ("/issues/?created_after=10000-01-01", "between 1990 and 2100"),
        ("/board/?kind=unknown", "There is no board of “unknown”"),
        ("/tickets/list.csv?colour=red", "known are"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_can(cast, address, words):
    answer = Client().get(address)
    assert answer.status_code == 400
    assert words in text_of(answer)


def test_heads_sort_and_say_how(cast):
    low, high = report(cast, importance="low", urgency="low"), report(cast, importance="high", urgency="high")
    page = Client().get("/issues/?sort=priority")
    assert keys_on(page) == [high.key, low.key]
    assert 'aria-sort="ascending"' in page.content.decode()
    head = page.context["tickets"].columns[0]
    assert (head.sort_url, head.direction) == ("/issues/?sort=-priority", "ascending")
    assert keys_on(Client().get("/issues/?sort=-priority")) == [low.key, high.key]


def test_pages_follow_one_another_without_loss_or_repetition(cast):
    begin = timezone.now() - datetime.timedelta(days=1)
    made = [report(cast, f"No {n}", moment=begin + datetime.timedelta(minutes=n)).key for n in range(7)]
    first = Client().get("/issues/?page_size=3")
    assert "1–3 of 7" in text_of(first, ".rows-end")  # noqa: RUF001  # a range is written so
    assert "Previous" not in text_of(first, ".rows-end")
    second = Client().get(first.context["tickets"].next)
    third = Client().get(second.context["tickets"].next)
    assert [*keys_on(first), *keys_on(second), *keys_on(third)] == made[::-1]
    assert third.context["tickets"].next == ""
    assert keys_on(Client().get(third.context["tickets"].previous)) == keys_on(second)


def test_a_row_shows_its_clock_in_a_few_letters_and_in_full_on_hover(cast):
    issue_in("reported", cast)
    page = Client().get("/issues/").content.decode()
    assert "First response: 24 hours left" in page or "First response: 23 hours" in page
    assert "23 h" in text_of(Client().get("/issues/"), "tbody") or "24 h" in text_of(
        Client().get("/issues/"), "tbody"
    )


def test_a_queue_costs_the_same_for_one_and_for_three_rows(cast):
    report(cast, component="portal")
    one = cost(cast.scientist, "/issues/?live=yes")
    for n in range(2):
        issue_in("planned", cast, title=f"Another {n}")
    three = cost(cast.scientist, "/issues/?live=yes")
    assert one == three
    assert three <= MOST_QUERIES


def test_a_full_page_stays_small(cast):
    for n in range(50):
        report(cast, f"{n} " + "A title as long as titles may become. " * 5, labels=["one", "two", "three"])
    assert cost(cast.scientist, "/issues/") <= MOST_QUERIES


def test_an_empty_queue_says_what_it_is_for(cast):
    assert "What is reported stands here" in text_of(Client().get("/issues/"))
    report(cast)
    assert "Nothing fits these filters" in text_of(Client().get("/issues/?state=closed"))


def test_nobody_is_led_to_a_queue_in_which_they_see_nothing(cast):
    bar = text_of(Client().get("/issues/"), "#sidebar")
    assert "Issues" in bar
    assert "Requests" not in bar
    assert "0 waiting" not in bar
    assert "Requests" in text_of(browser(cast.staff).get("/issues/"), "#sidebar")
    page = text_of(Client().get("/requests/"), "#main")
    assert "No requests that you can see" in page
    assert "Sign in" in page
    assert "Report a problem" not in page


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_the_filtered_list_is_exported_whole(cast):
    wanted = issue_in("triaged", cast, labels=["dp1"])
    report(cast, "Another")
    answer = browser(cast.reporter).get("/tickets/list.csv?state=triaged")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="tickets-')
    (row,) = rows_of(answer)
    assert (row["key"], row["state"], row["assignee"], row["component"], row["labels"]) == (
        wanted.key, "triaged", "assignee", "portal", "dp1",
    )  # fmt: skip


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(cast):
    for title in ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\tx"):
        report(cast, title)
    titles = {row["title"] for row in rows_of(Client().get("/tickets/list.csv"))}
    assert {"'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(1)"} <= titles
    assert not any(title.startswith(("=", "+", "-", "@", "\t")) for title in titles)


def test_a_hidden_parent_is_not_named_in_the_export(cast):
    secret = report(cast, "Secret", visibility="confidential")
    child = report(cast, "Child", parent=secret.key)
    parents = {row["key"]: row["parent"] for row in rows_of(browser(cast.outsider).get("/tickets/list.csv"))}
    assert parents == {child.key: ""}
    assert secret.key in browser(cast.reporter).get("/tickets/list.csv").getvalue().decode()


def test_an_export_costs_the_same_for_one_and_for_three_rows(cast):
    def queries() -> int:
        client = browser(cast.scientist)
        with CaptureQueriesContext(connection) as captured:
            client.get("/tickets/list.csv").getvalue()
        return len(captured)

    report(cast, component="portal")
    one = queries()
    issue_in("planned", cast)
    issue_in("planned", cast)
    assert queries() == one


def test_a_list_is_kept_in_the_side_bar_under_a_name(cast):
    client = browser(cast.scientist)
    client.post("/filters/", {"name": "  Mine,  open ", "address": "/issues/?assignee=me&live=yes"})
    page = client.get("/issues/?assignee=me&live=yes")
    assert "Mine, open" in text_of(page, "nav.sidebar")
    assert 'href="/issues/?assignee=me&amp;live=yes" aria-current="page"' in page.content.decode()
    assert "Mine, open" not in text_of(browser(cast.outsider).get("/issues/"), "nav.sidebar")
    client.post(f"/filters/{SavedFilter.objects.get().pk}/forget/")
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", "/issues/"),
        ("x" * 61, "/issues/"),
        ("Out", "https://elsewhere.example/"),
        ("Out", "//elsewhere.example/issues/"),
        ("Admin", "/admin/"),
        ("Nowhere", "/nowhere/"),
        ("Script", "javascript:alert(1)"),
    ],
)
def test_only_lists_are_kept_and_only_under_a_name(cast, name, address):
    answer = browser(cast.scientist).post("/filters/", {"name": name, "address": address})
    assert answer.status_code == 422
    assert not SavedFilter.objects.exists()


def test_nobody_forgets_what_somebody_else_keeps(cast):
    browser(cast.scientist).post("/filters/", {"name": "Mine", "address": "/issues/"})
    kept = SavedFilter.objects.get()
    assert browser(cast.outsider).post(f"/filters/{kept.pk}/forget/").status_code == 404
    assert SavedFilter.objects.exists()


def test_everybody_chooses_the_columns_of_their_lists(cast):
    report(cast)
    mine = browser(cast.scientist)
    assert "Assignee" in text_of(mine.get("/issues/"), "thead")
    assert mine.post("/tickets/columns/", {"column": ["reporter", "reported"]}).status_code == 302
    heads = text_of(mine.get("/issues/"), "thead")
    assert "Reporter" in heads
    assert "Assignee" not in heads
    assert cast.reporter.name in text_of(mine.get("/issues/"), "tbody")
    assert "created" in mine.get("/issues/").context["tickets"].columns[-1].sort_url
    assert "Assignee" in text_of(browser(cast.lead).get("/issues/"), "thead")


def test_a_column_that_is_not_there_is_refused_and_changes_nothing(cast):
    report(cast)
    mine = browser(cast.scientist)
    answer = mine.post("/tickets/columns/", {"column": ["reporter", "salary"]})
    assert answer.status_code == 422
    assert "salary" in text_of(answer)
    assert "Assignee" in text_of(mine.get("/issues/"), "thead")


def test_many_are_assigned_at_once_and_one_mail_says_so(cast, django_capture_on_commit_callbacks):
    issues = [issue_in("triaged", cast) for _ in range(3)]
    Message.objects.all().delete()
    with django_capture_on_commit_callbacks():
        answer = browser(cast.scientist).post(
            "/tickets/bulk/", {"action": "assign", "assign": "staff", "key": [each.key for each in issues]}
        )
    assert answer.status_code == 302
    assert set(Issue.objects.values_list("assignee__username", flat=True)) == {"staff"}
    mails = Message.objects.filter(channel=Channel.EMAIL, person=cast.staff)
    assert mails.count() == 3
    assert mails.values("bundle").distinct().count() == 1


def test_a_label_is_added_to_those_there_are(cast):
    issue = edit(issue_in("triaged", cast), actor=cast.scientist, data={"labels": ["dp1"]})
    browser(cast.scientist).post(
        "/tickets/bulk/", {"action": "label", "label": "Needs Docs", "key": issue.key}
    )
    assert Issue.objects.get(pk=issue.pk).labels == ["dp1", "needs-docs"]


def test_what_is_refused_for_one_does_not_stop_the_others_and_is_said(cast):
    mine, reported = issue_in("triaged", cast), report(cast)
    secret = report(cast, "Secret", visibility="confidential")
    answer = browser(cast.assignee).post(
        "/tickets/bulk/",
        {"action": "label", "label": "x", "key": [mine.key, reported.key, secret.key, "CST-999999"]},
    )
    assert answer.status_code == 409
    words = text_of(answer)
    assert "Labelled: 1 ticket." in words
    assert "may change this" in words
    assert words.count("There is nothing here under that address, or you may not see it.") == 2
    assert Issue.objects.get(pk=mine.pk).labels == ["x"]


def test_everybody_may_follow_many(cast):
    issues = [report(cast) for _ in range(2)]
    browser(cast.outsider).post("/tickets/bulk/", {"action": "follow", "key": [each.key for each in issues]})
    assert cast.outsider.watching.count() == 2


def test_many_duplicates_are_joined_at_once_and_taken_apart_again(cast, django_capture_on_commit_callbacks):
    original, *others = [report(cast, f"Empty plot {n}") for n in range(4)]
    answer = browser(cast.scientist).post("/tickets/together/choose/", {"key": [each.key for each in others]})
    address = answer.headers["Location"]
    assert "Mark duplicate" in text_of(browser(cast.scientist).get(address))
    assert "Mark duplicate" not in text_of(browser(cast.outsider).get(address))
    step = f"{address}&step=mark_duplicate"
    assert text_of(browser(cast.scientist).get(step)).count("Yes") == 3
    refused = browser(cast.scientist).post(step, {"duplicate_of": "CST-999999"})
    assert refused.status_code == 422
    assert "CST-999999" in text_of(refused)
    Message.objects.all().delete()
    with django_capture_on_commit_callbacks():
        assert browser(cast.scientist).post(step, {"duplicate_of": original.key}).status_code == 302
    assert Issue.objects.filter(state="duplicate", duplicate_of=original).count() == 3
    mails = Message.objects.filter(channel=Channel.EMAIL, person=cast.reporter)
    assert mails.values("bundle").distinct().count() == 1
    undone = browser(cast.scientist).post(
        f"{address}&step=separate", {"reason": "Each is a fault of its own."}
    )
    assert undone.status_code == 302
    assert not Issue.objects.filter(state="duplicate").exists()


def test_a_step_is_taken_with_those_that_can_and_the_others_are_named(cast):
    triaged, reported = issue_in("triaged", cast), report(cast)
    address = f"/tickets/together/?keys={triaged.key},{reported.key}&step=investigate"
    assert "It is reported" in text_of(browser(cast.scientist).get(address))
    answer = browser(cast.scientist).post(address)
    assert answer.status_code == 409
    assert reported.key in text_of(answer)
    assert Issue.objects.get(pk=triaged.pk).state == "investigating"


def test_a_step_for_many_without_what_it_needs_is_refused(cast):
    secret = report(cast, "Secret", visibility="confidential")
    page = browser(cast.scientist)
    assert page.get("/tickets/together/").status_code == 422
    assert page.get(f"/tickets/together/?keys={secret.key}").status_code == 404
    assert page.get("/tickets/together/?keys=" + ",".join(f"CST-{n}" for n in range(101))).status_code == 400
    shown = report(cast)
    assert page.get(f"/tickets/together/?keys={shown.key}&step=fly").status_code == 404
    assert page.post(f"/tickets/together/?keys={shown.key}&step=decline").status_code == 422


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"action": "close", "key": "CST-1"}, 400),
        ({"action": "follow"}, 422),
        ({"action": "assign", "assign": " ", "key": "CST-1"}, 422),
        ({"action": "label", "key": "CST-1"}, 422),
        ({"action": "follow", "key": [f"CST-{n}" for n in range(101)]}, 400),
    ],
)
def test_a_bulk_operation_that_makes_no_sense_is_refused(cast, data, status):
    assert browser(cast.scientist).post("/tickets/bulk/", data).status_code == status


def test_a_term_that_ended_takes_the_authority_with_it(cast):
    issue = issue_in("triaged", cast)
    yesterday = timezone.now().date() - datetime.timedelta(days=1)
    Membership.objects.filter(person=cast.scientist).update(starts_on=LONG_AGO, ends_on=yesterday)
    former = User.objects.get(pk=cast.scientist.pk)
    browser(former).post("/tickets/bulk/", {"action": "assign", "assign": "staff", "key": issue.key})
    assert Issue.objects.get(pk=issue.pk).assignee == cast.assignee
