"""One SMTP connection for a batch of letters."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ops.notify.bounces import means_gone
from ops.notify.channels.email.letters import mail_of
from ops.notify.parcels import AddressUnknown, ChannelDown, Failed, Parcel, Send

PERMANENT = 500
# What says that the server is in trouble and the letter is not to blame.
_CONNECTION_ERRORS = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, OSError)


@contextmanager
def opened() -> Iterator[Send]:
    """Connect to the mail server; raises `ChannelDown` when it does not answer."""
    line = _Line()
    line.connect()
    try:
        yield line.send
    finally:
        line.hang_up()


class _Line:
    """A connection that is mended once after a letter broke it."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._is_open = False

    def connect(self) -> None:
        try:
            self._backend.open()
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelDown(f"The mail server does not answer: {reason_of(error)}") from error
        self._is_open = True

    def send(self, parcel: Parcel) -> None:
        if not self._is_open:
            self.connect()
        mail = mail_of(parcel)
        try:
            self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise refusal(code, answer) from error
        except _CONNECTION_ERRORS as error:
            self.hang_up()
            raise Failed(f"The connection broke: {reason_of(error)}") from error
        except smtplib.SMTPException as error:
            raise Failed(reason_of(error)) from error

    def hang_up(self) -> None:
        self._is_open = False
        self._backend.close()


def refusal(code: int, answer: bytes) -> AddressUnknown | Failed:
    """Read the server's refusal of a recipient.

    Only a permanent code with an enhanced status that blames the address says that it does not exist; a
    relay that is set up wrongly refuses every address for other reasons.
    """
    text = f"{code} {answer.decode(errors='replace')}"
    if code >= PERMANENT and means_gone(answer.decode(errors="replace")):
        return AddressUnknown(text)
    return Failed(text)


def reason_of(error: Exception) -> str:
    """Return an error as one line for operators."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        return f"{error.smtp_code} {text}"
    return f"{type(error).__name__}: {error}"
