"""Hearing no more: signed links for whoever holds a mail, without signing in; muting for whoever did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from django.conf import settings
from django.core import signing
from django.db import transaction

from ops.notify.composers import Recipient
from ops.notify.models import EVERY_KIND, Channel, Endpoint, Timing
from ops.notify.preferences import lock_wishes
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


Unfollow: TypeAlias = Callable[[Recipient, str], None]
_unfollow: dict[str, Unfollow] = {}


def when_muted(prefix: str, unfollow: Unfollow) -> None:
    """Have a room told, in the same transaction, when somebody mutes one of its threads (`<prefix>:…`)."""
    _unfollow[prefix] = unfollow


def unsubscribe(token: str) -> Unsubscription:
    """Do what a link asks for; doing it twice is doing it once. Raises `BadToken`.

    Everything means every mail and nothing else: the bell and the chat stay as they were.
    """
    wanted = read_token(token)
    owner = wanted.address or User.objects.filter(pk=wanted.person_id).first()
    if owner is None:
        return wanted
    if wanted.thread:
        mute(wanted.thread, owner=owner)
    else:
        _switch_off_mail(owner)
    return wanted


def mute(thread: str, *, owner: Recipient) -> None:
    """Send an account or address nothing more about a thread, by mail or chat."""
    with transaction.atomic():
        wishes = lock_wishes(owner)
        if thread not in wishes.muted_threads:
            wishes.muted_threads.append(thread)
            wishes.save(update_fields=["muted_threads"])
        unfollow = _unfollow.get(thread.partition(":")[0])
        if unfollow is not None:
            unfollow(owner, thread)


def unmute(thread: str, *, owner: Recipient) -> None:
    """Send them about a thread again; whoever follows it anew means that."""
    with transaction.atomic():
        wishes = lock_wishes(owner)
        if thread in wishes.muted_threads:
            wishes.muted_threads.remove(thread)
            wishes.save(update_fields=["muted_threads"])


def _switch_off_mail(owner: Recipient) -> None:
    with transaction.atomic():
        wishes = lock_wishes(owner)
        others = {
            kind: {channel: timing for channel, timing in chosen.items() if channel != Channel.EMAIL}
            for kind, chosen in wishes.timings.items()
        }
        wishes.timings = {
            **others,
            EVERY_KIND: {**others.get(EVERY_KIND, {}), Channel.EMAIL.value: Timing.OFF.value},
        }
        wishes.save(update_fields=["timings"])
