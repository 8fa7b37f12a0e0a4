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
# So many letters in a row that break the connection say that the server is ill, not the letters.
MOST_BROKEN_IN_A_ROW = 3


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
    """A connection to the mail server, made anew after a letter broke it."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend = get_connection()
        self._is_open = False
        self._broken_in_a_row = 0

    def connect(self) -> None:
        if self._broken_in_a_row >= MOST_BROKEN_IN_A_ROW:
            raise ChannelDown("The mail server answers, but breaks every connection.")
        try:
            self._backend.open()
        except OSError as error:  # smtplib's errors are among these
            raise ChannelDown(f"The mail server does not answer: {reason_of(error)}") from error
        self._is_open = True

    def send(self, parcel: Parcel) -> None:
        if not self._is_open:
            self.connect()
        mail = mail_of(parcel)
        try:
            self._backend.send_messages([mail])
        except OSError as error:  # smtplib's errors are among these
            # Whatever state the conversation is in now, the next letter starts a new one.
            self.hang_up()
            answered = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
            self._broken_in_a_row = 0 if answered else self._broken_in_a_row + 1
            raise failure(error) from error
        self._broken_in_a_row = 0

    def hang_up(self) -> None:
        self._is_open = False
        self._backend.close()


def failure(error: OSError) -> AddressUnknown | Failed:
    """Read what the server said.

    Only the permanent refusal of a recipient with an enhanced status that blames the address says that the
    address does not exist; a relay that is set up wrongly refuses every address for other reasons.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        text = answer.decode(errors="replace")
        kind = AddressUnknown if code >= PERMANENT and means_gone(text) else Failed
        return kind(f"{code} {text}")
    return Failed(reason_of(error))


def reason_of(error: OSError) -> str:
    """Return an error as one line for operators."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        return f"{error.smtp_code} {text}"
    return f"{type(error).__name__}: {error}"
