"""Letters as they arrive: sent by the real outbox to a real SMTP server, read like a mail program does."""

from __future__ import annotations

import datetime
from email.message import EmailMessage

from django.utils import timezone

from ops.notify.delivery import deliver
from ops.notify.models import Channel
from tests.notify.mailbox import Mailbox

# Longer than letters wait for one another to be bundled.
SOON = datetime.timedelta(minutes=10)


def words_of(mail: EmailMessage) -> str:
    """Everything that a letter says: its headers and its parts, decoded."""
    headers = [f"{name}: {value}" for name, value in mail.items()]
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*headers, *parts])


class Post:
    """The post of a test: what was announced is sent when `collected`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    def collected(self) -> dict[str, list[EmailMessage]]:
        """Send what waits, and return the letters that arrived since the last time, by address."""
        self.mailbox.mails.clear()
        deliver(Channel.EMAIL, moment=timezone.now() + SOON)
        found: dict[str, list[EmailMessage]] = {}
        for mail in self.mailbox.mails:
            found.setdefault(str(mail["To"]), []).append(mail)
        return found

    def told(self) -> dict[str, str]:
        """Send what waits, and return what each person of the cast now reads, by name."""
        return {
            address.removesuffix("@example.org"): "\n".join(map(words_of, mails))
            for address, mails in self.collected().items()
        }
