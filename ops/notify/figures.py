"""Figures for Prometheus, asked of the database: another process delivers than the one that answers."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ops.notify.channels import WAYS_OUT
from ops.notify.models import Correspondent, Tally
from ops.notify.selectors import outbox_counts, overdue_since


class OutboxFigures(Collector):
    """What waits, since when, and what ever became of the messages."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures as they are now; the cost depends on what waits, not on what was ever sent."""
        counts = GaugeMetricFamily(
            "ops_outbox_messages", "Messages that are not delivered.", labels=["channel", "shelf"]
        )
        for count in outbox_counts():
            counts.add_metric([count.channel, count.shelf], count.count)
        yield counts

        lag = GaugeMetricFamily(
            "ops_outbox_lag_seconds", "How long the most overdue message has been due.", labels=["channel"]
        )
        for channel in WAYS_OUT:
            since = overdue_since(channel)
            lag.add_metric([channel], (timezone.now() - since).total_seconds() if since else 0.0)
        yield lag

        outcomes = CounterMetricFamily(
            "ops_messages",
            "What became of messages, and how often sending failed.",
            labels=["channel", "outcome"],
        )
        for tally in Tally.objects.order_by("channel", "outcome"):
            outcomes.add_metric([tally.channel, tally.outcome], tally.count)
        yield outcomes

        bouncing = GaugeMetricFamily("ops_bouncing_addresses", "Addresses that mail comes back from.")
        bouncing.add_metric([], Correspondent.objects.exclude(bounced_address="").count())
        yield bouncing
