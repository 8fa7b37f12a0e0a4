"""Who sees which ticket: the whole table, and everything that stands on a ticket with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile

from ops.issues.models import Issue
from ops.people.models import User
from ops.tickets.models import Attachment, Comment, Link, Ticket
from ops.tickets.services import attach, comment, invite, link, watch
from ops.workflow import errors
from ops.workflow.services import create, edit
from tests.cast import Cast

VISIBILITIES = ("public", "community", "staff", "confidential", "circle")
# Domain, "Visibility of a ticket". One x a visibility, in the order above.
SEES = {
    "anonymous": "x....",
    "outsider": "xx...",
    "follower": "xx...",
    "owner": "xx...",
    "staff": "xxx..",
    "director": "xxx..",
    "scientist": "xxx..",
    "watcher": "xxx..",
    "reporter": "xxxxx",
    "assignee": "xxxxx",
    "invited": "xxxxx",
    "lead": "xxxx.",
    "system": "xxxxx",
    "closed": "x....",
}


@pytest.fixture
def around(cast: Cast) -> dict[str, User | AnonymousUser]:
    """Everybody who may stand in a relation to a ticket, by the name of the relation."""
    made = {name: User.objects.create(username=name) for name in ("follower", "invited", "closed")}
    return {name: getattr(cast, name, made.get(name)) for name in SEES}


def ticket_seen_as(visibility: str, cast: Cast, around: dict[str, Any]) -> Issue:
    """A ticket with one of everybody around it; somebody who reported one lets the account be closed later."""
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot", "watchers": ["follower"]})
    edit(issue, actor=cast.scientist, data={"assignee": "assignee"})
    invite(issue, actor=cast.reporter, person=around["invited"])
    invite(issue, actor=cast.reporter, person=around["closed"])
    User.objects.filter(username="closed").update(is_active=False)
    return keep(issue, visibility, cast)


def keep(issue: Issue, visibility: str, cast: Cast) -> Issue:
    """Let a ticket be seen so; a circle is nothing that somebody could choose."""
    if visibility == "circle":
        Issue.objects.filter(pk=issue.pk).update(visibility=visibility)
        return Issue.objects.get(pk=issue.pk)
    edited: Issue = edit(issue, actor=cast.lead, data={"visibility": visibility})
    return edited


def test_nobody_chooses_a_circle(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"})
    with pytest.raises(errors.InvalidInput) as refused:
        edit(issue, actor=cast.lead, data={"visibility": "circle"})
    assert set(refused.value.fields) == {"visibility"}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_sees_a_ticket(cast: Cast, around: dict[str, Any], visibility: str) -> None:
    issue = ticket_seen_as(visibility, cast, around)
    seen = {}
    for name, person in around.items():
        reader = person if not person.pk else User.objects.get(pk=person.pk)
        as_ticket = Ticket.objects.visible_to(reader).filter(pk=issue.pk).exists()
        as_issue = Issue.objects.visible_to(reader).filter(pk=issue.pk).exists()
        assert as_ticket == as_issue
        seen[name] = as_ticket
    column = VISIBILITIES.index(visibility)
    assert seen == {name: row[column] == "x" for name, row in SEES.items()}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_sees_what_stands_on_a_ticket_sees_the_ticket(
    cast: Cast, around: dict[str, Any], visibility: str
) -> None:
    """Public comments, files and links are as visible as the ticket they belong to, and never more."""
    issue = ticket_seen_as("public", cast, around)
    other = create(Issue, actor=cast.reporter, data={"title": "Another"})
    comment(issue, actor=cast.reporter, body="Here too.")
    attach(issue, actor=cast.reporter, upload=ContentFile(b"x", name="plot.png"))
    link(issue, other, kind="relates", actor=cast.staff)
    keep(issue, visibility, cast)

    column = VISIBILITIES.index(visibility)
    for name, person in around.items():
        reader = person if not person.pk else User.objects.get(pk=person.pk)
        beside = {model: model.objects.visible_to(reader).exists() for model in (Comment, Attachment, Link)}
        assert set(beside.values()) == {SEES[name][column] == "x"}, (name, beside)


def test_following_lets_nobody_in(cast: Cast) -> None:
    issue = create(Issue, actor=cast.reporter, data={"title": "Empty plot"})
    watch(issue, actor=cast.outsider)
    edit(issue, actor=cast.scientist, data={"visibility": "staff"})
    assert not Ticket.objects.visible_to(cast.outsider).exists()


def test_the_deputy_sees_what_the_lead_sees(cast: Cast) -> None:
    hidden = create(Issue, actor=cast.reporter, data={"title": "T", "visibility": "confidential"})
    term = cast.lead.memberships.get()
    term.role = "deputy"
    term.save()
    assert Ticket.objects.visible_to(User.objects.get(pk=cast.lead.pk)).get().key == hidden.key


def test_a_superuser_who_holds_no_role_sees_no_confidential_ticket(cast: Cast) -> None:
    """Operating the machine is no reason to read what was told in confidence."""
    create(Issue, actor=cast.reporter, data={"title": "T", "visibility": "confidential"})
    operator = User.objects.create_superuser("operator")
    assert not Ticket.objects.visible_to(operator).exists()


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_is_told_of_a_ticket_sees_it(cast: Cast, around: dict[str, Any], visibility: str) -> None:
    """The same table, asked for many people at once: nobody's bell counts what they cannot open."""
    issue = ticket_seen_as(visibility, cast, around)
    people = [person for name, person in around.items() if name not in {"anonymous", "system", "closed"}]
    column = VISIBILITIES.index(visibility)
    told = issue.readers_among([*people, "plain@institute.example"])
    expected = {name for name, row in SEES.items() if row[column] == "x"} - {"anonymous", "system", "closed"}
    assert {person.username for person in told if isinstance(person, User)} == expected
    assert ("plain@institute.example" in told) == (visibility == "public")


@pytest.mark.parametrize("visibility", ["staff", "confidential"])
def test_asking_who_sees_it_costs_the_same_for_many(
    cast: Cast, around: dict[str, Any], visibility: str, django_assert_max_num_queries
) -> None:
    issue = ticket_seen_as(visibility, cast, around)
    people = [*cast.people(), *(User.objects.create(username=f"reader{n}") for n in range(20))]
    with django_assert_max_num_queries(3):
        issue.readers_among(people)
