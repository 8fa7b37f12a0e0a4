"""What messages about testers, cases and executions say; those about campaigns are as of every ticket."""

from __future__ import annotations

from ops.acceptance.models import Execution, TestCase, Tester
from ops.workflow.letters import Letters
from ops.workflow.models import Event, Stateful

OF_TESTERS = {
    "create": "Would you test {campaign} with us?",
    "consent": "{name} takes part in the tests of {campaign}",
    "decline": "{name} does not take part in the tests of {campaign}",
    "take_up": "Your tests of {campaign} can begin",
    "thank": "Thank you for testing {campaign}",
    "withdraw": "{name} has left the tests of {campaign}",
}


def words_of_tester(tester: Tester, event: Event) -> str:
    """Say it as a sentence, which is the subject as well: it is what volunteers read first."""
    return OF_TESTERS.get(event.name, "{name}: {state}").format(
        name=tester.person.name, campaign=tester.campaign.title, state=tester.state_label.lower()
    )


def title_of_tester(tester: Tester) -> str:
    """Name it by the campaign."""
    return f"{tester.campaign.key} {tester.campaign.title}"


def waits(record: Stateful) -> str:
    """Say what it is that waits."""
    title = title_of_tester(record) if isinstance(record, Tester) else record
    return f"{record.workflow.title}: {title}"


Letters(
    Tester, "acceptance/tester_letter", words_of_tester, title_of_tester, waits, subject=words_of_tester
).register("Taking part in acceptance tests")
Letters(TestCase, "acceptance/record_letter", waits=waits).register("Test cases")
Letters(Execution, "acceptance/record_letter", waits=waits).register("Acceptance tests")
