"""The desk of the stories."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.mail import Post
from tests.notify.conftest import mail_server, mailbox
from tests.notify.mailbox import Mailbox
from tests.scenarios.desk import Desk

__all__ = ["desk", "mail_server", "mailbox"]


@pytest.fixture
def desk(cast: Cast, mailbox: Mailbox) -> Desk:  # the fixture above
    """Everybody at the desk, and a mail server."""
    return Desk(cast, Post(mailbox))
