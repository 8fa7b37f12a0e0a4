"""Lots among equals: a seed that is fixed before anybody knows who will be equal."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from ops.allocations.mathematics.lottery import commitment_to, new_seed
from ops.workflow.models import Stateful


class LotteryQuerySet(models.QuerySet["Lottery"]):
    """Seeds."""

    def commit(self, call: Stateful) -> Lottery:
        """Draw the seed of a call, once; from now on its hash is shown."""
        seed = new_seed()
        drawn = {"seed": seed, "commitment": commitment_to(seed), "committed_at": call.present}
        lottery, _ = self.get_or_create(call=call, defaults=drawn)
        return lottery


class Lottery(models.Model):
    """The seed of a call's lots: drawn when the call opens, shown as a hash at once, and itself with the results."""

    call = models.OneToOneField("allocations.Call", on_delete=models.CASCADE, related_name="lottery")
    seed = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64, help_text="SHA-256 of the seed.")
    committed_at = models.DateTimeField(default=timezone.now)

    objects = LotteryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "lotteries"

    def __str__(self) -> str:
        return f"Lots of {self.call}"

    @property
    def shown_seed(self) -> str:
        """The seed, once the results of the call are out; empty before."""
        return self.seed if self.call.state == "published" else ""
