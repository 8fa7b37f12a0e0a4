"""The sweeps: one per channel, so that a slow webhook holds up no mail. A change wakes its channel early."""

from __future__ import annotations

from datetime import timedelta

from celery import Task

from ops.notify.delivery import deliver
from ops.notify.models import Channel
from ops.notify.pruning import prune
from ops.periodic import periodic

SWEEP_PERIOD = timedelta(seconds=20)
# Shorter than the three periods after which the sweep counts as dead; what is left is a new task.
SECONDS_PER_RUN = 30.0


@periodic(every=SWEEP_PERIOD)
def deliver_email() -> None:
    """Send the mail that is due."""
    _deliver(Channel.EMAIL)


@periodic(every=SWEEP_PERIOD)
def deliver_chat() -> None:
    """Post what is due to chat rooms."""
    _deliver(Channel.CHAT)


@periodic(every=SWEEP_PERIOD)
def deliver_webhooks() -> None:
    """Call the webhooks that are due."""
    _deliver(Channel.WEBHOOK)


@periodic(every=SWEEP_PERIOD)
def forget_old_messages() -> None:
    """Delete a few of the messages that were settled long ago."""
    prune()


_TASKS: dict[str, Task] = {
    Channel.EMAIL: deliver_email,
    Channel.CHAT: deliver_chat,
    Channel.WEBHOOK: deliver_webhooks,
}


def kick(channel: str) -> None:
    """Have a channel delivered now and not at the next sweep; raises when the broker is away.

    A kick that has waited as long as a sweep takes to come round is dropped: a burst of changes would otherwise
    leave a queue of them before the sweeps.
    """
    _TASKS[channel].apply_async(expires=SWEEP_PERIOD.total_seconds())


def _deliver(channel: str) -> None:
    if deliver(channel, seconds=SECONDS_PER_RUN):
        kick(channel)
