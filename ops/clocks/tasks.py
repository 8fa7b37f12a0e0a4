"""What the clocks do in the background."""

from datetime import timedelta

from ops.clocks import sweep
from ops.periodic import periodic


@periodic(every=timedelta(seconds=30))
def sweep_deadlines() -> None:
    """Do whatever deadlines have to do by now."""
    sweep.sweep()
