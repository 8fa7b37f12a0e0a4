"""Long work of acceptance testing: files with thousands of results or of test cases."""

from __future__ import annotations

from typing import Any

from ops.acceptance.automation import record_file
from ops.acceptance.case_import import IMPORT_FILE, import_cases
from ops.jobs.models import Job
from ops.jobs.progress import Progress
from ops.jobs.registry import work

RECORD_FILE = "acceptance.junit"


@work(IMPORT_FILE)
def take_in(job: Job, progress: Progress) -> dict[str, Any]:
    """Take in a file of test cases; begun again, what was taken before stands as it is."""
    kept = job.about()
    with kept.file.open() as source:
        return import_cases(source, actor=job.asked_by, tell=progress).as_dict()


@work(RECORD_FILE)
def record(job: Job, progress: Progress) -> dict[str, Any]:
    """Record what a JUnit file says; begun again, it goes on where it was left, since every result names itself."""
    sent = job.about()
    with sent.file.open() as source:
        found = record_file(
            sent.campaign,
            source,
            actor=job.asked_by,
            environment=job.data.get("environment", ""),
            tell=progress,
        )
    return found.as_dict()
