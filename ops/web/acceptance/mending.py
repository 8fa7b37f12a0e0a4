"""Where what holds a step of a case, a campaign or a test back is mended."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ops.web.addresses import Places, part_of_page


def _criteria(campaign: Any) -> str:
    """They are named in the plan, and met on the page of the campaign."""
    return _plan(campaign) if campaign.state == "draft" else part_of_page(campaign, "criteria")


def _plan(campaign: Any) -> str:
    return reverse("campaign-plan", args=[campaign.key])


PLACES: Places = {
    ("case", "steps_text"): lambda case: part_of_page(case, "steps_text"),
    ("campaign", "concerned"): lambda campaign: part_of_page(campaign, "concerned"),
    ("campaign", "environments"): _plan,
    ("campaign", "pins"): _plan,
    ("campaign", "criteria"): _criteria,
    ("campaign", "testers"): lambda campaign: reverse("campaign-testers", args=[campaign.key]),
    ("campaign", "executions"): lambda campaign: reverse("campaign-assignment", args=[campaign.key]),
    ("campaign", "reports"): lambda campaign: reverse("campaign-report", args=[campaign.key]),
    ("execution", "campaign"): lambda execution: execution.campaign.get_absolute_url(),
    ("execution", "step_results"): lambda execution: reverse("run", args=[execution.pk]),
    ("campaign", "plan"): _plan,
    ("execution", "run"): lambda execution: reverse("run", args=[execution.pk]),
    ("tester", "tests"): lambda _: reverse("my-tests"),
    ("tester", "executions"): lambda tester: part_of_page(tester, "executions"),
}
