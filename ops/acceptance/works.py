"""Long work of acceptance testing: a file of results with thousands of testcases."""

from __future__ import annotations

from typing import Any

from ops.acceptance.automation import record_file
from ops.acceptance.models import Campaign
from ops.jobs.models import Job
from ops.jobs.progress import Progress
from ops.jobs.registry import work

RECORD_FILE = "acceptance.junit"


@work(RECORD_FILE)
def record(job: Job, progress: Progress) -> dict[str, Any]:
    """Record what a JUnit file says; begun again, it goes on where it was left, since every result names itself."""
    attachment = job.about()
    campaign = Campaign.objects.get(pk=attachment.ticket_id)
    with attachment.file.open() as source:
        found = record_file(
            campaign,
            source,
            actor=job.asked_by,
            environment=job.data.get("environment", ""),
            name=str(attachment.pk),
            tell=progress,
        )
    return found.as_dict()
