"""What acceptance testing does by itself."""

from __future__ import annotations

from datetime import timedelta

from ops.acceptance.models import Campaign
from ops.people.models import User
from ops.periodic import periodic
from ops.workflow.errors import Refusal
from ops.workflow.services import perform

OUT = ("awaiting_sign_off", "signed_off", "signed_off_with_conditions", "refused")


@periodic(every=timedelta(hours=1))
def void_outdated_signatures() -> None:
    """Take back every report under which its campaign has changed: signatures become void, and owners are told."""
    for campaign in Campaign.objects.filter(state__in=OUT):
        changed = campaign.changes_since_report
        if not changed:
            continue
        reason = f"The campaign has changed since its report was put out: {', '.join(changed)}."
        try:
            perform(campaign, "revise_report", actor=User.objects.system(), reason=reason)
        except Refusal:  # somebody has dealt with it meanwhile
            continue
