"""Who reads what of the results of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser

from ops.acceptance.rules import answers_for_a_product, is_coordinator, runs_this_campaign
from ops.people.authority import is_staff, is_staff_member
from ops.people.models import User
from ops.workflow.errors import NotAllowed

if TYPE_CHECKING:
    from ops.acceptance.models import Campaign

_sees_testers = is_staff | is_coordinator | runs_this_campaign | answers_for_a_product
SIGNED = frozenset({"signed_off", "signed_off_with_conditions", "closed"})


def may_see_testers(user: User | AnonymousUser, campaign: Campaign) -> bool:
    """Whether somebody who sees the campaign may know who tests: staff, coordinators, product owners."""
    return bool(_sees_testers.test(user, campaign))


def refuse_unless_sees_testers(user: User | AnonymousUser, campaign: Campaign) -> None:
    """Raise `NotAllowed` for whoever may not know who tests."""
    if not may_see_testers(user, campaign):
        raise NotAllowed("Only staff, coordinators and the product owners may see who tests.")


def may_read_results(user: User | AnonymousUser, campaign: Campaign) -> bool:
    """Whether somebody who sees the campaign sees its results as well, while it runs.

    Testers do not see one another's, so that each judges alone; staff and whoever answers for a product do.
    """
    if not user.is_authenticated:
        return False
    return (
        is_staff_member(user)
        or runs_this_campaign.test(user, campaign)
        or answers_for_a_product.test(user, campaign)
    )


def may_read_report(user: User | AnonymousUser, campaign: Campaign) -> bool:
    """Whether somebody who sees the campaign reads its report: everybody, once it is signed."""
    return campaign.state in SIGNED or may_read_results(user, campaign)


def refuse_unless_report_is_open(user: User | AnonymousUser, campaign: Campaign) -> None:
    """Raise `NotAllowed` for whoever may not read the report yet."""
    if not may_read_report(user, campaign):
        raise NotAllowed(
            f"Until it is signed, only staff and the product owners read the report of {campaign.key}."
        )
