"""Who has the next move in acceptance testing, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from ops.acceptance.models.plan import ConcernedProduct
from ops.people.authority import ACCEPTANCE, authority_of, holders_of
from ops.people.models import Role, User
from ops.people.selectors import products_owned_by
from ops.workflow.declaration import EVERYTHING, NOTHING, Party


def _coordinators() -> QuerySet[User]:
    return holders_of(ACCEPTANCE, Role.COORDINATOR)


def _coordinators_of(campaign: Any) -> Iterable[User]:
    if campaign.assignee is not None and campaign.assignee.is_active:
        return [campaign.assignee]
    return _coordinators()


def _coordinated_by(person: User) -> Q:
    nobody_else = Q(assignee=None) | Q(assignee__is_active=False)
    in_office = authority_of(person).holds(ACCEPTANCE, Role.COORDINATOR)
    return Q(assignee=person) | nobody_else if in_office else Q(assignee=person)


def _through_campaign(condition: Q) -> Q:
    """The same condition, asked of something that belongs to a campaign."""
    through = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            through.add(_through_campaign(child), condition.connector)
        elif isinstance(child, tuple):
            through.add(Q((f"campaign__{child[0]}", child[1])), condition.connector)
    return through


def _owners(rows: Any) -> list[User]:
    """Who answers for the products of some rows now, each once."""
    ids = {row.answering for row in rows.with_owner() if row.answering}
    return list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


def _owed_by(person: User, rows: Any) -> Q:
    return Q(pk__in=rows.filter(product__in=products_owned_by(person)).values("campaign"))


coordinator = Party("coordinator", "the coordinator of the campaign", _coordinators_of, whose=_coordinated_by)
coordinators = Party(
    "coordinators",
    "the coordinators of acceptance tests",
    lambda _record: _coordinators(),
    whose=lambda person: EVERYTHING if authority_of(person).holds(ACCEPTANCE, Role.COORDINATOR) else NOTHING,
    alike=lambda _record: None,
)
owners = Party(
    "owners", "whoever answers for a product concerned", lambda campaign: _owners(campaign.concerned.all())
)
owners_to_approve = Party(
    "owners_to_approve",
    "the product owners who have not approved yet",
    lambda campaign: _owners(campaign.concerned.all().unapproved()),
    whose=lambda person: _owed_by(person, ConcernedProduct.objects.unapproved()),
)
owners_to_sign = Party(
    "owners_to_sign",
    "the product owners who have not signed yet",
    lambda campaign: _owners(campaign.concerned.all().unsigned()),
    whose=lambda person: _owed_by(person, ConcernedProduct.objects.unsigned()),
)
participants = Party(
    "participants",
    "everybody who tests",
    lambda campaign: User.objects.filter(
        pk__in=campaign.testers.filter(state__in=("consented", "testing", "finished")).values("person")
    ),
)

author = Party("author", "its author", lambda case: [case.author], whose=lambda person: Q(author=person))

whoever_was_asked = Party(
    "whoever_was_asked",
    "whoever was asked to test",
    lambda tester: [tester.person],
    whose=lambda person: Q(person=person),
)
coordinator_of_campaign = Party(
    "coordinator_of_campaign",
    "the coordinator of the campaign",
    lambda record: _coordinators_of(record.campaign),
    whose=lambda person: _through_campaign(_coordinated_by(person)),
)

tester = Party(
    "tester",
    "its tester, while the campaign runs",
    lambda execution: [execution.tester] if execution.campaign.state == "running" else [],
    whose=lambda person: Q(tester=person, campaign__state="running"),
)
