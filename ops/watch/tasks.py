"""What the watch does by itself."""

from __future__ import annotations

from datetime import timedelta

from ops.people.models import User
from ops.periodic import periodic
from ops.watch.rotation import plan_ahead


@periodic(every=timedelta(hours=6))
def plan_the_watch() -> None:
    """Keep the coming weeks filled."""
    plan_ahead(actor=User.objects.system())
