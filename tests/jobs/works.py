"""Work for the tests to have done."""

from __future__ import annotations

from typing import Any

from ops.jobs.models import Job
from ops.jobs.progress import Progress
from ops.jobs.registry import work
from ops.workflow.errors import GuardUnmet


@work("tests.count")
def count(job: Job, progress: Progress) -> dict[str, Any]:
    """Count to a number."""
    for number in range(job.data["to"]):
        progress((number + 1) / job.data["to"], f"Counting to {number + 1}.")
    return {"counted": job.data["to"], "about": str(job.about())}


@work("tests.refuse")
def refuse(job: Job, progress: Progress) -> dict[str, Any]:
    """Refuse, with a sentence for people."""
    raise GuardUnmet("Seven reviewers are too few for nine reviews.")


@work("tests.break")
def break_down(job: Job, progress: Progress) -> dict[str, Any]:
    """Meet a mistake of ours."""
    raise ZeroDivisionError("secret detail")
