"""Messages waiting and gone, who gets them how, and the doors to other programs.

The rows are the queue. A message is born in the transaction of the change that it tells of, and is
composed when it is sent, so what its recipient may see is asked at that moment and not before.
"""

from __future__ import annotations

import base64
import datetime
import secrets
import uuid
from collections.abc import Mapping

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ops.notify import composers


class Channel(models.TextChoices):
    """The ways a message can go."""

    IN_APP = "in_app", "Bell"
    EMAIL = "email", "E-mail"
    CHAT = "chat", "Chat"
    WEBHOOK = "webhook", "Webhook"


PERSONAL_CHANNELS = (Channel.IN_APP, Channel.EMAIL, Channel.CHAT)


class Timing(models.TextChoices):
    """How soon somebody wants to hear."""

    AT_ONCE = "at_once", "At once"
    BUNDLED = "bundled", "Bundled"
    DAILY = "daily", "Daily digest"
    OFF = "off", "Off"


EVERY_KIND = "*"
DEFAULT_TIMINGS: Mapping[str, Timing] = {
    Channel.IN_APP: Timing.AT_ONCE,
    Channel.EMAIL: Timing.BUNDLED,
    Channel.CHAT: Timing.BUNDLED,
    Channel.WEBHOOK: Timing.AT_ONCE,
}


class Correspondent(models.Model):
    """What an account, or a plain address without one, wants to be told, and when.

    A row exists only for those who differ from the defaults; an `Endpoint` is a correspondent too, so
    that everybody an announcement concerns is found by one query.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="correspondent",
    )
    address = models.EmailField(
        null=True, blank=True, unique=True, help_text="In lower case; no account has it."
    )
    timings = models.JSONField(
        default=dict,
        blank=True,
        help_text='Kind of message → channel → timing; "*" stands for the other kinds.',
    )
    bundle_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(1440)]
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_at = models.TimeField(default=datetime.time(8))
    chat_url = models.URLField(blank=True, max_length=500, help_text="A Slack-compatible incoming webhook.")
    muted_threads = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    bounced_address = models.EmailField(blank=True, help_text="The address that mail came back from.")
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(address__isnull=True),
                name="correspondent_is_a_person_or_an_address",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="quiet_hours_have_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.address or f"correspondent {self.pk}")

    def timing(self, kind: str, channel: str) -> Timing | None:
        """Return when they chose to hear of a kind of message on a channel, if they chose."""
        for name in (kind, EVERY_KIND):
            if chosen := self.timings.get(name, {}).get(channel):
                return Timing(chosen)
        return None

    def bounces(self, address: str) -> bool:
        """Whether mail to this address came back; a new address starts with a clean record."""
        return bool(self.bounced_address) and self.bounced_address.lower() == address.lower()


def new_secret() -> str:
    """Return a signing secret in the notation of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Endpoint(Correspondent):
    """Another program that is told of announcements: a chat room, or a webhook."""

    name = models.CharField(max_length=120, unique=True)
    channel = models.CharField(
        max_length=8, choices=[(c.value, c.label) for c in (Channel.CHAT, Channel.WEBHOOK)]
    )
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=120, default=new_secret, help_text="Signs what a webhook gets.")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="endpoints",
        help_text="The endpoint is told what this account may see, and nothing else.",
    )
    kinds = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Kinds of message; empty means all.",
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def message_domain() -> str:
    """Return the right-hand side of our Message-IDs, thread roots and list names."""
    return str(settings.MAIL_DOMAIN)


def new_message_id() -> str:
    """Return a Message-ID that no other message has."""
    return f"<{uuid.uuid4()}@{message_domain()}>"


def recipient_key(*, person_id: int | None, address: str, endpoint_id: int | None) -> str:
    """Return what tells one recipient of messages from every other."""
    if person_id is not None:
        return f"person:{person_id}"
    return f"endpoint:{endpoint_id}" if endpoint_id is not None else f"address:{address}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages, by what became of them."""

    def pending(self) -> MessageQuerySet:
        """Keep those still to be sent, the ones in a worker's hands included."""
        return self.filter(state__in=[Message.State.PENDING, Message.State.SENDING])

    def failed(self) -> MessageQuerySet:
        """Keep those that failed at least once and will be tried again."""
        return self.filter(state=Message.State.PENDING, attempts__gt=0)

    def stuck(self) -> MessageQuerySet:
        """Keep those that nobody will try again unless an operator says so."""
        return self.filter(state__in=[Message.State.PARKED, Message.State.BOUNCED])


class Message(models.Model):
    """One thing to tell one recipient on one channel, and what became of it.

    Exactly one of `person`, `address` and `endpoint` is the recipient. Messages of one `bundle` go out
    as one letter when the first of them is due. At the first claim the letter is fixed: `sent_as` holds
    its Message-ID in every row of it, so that a letter sent again after a crash is the same letter.
    """

    class State(models.TextChoices):
        """What became of it."""

        PENDING = "pending", "Pending"
        SENDING = "sending", "Sending"
        DELIVERED = "delivered", "Delivered"
        WITHHELD = "withheld", "Withheld"
        BOUNCED = "bounced", "Bounced"
        PARKED = "parked", "Parked"

    message_id = models.CharField(max_length=255, default=new_message_id)
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    thread = models.CharField(max_length=200)
    channel = models.CharField(max_length=8, choices=Channel)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    address = models.EmailField(blank=True)
    endpoint = models.ForeignKey(
        Endpoint, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    bundle = models.CharField(max_length=500)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_as = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it failed, was withheld or parked.")
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            # Not `unique=True`, which would add a second index for LIKE.
            models.UniqueConstraint(fields=["message_id"], name="message_id_is_unique"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, address="", endpoint__isnull=True)
                | Q(person__isnull=True, endpoint__isnull=True) & ~Q(address="")
                | Q(person__isnull=True, address="", endpoint__isnull=False),
                name="message_has_one_recipient",
            ),
        ]
        # Small, whatever the size of the table: each holds only the rows that its question is about.
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"], condition=Q(state="pending"), name="message_due"
            ),
            BrinIndex(fields=["created_at"], autosummarize=True, name="message_age"),
            # By pattern, because a bulk operation is found by the beginning of its bundles.
            models.Index(
                fields=["bundle"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(state="pending"),
                name="message_bundle",
            ),
            models.Index(fields=["leased_until"], condition=Q(state="sending"), name="message_leased"),
            models.Index(
                fields=["state", "channel"],
                condition=Q(state__in=["pending", "sending", "parked", "bounced"]),
                name="message_shelf",
            ),
            models.Index(
                fields=["person", "-id"],
                condition=Q(channel="in_app", state="delivered"),
                name="message_notices",
            ),
            models.Index(
                fields=["person"],
                condition=Q(channel="in_app", state="delivered", read_at__isnull=True),
                name="message_unread",
            ),
            models.Index(
                fields=["endpoint", "-id"], condition=Q(endpoint__isnull=False), name="message_endpoint"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} by {self.channel} to {self.recipient_name}"

    @property
    def recipient_name(self) -> str:
        """The recipient, for operators to read; of discreet messages nobody is named."""
        if composers.is_discreet(self.kind):
            return "not shown"
        return str(self.person or self.endpoint or self.address)


class Attempt(models.Model):
    """One request to an endpoint and its answer.

    What was sent is not kept: operators read this log, and not all of them may read every ticket.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempt_log")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="attempts_made")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty when there was no answer."
    )
    outcome = models.CharField(max_length=500, help_text="The answer's first words, or what went wrong.")
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.status or 'no answer'} at {self.at:%Y-%m-%d %H:%M:%S}"


class Tally(models.Model):
    """How many messages ever met an outcome on a channel; survives the clearing of old messages."""

    channel = models.CharField(max_length=8, choices=Channel)
    outcome = models.CharField(max_length=9)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["channel", "outcome"], name="one_tally_per_outcome")]

    def __str__(self) -> str:
        return f"{self.channel} {self.outcome}: {self.count}"
