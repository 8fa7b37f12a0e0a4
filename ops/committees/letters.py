"""What messages about seats and meetings say; those of reminders and of reports are registered here as well."""

from __future__ import annotations

from ops.committees import reminders
from ops.committees.models import Meeting, Seat
from ops.committees.reports import letters as about_reports
from ops.workflow.letters import Letters, state_reached
from ops.workflow.models import Event, Stateful


def words(record: Stateful, event: Event) -> str:
    """Say what happened: the step by its name, where the state alone would not tell."""
    if event.name == "edit":
        return "changed"
    if event.moved:
        return state_reached(record, event)
    return next((step.label.lower() for step in record.workflow.steps_named(event.name)), event.name)


for each in (Seat, Meeting):
    Letters(each, "committees/letter", words).register()
reminders.register()
about_reports.register()
