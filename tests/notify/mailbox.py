"""A real SMTP server that keeps what it gets, and can be told to misbehave."""

from __future__ import annotations

import email.policy
import logging
import socket
from collections.abc import Callable
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)


class Mailbox:
    """What arrived, in order. `answer_to` may refuse a recipient, `answer_data` a letter."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        self.breaks = False
        self.answer_to: Callable[[str], str] = lambda _: "250 OK"
        self.answer_data: Callable[[EmailMessage], str] = lambda _: "250 OK"

    @property
    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    async def handle_EHLO(  # noqa: N802 (the name is aiosmtpd's)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        answer = self.answer_to(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        mail = BytesParser(policy=email.policy.default).parsebytes(content)
        assert isinstance(mail, EmailMessage)
        if self.breaks:
            server.transport.abort()
        answer = self.answer_data(mail)
        if answer.startswith("250") and not self.breaks:
            self.mails.append(mail)
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        return answer


class MailServer(Controller):
    """Serves a mailbox on a port of its own; can be stopped and started again on the same port."""

    def __init__(self, mailbox: Mailbox, port: int = 0) -> None:
        super().__init__(mailbox, hostname="127.0.0.1", port=port or free_port())
        self.mailbox = mailbox


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
