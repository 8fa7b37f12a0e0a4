"""Questions about a person and an issue, and the conditions under which an issue may be closed."""

from __future__ import annotations

from typing import Any

from ops.people.questions import question
from ops.workflow.declaration import guard


@question(when="while nobody has triaged it")
def is_untriaged(user: Any, issue: Any) -> bool:
    """Nobody has triaged the issue yet."""
    return issue is not None and issue.state == issue.State.REPORTED


@question(when="while it is a draft")
def is_draft(user: Any, announcement: Any) -> bool:
    """The announcement has not been approved yet."""
    return announcement is not None and announcement.state == announcement.State.DRAFT


@guard(
    "Say whether the documentation was updated or needs no update (field “documentation”).",
    about="documentation",
)
def documentation_is_settled(issue: Any) -> bool:
    """The documentation was updated, or somebody said that nothing needs to be."""
    return issue.documentation in {issue.Documentation.UPDATED, issue.Documentation.NOT_NEEDED}


@guard("This is a major change: publish an announcement that names this issue first.", about="announcements")
def announcement_is_published(issue: Any) -> bool:
    """The community has been told, where the change is major."""
    return not issue.major_change or issue.announcements.filter(state="published").exists()


@guard("Finish the issues below this one first.", about="children")
def children_are_finished(issue: Any) -> bool:
    """Nothing below the issue is still open."""
    return all(child.has_ended for child in issue.children.all())
