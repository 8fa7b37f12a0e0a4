"""Nothing typed is lost: forms keep their text on the server until it is sent.

A form that wants this carries `{% draft_field "comment:CST-7" %}`: a signed note of whose text it is and for
what. While a person types, the browser posts the form to `/drafts/`. When the session has ended before the form
is sent, the text waits in the (still anonymous) session and becomes a draft when the same person signs in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict

from ops.people.models import User
from ops.web.models import Draft

FIELD = "draft"
WAITING = "typed_before_sign_in"
LARGEST = 200_000  # characters in one form: far above any report, far below what would hurt
MOST_PER_PERSON = 100
NOT_TEXT = {FIELD, "csrfmiddlewaretoken", "version"}
# Where a form is drawn and what it was opened from: kept with what was typed, but nothing that anybody typed.
WHERE = {"place", "view"}

_signer = Signer(salt="ops.web.forms.drafts")


class TooLong(ValueError):
    """More text than a draft holds."""


@dataclass(frozen=True)
class Kept:
    """What a person left in a form: initial values by field name, and since when. Empty when nothing was left."""

    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.fields)


def token_for(user: User, key: str) -> str:
    """Sign whose text a form holds and for what, so that a form can be trusted to name its own draft."""
    return _signer.sign_object([user.pk, key])


def read_token(token: str) -> tuple[int, str] | None:
    """Return the account number and key that a token was made for; None when it is not one of ours."""
    try:
        owner, key = _signer.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return owner, key


def kept_for(user: User | AnonymousUser, key: str) -> Kept:
    """Return what the user left under the key."""
    if not user.is_authenticated:
        return Kept(key)
    left = Draft.objects.filter(user=user, key=key).first()
    return Kept(key, left.fields, left.updated_at) if left else Kept(key)


def keep(user: User, key: str, fields: Mapping[str, Any]) -> None:
    """Keep the fields under the key in place of what was there; nothing typed means nothing kept.

    Raises `TooLong` above `LARGEST` characters. A person has at most `MOST_PER_PERSON` drafts; the oldest go.
    """
    if sum(len(str(value)) for value in fields.values()) > LARGEST:
        raise TooLong
    if not any(value for name, value in fields.items() if name not in WHERE):
        discard(user, key)
        return
    _, is_new = Draft.objects.update_or_create(user=user, key=key, defaults={"fields": fields})
    if is_new:
        newest = Draft.objects.filter(user=user).order_by("-updated_at").values("pk")[:MOST_PER_PERSON]
        Draft.objects.filter(user=user).exclude(pk__in=newest).delete()


def discard(user: User, key: str) -> None:
    """Forget what the user left under the key: it was sent, or is not wanted."""
    Draft.objects.filter(user=user, key=key).delete()


def typed(form: QueryDict) -> dict[str, Any]:
    """Return what a posted form holds, without what is not text of the person."""
    texts = {_text(name): [_text(value) for value in values] for name, values in form.lists()}
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in texts.items()
        if name not in NOT_TEXT
    }


def _text(value: str) -> str:
    """What the database can keep: no field takes a zero byte, and its refusal must not become a fault."""
    return value.replace("\x00", "")


def discard_sent(request: HttpRequest) -> None:
    """Forget the draft of the form that this request has just carried out; call it after success."""
    owner_and_key = read_token(request.POST.get(FIELD, ""))
    if owner_and_key and owner_and_key[0] == request.user.pk:
        discard(request.user, owner_and_key[1])


def keep_posted(request: HttpRequest) -> bool:
    """Save the text of a form that could not be carried out, and say whether there was a place for it.

    For its owner it becomes a draft at once. Without a session it waits in the anonymous one for
    `adopt`, since only the next sign-in can tell whether it is the same person.
    """
    token = request.POST.get(FIELD, "")
    owner_and_key = read_token(token)
    if owner_and_key is None:
        return False
    try:
        if not request.user.is_authenticated:
            request.session[WAITING] = {token: typed(request.POST)}
        elif request.user.pk == owner_and_key[0]:
            keep(request.user, owner_and_key[1], typed(request.POST))
        else:
            return False
    except TooLong:
        return False
    return True


def adopt(request: HttpRequest, user: User) -> None:
    """Turn what waited for a sign-in into drafts of the person who has signed in, if it was theirs."""
    for token, fields in request.session.pop(WAITING, {}).items():
        owner_and_key = read_token(token)
        if owner_and_key and owner_and_key[0] == user.pk:
            keep(user, owner_and_key[1], fields)
