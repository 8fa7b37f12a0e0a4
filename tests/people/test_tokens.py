"""Tokens of the API: shown once, kept as a hash, good until they are not."""

from __future__ import annotations

import datetime
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from ops.people import tokens
from ops.people.authority import authority_of, is_lead_member, is_staff_member
from ops.people.models import ApiToken
from tests.cast import Cast


def test_secret_is_found_again_and_kept_nowhere(cast: Cast) -> None:
    issued = tokens.issue(cast.staff, actor=cast.staff, name="export")
    row = ApiToken.objects.values().get()
    assert issued.secret not in {str(value) for value in row.values()}
    assert issued.secret.startswith(row["prefix"])
    assert tokens.presented(issued.secret) == issued.token
    assert tokens.presented(issued.secret + "x") is None


def test_presenting_a_token_costs_one_query(cast: Cast, django_assert_num_queries) -> None:
    secret = tokens.issue(cast.staff, actor=cast.staff, name="export").secret
    with django_assert_num_queries(1):
        token = tokens.presented(secret)
        assert token is not None
        assert is_staff_member(token.person)
        assert not is_lead_member(token.person)
        assert token.is_open


def test_token_speaks_for_what_its_person_speaks_for_today(cast: Cast) -> None:
    for person in (cast.lead, cast.reporter, cast.director):
        secret = tokens.issue(person, actor=person, name="export").secret
        assert authority_of(tokens.presented(secret).person) == authority_of(person)
    cast.lead.memberships.update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    secret = tokens.issue(cast.lead, actor=cast.lead, name="later").secret
    assert not is_lead_member(tokens.presented(secret).person)


def test_revoked_token_opens_nothing_and_leaves_the_list(cast: Cast) -> None:
    issued = tokens.issue(cast.staff, actor=cast.staff, name="export")
    kept = tokens.issue(cast.staff, actor=cast.staff, name="dashboard").token
    assert tokens.revoke(issued.token, actor=cast.staff)
    assert not tokens.revoke(issued.token, actor=cast.staff)
    assert "revoked" in tokens.presented(issued.secret).refusal
    assert list(tokens.tokens_of(cast.staff)) == [kept]


def test_expired_token_says_so(cast: Cast) -> None:
    issued = tokens.issue(
        cast.staff, actor=cast.staff, name="export", expires_at=timezone.now() + datetime.timedelta(days=1)
    )
    ApiToken.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert "expired" in tokens.presented(issued.secret).refusal


def test_closed_account_closes_its_tokens(cast: Cast) -> None:
    issued = tokens.issue(cast.staff, actor=cast.staff, name="export")
    cast.staff.is_active = False
    cast.staff.save()
    assert tokens.presented(issued.secret).refusal == "The account of this token is closed."


@pytest.mark.parametrize(
    ("name", "days"), [("  ", None), ("x" * 101, None), ("late", -1)], ids=["nameless", "long", "over"]
)
def test_token_that_makes_no_sense_is_not_made(cast: Cast, name: str, days: int | None) -> None:
    expiry = timezone.now() + datetime.timedelta(days=days) if days else None
    with pytest.raises(ValidationError):
        tokens.issue(cast.staff, actor=cast.staff, name=name, expires_at=expiry)
    assert not ApiToken.objects.exists()


def test_nobody_makes_or_revokes_tokens_of_others(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        tokens.issue(cast.lead, actor=cast.staff, name="export")
    mine = tokens.issue(cast.staff, actor=cast.staff, name="export").token
    with pytest.raises(PermissionDenied):
        tokens.revoke(mine, actor=cast.outsider)
    assert tokens.tokens_of(cast.staff).exists()


def test_use_is_noted_at_most_once_a_minute(cast: Cast, django_assert_num_queries) -> None:
    secret = tokens.issue(cast.staff, actor=cast.staff, name="export").secret
    tokens.note_use(tokens.presented(secret))
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    token = tokens.presented(secret)
    with django_assert_num_queries(0):
        tokens.note_use(token)
    ApiToken.objects.update(last_used_at=first - datetime.timedelta(minutes=2))
    tokens.note_use(tokens.presented(secret))
    assert ApiToken.objects.get().last_used_at >= first


def test_command_prints_the_token_last(cast: Cast) -> None:
    out = StringIO()
    call_command("create_token", "staff", "--name", "cron", "--days", "30", stdout=out)
    token = tokens.presented(out.getvalue().split()[-1])
    assert token is not None
    assert (token.person, token.name, token.is_open) == (cast.staff, "cron", True)
    assert 29 <= (token.expires_at - timezone.now()).days <= 30


@pytest.mark.parametrize(
    "words", [["nobody"], ["system"], ["staff", "--days", "0"], ["staff", "--days", "99999999"]]
)
def test_command_refuses_in_a_sentence(cast: Cast, words: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("create_token", *words)
    assert not ApiToken.objects.exists()
