"""Who reads a batch of letters: where they are reached, what they wish now, and as whom it is composed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from ops.notify.composers import Recipient
from ops.notify.models import Channel, Correspondent, Endpoint, Message
from ops.people.models import User


@dataclass(frozen=True)
class Reader:
    """A recipient at the moment of sending; `refusal` says why nothing may go to them any more."""

    recipient: User | Endpoint | str
    reads_as: Recipient
    wishes: Correspondent
    destination: str
    zone: str = "UTC"
    refusal: str = ""


@dataclass(frozen=True)
class Readers:
    """The recipients of a batch, in three queries at most."""

    people: Mapping[int, User]
    wishes: Mapping[int | str, Correspondent]
    endpoints: Mapping[int, Endpoint]

    @classmethod
    def of(cls, letters: Sequence[Sequence[Message]]) -> Self:
        """Look up the recipients of letters."""
        first = [letter[0] for letter in letters]
        people = {message.person_id for message in first if message.person_id is not None}
        addresses = {message.address for message in first if message.address}
        endpoints = {message.endpoint_id for message in first if message.endpoint_id is not None}
        wishes: dict[int | str, Correspondent] = {}
        if people:
            wishes |= {c.person_id: c for c in Correspondent.objects.filter(person__in=people) if c.person_id}
        if addresses:
            wishes |= {c.address: c for c in Correspondent.objects.filter(address__in=addresses) if c.address}
        return cls(
            people=User.objects.in_bulk(people) if people else {},
            wishes=wishes,
            endpoints=Endpoint.objects.select_related("reader").in_bulk(endpoints) if endpoints else {},
        )

    def of_letter(self, message: Message) -> Reader:
        """Return who reads the letter that a message belongs to."""
        if message.person_id is not None:
            return self._person(self.people[message.person_id], message.channel)
        if message.endpoint_id is not None:
            endpoint = self.endpoints[message.endpoint_id]
            closed = not (endpoint.is_active and endpoint.reader.is_active)
            refusal = "The endpoint is switched off." if closed else ""
            return Reader(endpoint, endpoint.reader, endpoint, endpoint.url, refusal=refusal)
        wishes = self.wishes.get(message.address) or Correspondent(address=message.address)
        return Reader(
            message.address,
            message.address,
            wishes,
            message.address,
            refusal=_mail_refusal(wishes, message.address),
        )

    def _person(self, person: User, channel: str) -> Reader:
        wishes = self.wishes.get(person.pk) or Correspondent(person=person)
        if not person.is_active:
            refusal, destination = "The account is closed.", ""
        elif channel == Channel.CHAT:
            destination = wishes.chat_url
            refusal = "" if destination else "The person has no chat any more."
        else:
            destination = person.email
            refusal = _mail_refusal(wishes, destination)
        return Reader(person, person, wishes, destination, person.time_zone, refusal)


def _mail_refusal(wishes: Correspondent, address: str) -> str:
    if not address:
        return "The account has no e-mail address."
    return f"Mail to this address came back: {wishes.bounce_reason}" if wishes.bounces(address) else ""
