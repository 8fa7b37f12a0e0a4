"""The pages of those who look after the installation, and that they are theirs alone."""

from __future__ import annotations

import pytest
from django.test import Client

from ops.clocks.models import Deadline
from ops.notify.models import Attempt, Correspondent, Endpoint, Message
from ops.people.models import User
from ops.web import operators
from tests.cast import Cast
from tests.factories import issue_in
from tests.web.pages import browser, cost, text_of

pytestmark = pytest.mark.django_db
READ = [
    "/operators/",
    "/operators/outbox/",
    "/operators/addresses/",
    "/operators/deadlines/",
    "/operators/endpoints/{endpoint}/",
]
WRITE = [
    "/operators/outbox/send/",
    "/operators/endpoints/{endpoint}/send/",
    "/operators/addresses/{address}/trust/",
]


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator", email="operator@example.org")


@pytest.fixture
def endpoint(cast: Cast) -> Endpoint:
    return Endpoint.objects.create(
        name="Chat of the team", channel="chat", url="https://chat.example.org/hook", reader=cast.staff
    )


@pytest.fixture
def bounced(cast: Cast) -> Correspondent:
    return Correspondent.objects.create(
        person=cast.reporter,
        bounced_address="reporter@example.org",
        bounced_at="2026-01-02T03:04:05Z",
        bounce_reason="550 5.1.1 No such user",
    )


def message(cast: Cast, state: str = "parked", **more: object) -> Message:
    made = {"kind": "tickets.ticket.event", "object_id": 1, "thread": "t", "channel": "email", "bundle": "b"}
    made |= {"person": cast.reporter, "due_at": "2026-01-02T03:04:05Z", "state": state, "reason": "Too odd"}
    made = Message.objects.create(**{**made, **more})
    Message.objects.filter(pk=made.pk).update(sent_as=made.message_id)
    return made


@pytest.mark.parametrize("name", ["lead", "staff", "outsider", "anonymous"])
@pytest.mark.parametrize("address", READ + WRITE)
def test_nobody_else_comes_in(cast: Cast, endpoint, bounced, name, address):
    path = address.format(endpoint=endpoint.pk, address=bounced.pk)
    parked = message(cast)
    client = Client() if name == "anonymous" else browser(getattr(cast, name))
    answer = client.get(path) if address in READ else client.post(path, {"message": parked.pk})
    if name == "anonymous":
        assert answer.headers["Location"].startswith("/login/")
    else:
        assert answer.status_code == 403
        assert "Only an administrator may look after the installation." in text_of(answer, "#main")
    assert Message.objects.get().state == "parked"
    assert Correspondent.objects.get(pk=bounced.pk).bounced_address


def test_the_first_page_names_what_is_not_well_and_what_lies_where(cast: Cast, operator, endpoint, bounced):
    message(cast)
    page = browser(operator).get("/operators/")
    text = text_of(page, "#main")
    assert "Something is not well" in text
    assert "no worker has been heard of" in text
    assert "Parked" in text
    assert "Chat of the team" in text
    assert "1 address" in text
    assert "Nothing waits for the sweep." in text


def test_the_side_bar_leads_there(cast: Cast, operator):
    assert "/operators/" in browser(operator).get("/help/").content.decode()
    assert "/operators/" not in browser(cast.lead).get("/help/").content.decode()


def test_a_shelf_says_why_but_not_what(cast: Cast, operator):
    issue_in("reported", cast, title="Very private words")
    message(cast)
    message(cast, "bounced", reason="550 No such user")
    client = browser(operator)
    parked = text_of(client.get("/operators/outbox/?shelf=parked"), "#main")
    assert "Too odd" in parked
    assert "550" not in parked
    everything = "".join(text_of(client.get(f"/operators/outbox/?shelf={s}")) for s in ("pending", "failed"))
    assert "Very private words" not in everything


@pytest.mark.parametrize("query", ["shelf=attic", "channel=pigeon", "before=-1", "before=x"])
def test_an_address_that_asks_for_nothing_is_refused(cast: Cast, operator, query):
    assert browser(operator).get(f"/operators/outbox/?{query}").status_code == 400


def test_chosen_messages_are_sent_again(cast: Cast, operator):
    wanted, other = message(cast), message(cast)
    client = browser(operator)
    client.post("/operators/outbox/send/", {"message": wanted.pk})
    assert Message.objects.get(pk=wanted.pk).state == "pending"
    assert Message.objects.get(pk=other.pk).state == "parked"
    assert "1 message to be sent again." in text_of(client.get("/help/"), ".toasts")


def test_all_that_are_parked_are_sent_again_at_once(cast: Cast, operator):
    message(cast), message(cast), message(cast, "bounced")
    browser(operator).post("/operators/outbox/send/", {"all": "parked"})
    assert sorted(Message.objects.values_list("state", flat=True)) == ["bounced", "pending", "pending"]


def test_nothing_chosen_is_said(cast: Cast, operator):
    message(cast)
    assert browser(operator).post("/operators/outbox/send/").status_code == 422


def test_older_messages_are_a_page_away(cast: Cast, operator, monkeypatch):
    monkeypatch.setattr(operators, "ON_A_PAGE", 2)
    made = [message(cast) for _ in range(3)]
    client = browser(operator)
    page = client.get("/operators/outbox/?shelf=parked").content.decode()
    assert f'value="{made[0].pk}"' not in page
    assert f"before={made[1].pk}" in page
    older = client.get(f"/operators/outbox/?shelf=parked&before={made[1].pk}").content.decode()
    assert f'value="{made[0].pk}"' in older


def test_the_log_of_an_endpoint_is_read_and_replayed(cast: Cast, operator, endpoint):
    sent = message(cast, "delivered", person=None, endpoint=endpoint, channel="chat")
    Attempt.objects.create(
        message=sent, endpoint=endpoint, status=500, outcome="Out of order", milliseconds=12
    )
    client = browser(operator)
    text = text_of(client.get(f"/operators/endpoints/{endpoint.pk}/"), "#main")
    assert "Out of order" in text
    assert "500" in text
    client.post(f"/operators/endpoints/{endpoint.pk}/send/", {"message": sent.pk})
    assert Message.objects.get(pk=sent.pk).state == "pending"
    assert client.get("/operators/endpoints/999999/").status_code == 404


def test_an_address_is_trusted_again(cast: Cast, operator, bounced):
    client = browser(operator)
    assert "550 5.1.1" in text_of(client.get("/operators/addresses/"), "#main")
    client.post(f"/operators/addresses/{bounced.pk}/trust/")
    assert Correspondent.objects.get(pk=bounced.pk).bounced_address == ""
    assert client.post(f"/operators/addresses/{bounced.pk}/trust/").status_code == 404


def test_deadlines_that_fail_are_named_with_the_reason(cast: Cast, operator):
    issue_in("reported", cast)
    Deadline.objects.update(failures=2, failure="No such audience")
    text = text_of(browser(operator).get("/operators/deadlines/"), "#main")
    assert "No such audience" in text
    assert "First response" in text


def test_lists_cost_the_same_for_one_and_for_three(cast: Cast, operator, endpoint):
    addresses = ["/operators/outbox/?shelf=parked", f"/operators/endpoints/{endpoint.pk}/"]

    def fill() -> None:
        sent = message(cast, "parked", person=None, endpoint=endpoint, channel="chat")
        Attempt.objects.create(message=sent, endpoint=endpoint, outcome="?", milliseconds=1)
        message(cast)

    fill()
    one = [cost(operator, address) for address in addresses]
    fill(), fill()
    assert [cost(operator, address) for address in addresses] == one
