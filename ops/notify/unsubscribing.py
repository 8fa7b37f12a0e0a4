"""Signed links by which whoever holds a mail can stop the next one, without signing in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from ops.notify.models import Endpoint
from ops.people.models import User

_SALT = "ops.notify.unsubscribe"
# Where `ops.web` answers; GET asks, POST does it (also the one click of RFC 8058, without a CSRF token).
UNSUBSCRIBE_PATH = "/unsubscribe/{token}/"
PREFERENCES_PATH = "/preferences/notifications/"


class BadToken(ValueError):
    """The link was cut short, changed, or signed by somebody else."""


@dataclass(frozen=True)
class Unsubscription:
    """Who wants no more mail, and about which thread; an empty thread means all of them."""

    person_id: int | None
    address: str
    thread: str


def unsubscribe_url(recipient: User | Endpoint | str, thread: str) -> str:
    """Return the address that stops mail to this recipient: about a thread, or all of it when it is empty."""
    who = {"a": recipient} if isinstance(recipient, str) else {"p": recipient.pk}
    token = signing.dumps({**who, "t": thread}, salt=_SALT)
    return settings.PUBLIC_URL + UNSUBSCRIBE_PATH.format(token=token)


def read_token(token: str) -> Unsubscription:
    """Return what a link asks for; it never expires, since mail is kept for years. Raises `BadToken`."""
    try:
        content = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise BadToken("This link is not complete. Copy all of it from the mail.") from error
    return Unsubscription(content.get("p"), content.get("a", ""), content["t"])
