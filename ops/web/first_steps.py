"""What a new desk needs before anybody can work with it; once it is there, nothing is said of it any more."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from ops.people.authority import COMMUNITY_SCIENCE, holders_of
from ops.people.models import SYSTEM_USERNAME, Product, Role, Team, User


@dataclass(frozen=True)
class FirstStep:
    """Something that is missing: what to do, what is impossible without it, and where it is done."""

    label: str
    why: str
    url: str


def first_steps() -> list[FirstStep]:
    """Return what is still missing, in the order in which it is best done; a few small queries."""
    steps = []
    if not User.objects.filter(is_superuser=False).exclude(username=SYSTEM_USERNAME).exists():
        steps.append(
            FirstStep(
                "Add the people",
                "Nobody but administrators has an account.",
                reverse("admin:people_user_add"),
            )
        )
    if not holders_of(COMMUNITY_SCIENCE).exists():
        why = "Nobody can triage a report: the Community Science team has no member."
        steps.append(FirstStep("Fill the Community Science team", why, _term(Role.MEMBER)))
    if not holders_of(COMMUNITY_SCIENCE, Role.LEAD, Role.DEPUTY).exists():
        why = "Nobody reads confidential reports, approves announcements, or hears of what is late."
        steps.append(FirstStep("Name a lead", why, _term(Role.LEAD)))
    if not Product.objects.exists():
        why = "Triage asks what an issue is about, and there is nothing to choose."
        steps.append(FirstStep("Plant the product tree", why, reverse("admin:people_product_add")))
    return steps


def _term(role: Role) -> str:
    team = Team.objects.filter(slug=COMMUNITY_SCIENCE).values_list("pk", flat=True).first()
    return f"{reverse('admin:people_membership_add')}?{urlencode({'team': team or '', 'role': role})}"
