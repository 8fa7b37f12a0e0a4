"""Steps taken and fields changed on pages: with htmx in their place, without it on a page of their own."""

from __future__ import annotations

import pytest
from django.test import Client

from ops.issues.models import Issue
from ops.web.forms import drafts
from ops.workflow.models import Event
from ops.workflow.services import edit, perform
from tests.cast import Cast
from tests.factories import issue_in
from tests.web.pages import browser, text_of

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
TRIAGE = {"assignee": "assignee", "component": "portal", "importance": "high", "urgency": "low"}


def now(issue: Issue) -> Issue:
    return Issue.objects.get(pk=issue.pk)


def test_a_step_without_questions_is_one_button(cast):
    issue = issue_in("triaged", cast)
    answer = browser(cast.assignee).post(
        f"/tickets/{issue.key}/do/investigate/", {"version": issue.version}, follow=True
    )
    assert now(issue).state == "investigating"
    assert answer.redirect_chain == [(f"/tickets/{issue.key}/", 302)]
    assert f"{issue.key} is investigating." in text_of(answer)


def test_the_form_of_a_step_asks_what_the_declaration_asks(cast):
    page = browser(cast.scientist).get(f"/tickets/{issue_in('reported', cast).key}/do/triage/")
    html = page.content.decode()
    for name in ("assignee", "component", "importance", "urgency", "due_at", "watchers", "version"):
        assert f'name="{name}"' in html
    assert 'name="title"' not in html
    assert "Give the issue an owner" in text_of(page)


def test_a_step_with_a_form_takes_what_was_typed(cast):
    issue = issue_in("reported", cast)
    answer = browser(cast.scientist).post(
        f"/tickets/{issue.key}/do/triage/",
        {
            **TRIAGE,
            "due_at": "2031-05-04T10:30",
            "threat_to_science": "on",
            "watchers": "outsider, a@example.org",
            "version": 1,
        },
    )
    assert answer.status_code == 302
    triaged = now(issue)
    assert (triaged.state, triaged.assignee, triaged.priority) == ("triaged", cast.assignee, "medium")
    assert triaged.due_at.isoformat() == "2031-05-04T10:30:00+00:00"
    assert triaged.threat_to_science
    assert {str(each.recipient) for each in triaged.watchers.all()} == {"Outsider", "a@example.org"}


def test_times_are_typed_in_the_zone_of_the_person(cast):
    cast.scientist.time_zone = "America/Santiago"
    cast.scientist.save()
    issue = issue_in("reported", cast)
    browser(cast.scientist).post(
        f"/tickets/{issue.key}/do/triage/", {**TRIAGE, "due_at": "2031-07-04T10:30", "version": 1}
    )
    assert now(issue).due_at.isoformat() == "2031-07-04T14:30:00+00:00"
    page = browser(cast.scientist).get(f"/tickets/{issue.key}/edit/?field=due_at").content.decode()
    assert 'value="2031-07-04T10:30"' in page
    assert "In America/Santiago." in page


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(cast):
    issue = issue_in("reported", cast)
    answer = browser(cast.scientist).post(
        f"/tickets/{issue.key}/do/triage/",
        {"assignee": "nobody-of-this-name", "component": "portal", "version": 1},
    )
    assert answer.status_code == 422
    words = text_of(answer)
    assert "There is no user called “nobody-of-this-name”." in words
    assert "Choose one." in words
    assert 'value="nobody-of-this-name"' in answer.content.decode()
    assert 'value="portal"' in answer.content.decode()
    assert now(issue).state == "reported"


def test_a_reason_is_asked_and_kept(cast):
    issue = issue_in("reported", cast)
    client = browser(cast.scientist)
    assert client.post(f"/tickets/{issue.key}/do/decline/", {"reason": " ", "version": 1}).status_code == 422
    client.post(f"/tickets/{issue.key}/do/decline/", {"reason": "It is meant to be so.", "version": 1})
    assert Event.objects.of(issue).last().reason == "It is meant to be so."
    assert "It is meant to be so." in text_of(Client().get(f"/tickets/{issue.key}/"), "ol.thread")


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_is_told_who_may(cast, method):
    issue = issue_in("reported", cast)
    answer = getattr(browser(cast.reporter), method)(f"/tickets/{issue.key}/do/triage/", TRIAGE)
    assert answer.status_code == 403
    assert "Only a community scientist may triage" in text_of(answer)
    assert now(issue).state == "reported"


def test_looking_at_a_form_never_takes_the_step(cast):
    issue = issue_in("triaged", cast)
    assert browser(cast.assignee).get(f"/tickets/{issue.key}/do/investigate/").status_code == 200
    assert now(issue).state == "triaged"


def test_a_step_that_does_not_lead_on_from_here_is_refused(cast):
    issue = issue_in("planned", cast)
    answer = browser(cast.scientist).get(f"/tickets/{issue.key}/do/triage/")
    assert answer.status_code == 409
    assert "“Triage” leads on from reported" in text_of(answer)


def test_an_unknown_step_is_not_found(cast):
    assert (
        browser(cast.scientist).get(f"/tickets/{issue_in('reported', cast).key}/do/explode/").status_code
        == 404
    )


def test_a_step_held_back_by_a_guard_says_so_and_offers_no_button(cast):
    issue = edit(issue_in("resolved", cast), actor=cast.scientist, data={"documentation": "open"})
    for answer in (
        browser(cast.scientist).get(f"/tickets/{issue.key}/do/close/"),
        browser(cast.scientist).post(f"/tickets/{issue.key}/do/close/", {"version": issue.version}),
    ):
        assert answer.status_code == 409
        assert "Say whether the documentation was updated" in text_of(answer)
        assert "btn-primary" not in text_of(answer, "main")
    assert now(issue).state == "resolved"


def test_the_second_of_two_people_gets_the_sentence_the_change_and_their_text_back(cast):
    issue = issue_in("investigating", cast)
    seen = issue.version
    edit(issue, actor=cast.scientist, data={"importance": "low", "title": "Plots are empty after sign-in"})
    answer = browser(cast.assignee).post(
        f"/tickets/{issue.key}/do/plan/", {"strategy": "Typed for an hour.", "version": seen}
    )
    assert answer.status_code == 409
    words = text_of(answer)
    assert "was changed by somebody else in the meantime" in words
    assert "Scientist changed" in words
    assert "Plots are empty after sign-in" in words
    assert "Typed for an hour." in answer.content.decode()
    assert now(issue).state == "investigating"
    again = browser(cast.assignee).post(
        f"/tickets/{issue.key}/do/plan/",
        {"strategy": "Typed for an hour.", "version": answer.context["version"]},
    )
    assert again.status_code == 302
    assert now(issue).strategy == "Typed for an hour."


def test_a_step_taken_by_somebody_else_meanwhile_leaves_the_text_and_takes_the_button(cast):
    issue = issue_in("reported", cast)
    perform(issue, "triage", actor=cast.watcher, data=TRIAGE)
    answer = browser(cast.scientist).post(
        f"/tickets/{issue.key}/do/decline/", {"reason": "Out of scope, I think.", "version": issue.version}
    )
    assert answer.status_code == 409
    assert "Out of scope, I think." in answer.content.decode()
    assert "moved it to Triaged" in text_of(answer)
    perform(issue, "investigate", actor=cast.assignee)
    perform(issue, "plan", actor=cast.assignee, data={"strategy": "s"})
    answer = browser(cast.scientist).post(
        f"/tickets/{issue.key}/do/decline/",
        {"reason": "Out of scope, I think.", "version": now(issue).version},
    )
    assert answer.status_code == 409
    assert "Out of scope, I think." in answer.content.decode()
    assert "Decline</button>" not in answer.content.decode()


def test_by_htmx_the_form_comes_alone_and_what_was_done_comes_as_the_page(cast):
    issue = issue_in("reported", cast)
    client = browser(cast.scientist, headers={**HTMX, "HX-Target": "sheet-body"})
    form = client.get(f"/tickets/{issue.key}/do/triage/")
    assert "<html" not in form.content.decode()
    assert form.headers["HX-Retarget"] == "#sheet-body"
    wrong = client.post(f"/tickets/{issue.key}/do/triage/", {"place": "sheet-body", "version": 1})
    assert (wrong.status_code, wrong.headers["HX-Retarget"]) == (422, "#sheet-body")
    done = client.post(f"/tickets/{issue.key}/do/triage/", {**TRIAGE, "place": "sheet-body", "version": 1})
    assert (done.status_code, done.headers["HX-Retarget"]) == (200, "#ticket")
    assert "is triaged." in done.headers["HX-Trigger"]
    assert 'id="ticket"' in done.content.decode()
    assert "<html" not in done.content.decode()


def test_a_place_that_is_not_a_name_is_not_believed(cast):
    issue = issue_in("reported", cast)
    client = browser(cast.scientist, headers=HTMX)
    answer = client.post(f"/tickets/{issue.key}/do/triage/", {"place": "x,body *", "version": 1})
    assert answer.headers["HX-Retarget"] == "#sheet-body"


def test_one_field_is_changed_in_its_place(cast):
    issue = issue_in("triaged", cast)
    client = browser(cast.scientist, headers={**HTMX, "HX-Target": "edit-assignee"})
    form = client.get(f"/tickets/{issue.key}/edit/?field=assignee")
    assert form.headers["HX-Retarget"] == "#edit-assignee"
    assert 'name="assignee"' in form.content.decode()
    assert 'name="title"' not in form.content.decode()
    done = client.post(
        f"/tickets/{issue.key}/edit/?field=assignee", {"assignee": "staff", "version": issue.version}
    )
    assert (done.status_code, done.headers["HX-Retarget"]) == (200, "#ticket")
    assert now(issue).assignee == cast.staff


def test_forms_that_are_open_at_once_do_not_share_the_names_of_their_fields(cast):
    issue = issue_in("reported", cast)
    client = browser(cast.scientist, headers=HTMX)
    fact = client.get(f"/tickets/{issue.key}/edit/?field=assignee", headers={"HX-Target": "edit-assignee"})
    sheet = client.get(f"/tickets/{issue.key}/do/triage/", headers={"HX-Target": "sheet-body"})
    assert 'id="edit-assignee-assignee"' in fact.content.decode()
    assert 'for="edit-assignee-assignee"' in fact.content.decode()
    assert 'id="sheet-body-assignee"' in sheet.content.decode()


def test_all_that_a_person_may_change_stands_on_one_page(cast):
    issue = issue_in("triaged", cast)
    page = browser(cast.assignee).get(f"/tickets/{issue.key}/edit/").content.decode()
    for name in ("title", "description", "assignee", "visibility", "labels", "major_change"):
        assert f'name="{name}"' in page
    assert browser(cast.outsider).get(f"/tickets/{issue.key}/edit/").status_code == 403


def test_a_field_that_is_not_theirs_is_refused_by_name(cast):
    issue = issue_in("triaged", cast)
    for answer in (
        browser(cast.outsider).get(f"/tickets/{issue.key}/edit/?field=assignee"),
        browser(cast.outsider).post(f"/tickets/{issue.key}/edit/?field=assignee", {"assignee": "outsider"}),
    ):
        assert answer.status_code == 403
        assert "may change" in text_of(answer)
    assert now(issue).assignee == cast.assignee


def test_the_second_editor_keeps_the_text_and_sees_the_change(cast):
    issue = issue_in("triaged", cast)
    seen = issue.version
    edit(issue, actor=cast.scientist, data={"description": "Somebody else's words."})
    address = f"/tickets/{issue.key}/edit/?field=title&field=description"
    answer = browser(cast.assignee).post(address, {"title": "T", "description": "My words.", "version": seen})
    assert answer.status_code == 409
    assert "My words." in answer.content.decode()
    assert "Somebody else" in text_of(answer, ".since")


def test_a_confidential_ticket_that_the_editor_no_longer_sees_leads_to_the_queue(cast):
    issue = issue_in("triaged", cast)
    answer = browser(cast.scientist).post(
        f"/tickets/{issue.key}/edit/?field=visibility",
        {"visibility": "confidential", "version": issue.version},
        follow=True,
    )
    assert answer.redirect_chain == [("/tickets/", 302)]
    assert f"You do not see {issue.key} any more." in text_of(answer)


def test_text_typed_into_a_step_is_kept_and_stands_there_again(cast: Cast):
    issue = issue_in("investigating", cast)
    token = drafts.token_for(cast.assignee, f"plan:{issue.key}")
    browser(cast.assignee).post("/drafts/", {"draft": token, "strategy": "Half a thought"})
    page = browser(cast.assignee).get(f"/tickets/{issue.key}/do/plan/")
    assert "Half a thought" in page.content.decode()
    assert "Your draft from" in text_of(page)
    browser(cast.assignee).post(
        f"/tickets/{issue.key}/do/plan/", {"draft": token, "strategy": "A thought", "version": issue.version}
    )
    assert not drafts.kept_for(cast.assignee, f"plan:{issue.key}")


def test_a_form_sent_after_the_session_ended_is_there_again_after_signing_in(cast):
    issue = issue_in("investigating", cast)
    token = drafts.token_for(cast.assignee, f"plan:{issue.key}")
    client = Client()
    answer = client.post(
        f"/tickets/{issue.key}/do/plan/",
        {"draft": token, "strategy": "An hour of thought", "version": issue.version},
        headers={"Referer": f"http://testserver/tickets/{issue.key}/do/plan/"},
    )
    assert answer.status_code == 302
    assert answer.url.startswith("/login/?next=")
    back = client.post(
        answer.url,
        {"username": "assignee", "password": "demo", "next": f"/tickets/{issue.key}/do/plan/"},
        follow=True,
    )
    assert "An hour of thought" in back.content.decode()
    assert now(issue).state == "investigating"


def test_forms_from_elsewhere_are_refused(cast):
    issue = issue_in("triaged", cast)
    client = browser(cast.assignee, enforce_csrf_checks=True)
    assert client.post(f"/tickets/{issue.key}/do/investigate/").status_code == 403
    assert now(issue).state == "triaged"
