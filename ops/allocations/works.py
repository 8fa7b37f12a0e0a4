"""Long work of a call: matching reviewers, handing out reviews, comparing scores, drawing the line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ops.allocations import conflicts, handing_out, lines, matching, ranking
from ops.jobs.models import Job
from ops.jobs.progress import Progress, Unfinished
from ops.jobs.registry import work
from ops.workflow.services import perform

MATCH, HAND_OUT, RANK, LINE, PUBLISH = (
    "allocations.match",
    "allocations.hand_out",
    "allocations.rank",
    "allocations.line",
    "allocations.publish",
)


@work(MATCH)
def match(job: Job, progress: Progress) -> dict[str, Any]:
    """Plan who reviews what; members come and go, so that conflicts are looked for first."""
    conflicts.look_for_conflicts(job.about())
    return asdict(matching.plan(job.about(), said=progress))


@work(HAND_OUT)
def hand_out(job: Job, progress: Progress) -> dict[str, Any]:
    """Make reviews of the plan, some minutes at a time, until all are made."""
    done = handing_out.hand_out(job.about(), said=progress)
    made = job.result.get("made", 0) + done.made
    result = {"made": made, "taken_back": job.result.get("taken_back", 0) + done.taken_back}
    if done.left:
        raise Unfinished(result)
    return result


@work(RANK)
def rank(job: Job, progress: Progress) -> dict[str, Any]:
    """Compare the scores."""
    progress(0.1, "Telling quality and bias apart")
    return {"reviews": ranking.rank_call(job.about(), actor=job.asked_by).reviews}


@work(PUBLISH)
def publish(job: Job, progress: Progress) -> dict[str, Any]:
    """Tell the results of a call: in one transaction, so that nobody hears before the others."""
    call = job.about()
    progress(0.05, "Writing to everybody at once")
    perform(call, "publish", actor=job.asked_by, version=job.data["version"])
    return {"told": call.requests.filter(decided_at__isnull=False).count()}


@work(LINE)
def draw_line(job: Job, progress: Progress) -> dict[str, Any]:
    """Draw the line."""
    progress(0.1, "Looking for the best choice under every capacity")
    line = lines.draw(job.about(), basis=job.data["basis"], actor=job.asked_by)
    return {"line": line.pk}
