"""The plan, the testers and who runs what, as pages: who opens them, what they do, what they cost."""

from __future__ import annotations

import pytest

from ops.acceptance.models import Campaign, Criterion, Environment, PinnedCase, Tester
from ops.workflow.services import create, perform
from tests.acceptance.factories import CONSENT, CampaignFactory, version_of_a_case
from tests.cast import Cast
from tests.web.pages import MOST_QUERIES, browser, cost, text_of

pytestmark = pytest.mark.django_db
MADE = CampaignFactory()
HTMX = {"hx-request": "true", "hx-target": "sheet-body"}


def at(campaign: Campaign, what: str) -> str:
    return f"/campaigns/{campaign.key}/{what}/"


def test_a_plan_is_made_on_its_page(cast: Cast) -> None:
    campaign = create(Campaign, actor=cast.coordinator, data={"title": "New", "products": "rsp"})
    client, plan = browser(cast.coordinator), at(campaign, "plan")
    assert "Name at least one environment" in text_of(client.get(plan))
    client.post(at(campaign, "environments"), {"name": "Firefox", "software_version": "RSP 3.2"})
    client.post(at(campaign, "criteria/usual"))
    client.post(at(campaign, "criteria"), {"stage": "entry", "sentence": "The data are loaded"})
    page = client.get(plan)
    for words in ("RSP 3.2", "Every critical case passed", "The data are loaded", "Choose the cases to run."):
        assert words in text_of(page, "main")
    environment = campaign.environments.get()
    client.post(f"/environments/{environment.pk}/", {"name": "Firefox", "data_release": "DP1"})
    assert Environment.objects.get(pk=environment.pk).data_release == "DP1"
    row = campaign.criteria.get(sentence="The data are loaded")
    client.post(f"/criteria/{row.pk}/tick/", {"evidence": "Row counts agree."})
    assert "Row counts agree. (Coordinator" in text_of(client.get(plan), "main")
    client.post(f"/criteria/{row.pk}/reopen/")
    client.post(f"/criteria/{row.pk}/waive/", {"waived_because": "They come on Monday."})
    assert "Waived by Coordinator" in text_of(client.get(plan), "main")
    client.post(f"/criteria/{row.pk}/remove/")
    assert not Criterion.objects.filter(pk=row.pk).exists()
    client.post(f"/environments/{environment.pk}/remove/")
    assert not campaign.environments.exists()


def test_another_part_of_the_same_page_is_looked_at_again(cast: Cast) -> None:
    campaign = MADE.new(cast)
    client, plan = browser(cast.coordinator), at(campaign, "plan")
    for here, again in ((plan, "true"), ("/", None)):
        headers = {**HTMX, "hx-current-url": f"http://testserver{here}#criteria"}
        answer = client.post(at(campaign, "environments"), {"name": f"From {here}"}, headers=headers)
        assert answer.headers["HX-Redirect"] == f"{plan}#environments"
        assert answer.headers.get("HX-Refresh") == again


def test_what_is_wrong_is_said_on_the_form(cast: Cast) -> None:
    campaign = MADE.new(cast)
    client = browser(cast.coordinator)
    answer = client.post(at(campaign, "environments"), {"name": "Firefox"}, headers=HTMX)
    assert answer.status_code == 422
    assert "an environment of this name already" in text_of(answer)
    answer = client.post(at(campaign, "criteria"), {"stage": "exit"})
    assert "Say what must hold" in text_of(answer, "main")
    answer = client.post(at(campaign, "environments"), {"name": "Safari", "url": "not an address"})
    assert (answer.status_code, Environment.objects.filter(name="Safari").exists()) == (422, False)


def test_later_versions_are_shown_and_taken(cast: Cast) -> None:
    campaign = MADE.new(cast)
    case = perform(campaign.pins.get().case, "revise", actor=cast.scientist)
    perform(case, "define", actor=cast.scientist, data={"change_note": "Clearer."})
    client = browser(cast.coordinator)
    assert "there is a later one" in text_of(client.get(at(campaign, "plan")))
    client.post(at(campaign, "cases/latest"))
    assert campaign.pins.get().version.number == 2
    client.post(f"/pinned-cases/{campaign.pins.get().pk}/remove/")
    assert "Tests of" in text_of(client.post(f"/pinned-cases/{campaign.pins.get().pk}/remove/"))
    campaign.executions.all().delete()
    client.post(f"/pinned-cases/{campaign.pins.get().pk}/remove/")
    assert not campaign.pins.exists()


def test_others_read_the_plan_and_change_nothing(cast: Cast) -> None:
    campaign = MADE.new(cast)
    page = browser(cast.outsider).get(at(campaign, "plan"))
    assert "Firefox 145" in text_of(page, "main")
    assert "Add one" not in text_of(page, "main")
    row, environment, pin = campaign.criteria.get(), campaign.environments.get(), campaign.pins.get()
    for address in (
        *(at(campaign, what) for what in ("environments", "criteria", "criteria/usual", "cases/latest")),
        f"/environments/{environment.pk}/",
        f"/environments/{environment.pk}/remove/",
        f"/pinned-cases/{pin.pk}/remove/",
        *(f"/criteria/{row.pk}/{what}/" for what in ("waive", "reopen", "remove")),
    ):
        data = {"name": "Mine", "stage": "exit", "sentence": "Mine", "waived_because": "Mine"}
        assert browser(cast.outsider).post(address, data).status_code == 403, address
    # Nobody fills in a form that would be refused.
    for address in (
        *(at(campaign, what) for what in ("environments", "criteria", "testers/ask", "testers/places")),
        f"/environments/{environment.pk}/",
        f"/criteria/{row.pk}/waive/",
    ):
        assert browser(cast.outsider).get(address).status_code == 403, address
    assert browser(cast.outsider).get(at(campaign, "take-part")).status_code == 409
    assert browser(cast.coordinator).get(at(campaign, "results/file")).status_code == 409
    Campaign.objects.filter(pk=campaign.pk).update(visibility="confidential")
    for address in (at(campaign, "plan"), f"/environments/{environment.pk}/", f"/criteria/{row.pk}/waive/"):
        assert browser(cast.outsider).get(address).status_code == 404, address


def test_how_exit_criteria_stand_is_not_told_to_testers(cast: Cast) -> None:
    campaign = MADE.in_state("running", cast)
    assert "No case is critical." in text_of(browser(cast.staff).get(at(campaign, "plan")), "main")
    page = browser(cast.outsider).get(at(campaign, "plan"))
    assert "Every critical case passed" in text_of(page, "main")
    assert "No case is critical." not in text_of(page, "main")
    assert "No case is critical." not in text_of(
        browser(cast.outsider).get(campaign.get_absolute_url()), "main"
    )


@pytest.fixture
def recruiting(cast: Cast) -> Campaign:
    """A campaign that looks for testers and has none."""
    campaign = MADE.in_state("recruiting", cast)
    campaign.executions.all().delete()
    campaign.testers.all().delete()
    return campaign


def test_testers_are_asked_from_the_page(recruiting: Campaign, cast: Cast) -> None:
    client = browser(cast.coordinator)
    page = client.get(at(recruiting, "testers"))
    assert "Ask the Users Committee (2)" in text_of(page, "main")
    client.post(at(recruiting, "testers/ask/committee"))
    answer = client.post(at(recruiting, "testers/ask"), {"people": "outsider nobody-here"})
    assert "There is no person with the username nobody-here." in text_of(answer, "main")
    client.post(at(recruiting, "testers/ask"), {"people": "outsider"})
    client.post(at(recruiting, "testers/places"), {"committee": "3"})
    page = client.get(at(recruiting, "testers"))
    assert {"uc-chair", "uc-member", "outsider"} == {
        row.person.username for row in recruiting.testers.select_related("person")
    }
    assert "0 of 3 2 asked" in text_of(page, "dl.figures")
    assert client.post(at(recruiting, "testers/ask/everybody")).status_code == 404


def test_the_mail_leads_to_a_page_where_one_says_yes(recruiting: Campaign, cast: Cast) -> None:
    tester = create(Tester, actor=cast.coordinator, data={"campaign": recruiting.key, "person": "outsider"})
    client = browser(cast.outsider)
    page = client.get(tester.get_absolute_url())
    assert "You are asked to test" in text_of(page, "main")
    assert "Take part" in text_of(page, "main")
    form = client.get(f"{tester.get_absolute_url()}do/consent/")
    assert "My results are kept with my name" in text_of(form, "main")
    client.post(f"{tester.get_absolute_url()}do/consent/", {"agrees": "on", "capacity": "4"})
    assert Tester.objects.get(pk=tester.pk).state == "consented"
    assert browser(cast.reporter).get(tester.get_absolute_url()).status_code == 404


def test_a_volunteer_takes_part_by_the_page_of_the_campaign(recruiting: Campaign, cast: Cast) -> None:
    client = browser(cast.outsider)
    assert "Testers are wanted." in text_of(client.get(recruiting.get_absolute_url()), "main")
    assert client.get(at(recruiting, "take-part")).status_code == 200
    assert client.post(at(recruiting, "take-part"), {"capacity": "3"}).status_code == 422
    client.post(at(recruiting, "take-part"), {"agrees": "on", "capacity": "3", "setup": "Firefox"})
    tester = recruiting.testers.get()
    assert (tester.person, tester.state, tester.capacity) == (cast.outsider, "consented", 3)
    assert "You are among the testers: takes part" in text_of(
        client.get(recruiting.get_absolute_url()), "main"
    )


def test_tests_are_proposed_with_reasons_and_given_out(recruiting: Campaign, cast: Cast) -> None:
    client, address = browser(cast.coordinator), at(recruiting, "assignment")
    assert "0 people could run it; recruit more testers." in text_of(client.get(address), "main")
    tester = create(Tester, actor=cast.coordinator, data={"campaign": recruiting.key, "person": "outsider"})
    perform(tester, "consent", actor=cast.outsider, data=CONSENT)
    page = client.get(address)
    assert "Give out 1 test" in text_of(page, "main")
    assert "fewest tests of 1 who could: 0 of 5" in text_of(page, "main")
    client.post(at(recruiting, "assignment/give-out"))
    assert "Outsider Assigned" in text_of(client.get(address), "tbody")
    assert browser(cast.staff).post(at(recruiting, "assignment/give-out")).status_code == 403


def test_who_tests_is_told_to_staff_and_owners_alone(recruiting: Campaign, cast: Cast) -> None:
    for person, status in (
        (cast.staff, 200),
        (cast.owner, 200),
        (cast.coordinator, 200),
        (cast.outsider, 403),
    ):
        for what in ("testers", "assignment"):
            assert browser(person).get(at(recruiting, what)).status_code == status, (person, what)
    page = browser(cast.outsider).get(recruiting.get_absolute_url())
    assert "Assignment" not in text_of(page, "main")


@pytest.mark.parametrize("what", ["plan", "testers", "assignment"])
def test_pages_cost_the_same_for_one_and_for_three_of_everything(cast: Cast, what: str) -> None:
    campaign = MADE.in_state("running", cast)
    waiting = version_of_a_case(cast, "WAITING-1")  # for somebody, so that there is something to propose
    PinnedCase.objects.create(campaign=campaign, case=waiting.case, version=waiting)
    one = cost(cast.coordinator, at(campaign, what))
    for number, person in enumerate((cast.outsider, cast.reporter)):
        version = version_of_a_case(cast, f"MORE-{number}")
        PinnedCase.objects.create(campaign=campaign, case=version.case, version=version)
        Environment.objects.create(campaign=campaign, name=f"Another {number}")
        Criterion.objects.create(campaign=campaign, stage="exit", rule="testers_agree", sentence="They agree")
        tester = create(
            Tester, actor=cast.coordinator, data={"campaign": campaign.key, "person": person.username}
        )
        perform(tester, "consent", actor=person, data=CONSENT)
        campaign.executions.create(
            case_version=version,
            environment=campaign.environments.first(),
            tester=person,
            number=1,
            state="assigned",
        )
    assert cost(cast.coordinator, at(campaign, what)) <= one + 1 <= MOST_QUERIES + 4
