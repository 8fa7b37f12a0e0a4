"""`@username` in a text names somebody, once, and only where it is meant so."""

from __future__ import annotations

import pytest

from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.mentions import MOST_AT_ONCE, mentioned_in
from ops.tickets.services import comment
from ops.workflow.services import create
from tests.cast import Cast
from tests.factories import issue_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@staff, please look", {"staff"}),
        ("Please look (@staff).", {"staff"}),
        ("@staff@outsider", {"staff"}),
        ("@staff's idea, and @outsider: thanks.", {"staff", "outsider"}),
        ("Thanks @staff.", {"staff"}),
        ("@Staff", set()),
        ("write to help@staff.example", set()),
        ("https://example.org/@staff", set()),
        ("`@staff` and ```\n@outsider\n```", set()),
        ("```\n@staff", set()),
        ("@nobody @ @@ @system", set()),
        ("@a.b-c", {"a.b-c"}),
        ("line\n@staff", {"staff"}),
    ],
)
def test_who_is_named(cast: Cast, text: str, names: set[str]) -> None:
    User.objects.create(username="a.b-c")
    assert {person.username for person in mentioned_in(text)} == names


def test_a_closed_account_is_not_named(cast: Cast) -> None:
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)
    assert mentioned_in("@outsider") == []


def test_twenty_are_the_most(cast: Cast) -> None:
    people = [User.objects.create(username=f"reader{n}") for n in range(25)]
    named = mentioned_in(" ".join(f"@{person.username}" for person in people))
    assert set(named) == set(people[:MOST_AT_ONCE])


def test_named_people_are_told_whether_or_not_they_follow(cast: Cast) -> None:
    create(Issue, actor=cast.reporter, data={"title": "Empty plot", "description": "Ask @owner."})
    assert cast.owner in {message.person for message in Message.objects.select_related("person")}

    issue = issue_in("triaged", cast)
    Message.objects.all().delete()
    comment(issue, actor=cast.reporter, body="Do you know, @outsider?")
    told = {message.person for message in Message.objects.select_related("person")}
    assert told == {cast.outsider, cast.assignee}
