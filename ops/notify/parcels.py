"""A letter on its way: what a channel is handed, and the ways in which sending can fail."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ops.notify.composers import Letter
from ops.notify.models import Endpoint, Message
from ops.people.models import User


@dataclass(frozen=True)
class Section:
    """What one letter says about one thread, and the messages that it stands for."""

    thread: str
    kind: str
    messages: Sequence[Message]
    letter: Letter


@dataclass(frozen=True)
class Parcel:
    """Everything that goes to one recipient at once, composed for them."""

    message_id: str
    recipient: User | Endpoint | str
    destination: str
    sections: Sequence[Section]
    is_digest: bool = False
    unopened: Sequence[Message] = ()

    @property
    def messages(self) -> list[Message]:
        """Every message that this parcel settles."""
        return [*(message for section in self.sections for message in section.messages), *self.unopened]

    @property
    def more(self) -> int:
        """How many further threads are only counted, because the letter would be too long."""
        return len({message.thread for message in self.unopened})

    @property
    def thread(self) -> str:
        """The one thread that it is about, or nothing when it is about several."""
        threads = {section.thread for section in self.sections}
        return threads.pop() if len(threads) == 1 and not self.is_digest else ""


class DeliveryError(Exception):
    """Sending failed; the text is the reason that operators read."""


class ChannelDown(DeliveryError):
    """Nothing can be sent for now, and nothing was tried."""


class Failed(DeliveryError):
    """This letter could not be sent; it may be tried again, not before `wait` if the other side said so."""

    def __init__(self, reason: str, *, wait: datetime.timedelta | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class DestinationDown(Failed):
    """This destination does not answer; others may."""


class AddressUnknown(DeliveryError):
    """The other side says that there is no such address."""


Send: TypeAlias = Callable[[Parcel], None]
