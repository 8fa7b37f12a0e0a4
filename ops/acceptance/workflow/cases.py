"""The life of a test case, on one screen."""

from __future__ import annotations

from ops.acceptance import parties
from ops.acceptance.rules import (
    every_step_expects_something,
    has_steps,
    is_author,
    is_being_written,
    is_coordinator,
    owns_the_component,
)
from ops.people.authority import is_staff
from ops.workflow.declaration import Creation, Phase, States, Workflow, transition

_CONTENT = (
    "title", "component", "aspect", "priority", "objective", "preconditions", "steps_text", "requirements", "minutes",
    "change_note",
)  # fmt: skip


class CaseWorkflow(Workflow):
    """How a test case matures, and how another version of it comes about (RTN-006 §2.6.2)."""

    kind, title, plural = "case", "Test case", "Test cases"

    class State(States):
        """How mature a case is."""

        DRAFT = "draft", Phase.OPEN, "Draft"
        DEFINED = "defined", Phase.GOOD_END, "Defined"
        APPROVED = "approved", Phase.GOOD_END, "Approved"
        RETIRED = "retired", Phase.BAD_END, "Retired"

    writes = is_staff | is_coordinator
    held_by = {State.DRAFT: parties.author}
    creation = Creation(to=State.DRAFT, by=writes, asks=("identifier", "title"), offers=_CONTENT[1:-1])
    edits = ((is_being_written & (writes | is_author), _CONTENT),)

    @transition(State.DRAFT, to=State.DEFINED, by=is_staff | is_coordinator | is_author, asks=("objective",),
                offers=("change_note",), only_if=(has_steps, every_step_expects_something))  # fmt: skip
    def define(self):
        """Freeze what is written as the next version; campaigns can run it from now on."""
        self.freeze(self.performance)
        self.change_note = ""

    @transition(State.DEFINED, to=State.APPROVED, by=is_coordinator | owns_the_component,
                tells=(parties.author,))  # fmt: skip
    def approve(self):
        """Agree that this version tests what it should."""
        self.approved_numbers = [*self.approved_numbers, self.number]

    @transition(State.DEFINED, State.APPROVED, to=State.DRAFT, by=is_staff | is_coordinator | is_author,
                label="Write another version")  # fmt: skip
    def revise(self):
        """Go on writing; versions frozen before stay as they are, and campaigns keep running those they pinned."""

    @transition(State.DRAFT, State.DEFINED, to=State.RETIRED, by=is_coordinator, reason=True,
                tells=(parties.author,))  # fmt: skip
    def retire(self):
        """Take it out of the library; what was run of it stays on record."""

    @transition(State.RETIRED, to=State.DRAFT, by=is_coordinator, tells=(parties.author,))
    def restore(self):
        """Take it back into the library as a draft."""
