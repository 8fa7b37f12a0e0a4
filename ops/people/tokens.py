"""Personal tokens of the API: made, shown once, used, revoked."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ops.people.authority import remember_roles, roles_of
from ops.people.models import SYSTEM_USERNAME, ApiToken, User

# Says in a log or a pasted script what it is; secret scanners look for such beginnings.
BEGINNING = "desk_"
SHOWN = 12
NOTED_EVERY = datetime.timedelta(minutes=1)


@dataclass(frozen=True)
class Issued:
    """A new token together with its secret, which exists nowhere else and is shown once."""

    token: ApiToken
    secret: str


@transaction.atomic
def issue(person: User, *, actor: User, name: str, expires_at: datetime.datetime | None = None) -> Issued:
    """Make a token that opens the API as this person.

    People make their own; the operator's command makes anybody's as the system account. Raises
    `ValidationError` for a missing name or an expiry that is over, `PermissionDenied` for somebody else's.
    """
    _refuse_unless_own(person, actor)
    if person.username == SYSTEM_USERNAME or not person.is_active:
        raise PermissionDenied(f"The account “{person.username}” cannot sign in, so it has no tokens.")
    secret = BEGINNING + secrets.token_urlsafe(32)
    token = ApiToken(
        person=person,
        name=name.strip(),
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        expires_at=expires_at,
    )
    token.full_clean()
    token.save(force_insert=True)
    return Issued(token, secret)


def revoke(token: ApiToken, *, actor: User) -> bool:
    """Make a token useless for ever; return whether it was not so before."""
    _refuse_unless_own(token.person, actor)
    now = timezone.now()
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now))


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """Return the tokens that this person may still have in use, the newest first; revoked ones are gone."""
    return ApiToken.objects.filter(person=person, revoked_at=None).select_related("person")


def presented(secret: str) -> ApiToken | None:
    """Return the token with this secret, its person and their roles, whether or not it still opens anything.

    All in one query: it is asked with every request.
    """
    found = ApiToken.objects.filter(digest=_digest(secret)).select_related("person")
    token = found.annotate(roles=roles_of("person")).first()
    if token is not None:
        remember_roles(token.person, token.roles)
    return token


def note_use(token: ApiToken) -> None:
    """Remember that a token is in use: at most one write a minute, however busy the script."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - NOTED_EVERY:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)


def _refuse_unless_own(person: User, actor: User) -> None:
    if actor.pk != person.pk and actor.username != SYSTEM_USERNAME:
        raise PermissionDenied("People make and revoke their own tokens.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
