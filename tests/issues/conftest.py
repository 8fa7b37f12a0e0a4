"""The post: a real mail server, and what arrives there."""

from __future__ import annotations

import pytest

from tests.mail import Post
from tests.notify.conftest import mail_server, mailbox
from tests.notify.mailbox import Mailbox

__all__ = ["mail_server", "mailbox", "post"]


@pytest.fixture
def post(mailbox: Mailbox) -> Post:  # the fixture above
    """What is sent in this test."""
    return Post(mailbox)
