"""Followers and invited people: who may add whom, what they then see, and who may know of them."""

from __future__ import annotations

import pytest

from ops.issues.models import Issue
from ops.notify.models import Message
from ops.people.models import User
from ops.tickets.models import Ticket, Watcher
from ops.tickets.selectors import followers_of, invited_to
from ops.tickets.services import invite, unwatch, watch, withdraw_invitation
from ops.tickets.timeline import timeline
from ops.workflow import errors
from ops.workflow.services import create, edit
from tests.cast import Cast
from tests.factories import issue_in

ADDRESS = "colleague@institute.example"


@pytest.fixture
def issue(cast: Cast) -> Issue:
    return issue_in("triaged", cast)


def followers(issue: Issue) -> set[User | str]:
    return {watcher.recipient for watcher in Watcher.objects.filter(ticket=issue.pk)}


# Following


def test_anybody_follows_what_they_see_once(cast: Cast, issue: Issue) -> None:
    assert watch(issue, actor=cast.outsider) == [cast.outsider]
    assert watch(issue, actor=cast.outsider) == []
    assert followers(issue) == {cast.outsider}
    assert unwatch(issue, actor=cast.outsider) is True
    assert unwatch(issue, actor=cast.outsider) is False
    with pytest.raises(errors.NotFound):
        watch(issue_in("reported", cast, visibility="confidential"), actor=cast.outsider)


def test_followers_are_named_with_the_report_accounts_and_plain_addresses(cast: Cast) -> None:
    data = {"title": "Empty plot", "watchers": f"@outsider; {ADDRESS}, staff"}
    issue = create(Issue, actor=cast.reporter, data=data)
    assert followers(issue) == {cast.outsider, cast.staff, ADDRESS}
    told = {message.person or message.address for message in Message.objects.select_related("person")}
    assert {cast.outsider, cast.staff, ADDRESS} <= told


def test_an_address_is_in_no_history(cast: Cast, issue: Issue) -> None:
    """More people read the history than may know an address."""
    watch(issue, actor=cast.reporter, who=ADDRESS)
    create(Issue, actor=cast.reporter, data={"title": "Another", "watchers": [ADDRESS]})
    for ticket in Ticket.objects.all():
        assert ADDRESS not in repr(timeline(ticket, cast.lead).entries)


@pytest.mark.parametrize("actor", ["reporter", "assignee", "scientist", "staff"])
def test_those_who_work_on_it_sign_up_others(cast: Cast, issue: Issue, actor: str) -> None:
    assert watch(issue, actor=getattr(cast, actor), who=cast.outsider) == [cast.outsider]
    assert watch(issue, actor=getattr(cast, actor), who=ADDRESS) == [ADDRESS]


def test_others_sign_up_themselves_only(cast: Cast, issue: Issue) -> None:
    for who in (cast.staff, ADDRESS):
        with pytest.raises(errors.NotAllowed):
            watch(issue, actor=cast.outsider, who=who)
    assert not followers(issue)


def test_staff_take_others_off_and_others_do_not(cast: Cast, issue: Issue) -> None:
    watch(issue, actor=cast.outsider)
    watch(issue, actor=cast.reporter, who=ADDRESS)
    with pytest.raises(errors.NotAllowed):
        unwatch(issue, actor=cast.reporter, who=cast.outsider)
    assert unwatch(issue, actor=cast.staff, who=cast.outsider)
    assert unwatch(issue, actor=cast.staff, who=ADDRESS)
    assert not followers(issue)


@pytest.mark.parametrize("who", ["nobody-of-this-name", "two@@signs", "a b@c.org", "x@"])
def test_who_is_neither_account_nor_address_is_refused_by_name(cast: Cast, who: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        create(Issue, actor=cast.reporter, data={"title": "T", "watchers": [who, "staff"]})
    assert list(refused.value.fields) == ["watchers"]
    assert not Issue.objects.exists()


def test_a_bad_address_is_refused_when_somebody_is_signed_up(cast: Cast, issue: Issue) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        watch(issue, actor=cast.staff, who="two@@signs")
    assert list(refused.value.fields) == ["who"]


def test_fifty_at_once_are_the_most(cast: Cast) -> None:
    addresses = [f"reader{n}@institute.example" for n in range(51)]
    with pytest.raises(errors.InvalidInput, match="watchers") as refused:
        create(Issue, actor=cast.reporter, data={"title": "T", "watchers": addresses})
    assert refused.value.fields == {"watchers": ["Name at most 50 at once."]}
    issue = create(Issue, actor=cast.reporter, data={"title": "T", "watchers": addresses[:50]})
    assert len(followers(issue)) == 50


def test_who_may_know_the_followers(cast: Cast, issue: Issue) -> None:
    watch(issue, actor=cast.outsider)
    watch(issue, actor=cast.reporter, who=ADDRESS)

    def known(reader: object) -> set[User | str]:
        return {watcher.recipient for watcher in followers_of(issue, reader)}

    for reader in (cast.staff, cast.reporter, cast.assignee, cast.scientist):
        assert known(reader) == {cast.outsider, ADDRESS}
    assert known(cast.owner) == known(cast.outsider) == {cast.outsider}
    assert known(cast.anonymous) == set()


# Invitations


def test_an_invitation_lets_in_and_its_withdrawal_out(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    assert not Ticket.objects.visible_to(cast.outsider).exists()

    made = invite(hidden, actor=cast.reporter, person=cast.outsider)
    assert invite(hidden, actor=cast.lead, person=cast.outsider) == made
    assert Ticket.objects.visible_to(cast.outsider).get().key == hidden.key

    assert withdraw_invitation(hidden, actor=cast.reporter, person=cast.outsider) is True
    assert withdraw_invitation(hidden, actor=cast.reporter, person=cast.outsider) is False
    assert not Ticket.objects.visible_to(cast.outsider).exists()
    words = [
        (entry.words, entry.changes and entry.changes[0].new) for entry in timeline(hidden, cast.lead).entries
    ]
    assert words[1:] == [("let somebody in", "@outsider"), ("no longer lets somebody in", "")]


def test_who_is_let_in_is_told_of_it(cast: Cast) -> None:
    hidden = issue_in("reported", cast, visibility="confidential")
    Message.objects.all().delete()
    invite(hidden, actor=cast.reporter, person=cast.outsider)
    assert {message.person for message in Message.objects.select_related("person")} == {cast.outsider}


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        ("reporter", True),
        ("assignee", True),
        ("scientist", True),
        ("lead", True),
        ("staff", False),
        ("outsider", False),
    ],
)
def test_who_may_invite(cast: Cast, issue: Issue, actor: str, may: bool) -> None:
    if may:
        assert invite(issue, actor=getattr(cast, actor), person=cast.owner).person == cast.owner
    else:
        with pytest.raises(errors.NotAllowed):
            invite(issue, actor=getattr(cast, actor), person=cast.owner)


def test_everybody_may_give_their_invitation_back(cast: Cast, issue: Issue) -> None:
    invite(issue, actor=cast.reporter, person=cast.outsider)
    invite(issue, actor=cast.reporter, person=cast.owner)
    with pytest.raises(errors.NotAllowed):
        withdraw_invitation(issue, actor=cast.outsider, person=cast.owner)
    assert withdraw_invitation(issue, actor=cast.outsider, person=cast.outsider)


def test_who_was_invited_is_known_to_those_who_take_part(cast: Cast, issue: Issue) -> None:
    invite(issue, actor=cast.reporter, person=cast.owner)
    for reader in (cast.reporter, cast.assignee, cast.owner, cast.staff):
        assert [row.person for row in invited_to(issue, reader)] == [cast.owner]
    for reader in (cast.outsider, cast.anonymous):
        with pytest.raises(errors.NotAllowed):
            invited_to(issue, reader)


def test_the_history_names_invited_people_and_followers_to_nobody_else(cast: Cast, issue: Issue) -> None:
    watch(issue, actor=cast.staff, who=cast.director)
    invite(issue, actor=cast.reporter, person=cast.owner)
    withdraw_invitation(issue, actor=cast.reporter, person=cast.owner)

    def told(reader: object) -> list[str]:
        return [entry.words for entry in timeline(issue, reader).entries[2:]]

    for reader in (cast.reporter, cast.assignee, cast.staff):
        assert told(reader) == ["signed somebody up", "let somebody in", "no longer lets somebody in"]
    assert told(cast.outsider) == ["signed somebody up"]
    assert told(cast.anonymous) == []


def test_an_invitation_to_what_is_hidden_from_the_inviter_is_not_found(cast: Cast, issue: Issue) -> None:
    edit(issue, actor=cast.lead, data={"visibility": "confidential"})
    with pytest.raises(errors.NotFound):
        invite(issue, actor=cast.scientist, person=cast.scientist)
