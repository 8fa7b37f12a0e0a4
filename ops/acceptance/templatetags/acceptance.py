"""What panels and tabs of acceptance testing show beside the record itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django import template
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from ops.acceptance.criteria import Line, lines
from ops.acceptance.models import Campaign, CaseVersion, PinnedCase, Stage, TestCase, Tester
from ops.acceptance.planning import runs_it
from ops.acceptance.reading import may_read_report, may_read_results, may_see_testers
from ops.people.models import User

register = template.Library()

MOST_SHOWN = 20


@dataclass(frozen=True)
class Tab:
    """A page about a campaign."""

    name: str
    label: str
    url: str


@register.simple_tag
def campaign_tabs(campaign: Campaign, reader: Any) -> list[Tab]:
    """Return the pages about a campaign that this reader may open."""
    pages = [Tab("campaign", "Campaign", campaign.get_absolute_url())]
    places = [("plan", "Plan")] if reader.is_authenticated else []
    if reader.is_authenticated and may_see_testers(reader, campaign):
        places += [("testers", "Testers"), ("assignment", "Assignment")]
    if may_read_results(reader, campaign):
        places += [("dashboard", "Dashboard"), ("results", "Results")]
    if may_read_report(reader, campaign):
        places.append(("report", "Report"))
    return pages + [
        Tab(name, label, reverse(f"campaign-{name}", args=[campaign.key])) for name, label in places
    ]


@register.simple_tag
@lru_cache(maxsize=256)
def verdict(value: str, words: str, *, bare: bool = False) -> SafeString:
    """Draw a verdict: its mark, and its word, which `bare` keeps from the eye only; each is drawn once."""
    return mark_safe(  # noqa: S308  # a template that escapes its values
        render_to_string("acceptance/_verdict.html", {"verdict": value, "words": words, "bare": bare}).strip()
    )


class CampaignAround:
    """What the page of a campaign shows of its plan and its people."""

    def __init__(self, campaign: Campaign, reader: Any) -> None:
        self.campaign, self.reader = campaign, reader

    @cached_property
    def products(self) -> list[tuple[Any, User | None]]:
        """The products with whoever answers for each now, and whether they have approved."""
        rows = list(self.campaign.concerned.all().with_owner())
        owners = User.objects.in_bulk([row.answering for row in rows if row.answering])
        return [(row, owners.get(row.answering)) for row in rows]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases, environments and testers there are."""
        return Campaign.objects.filter(pk=self.campaign.pk).aggregate(
            cases=Count("pins", distinct=True),
            critical=Count("pins", distinct=True, filter=Q(pins__version__priority="critical")),
            environments=Count("environments", distinct=True),
        )

    @cached_property
    def environments(self) -> list[Any]:
        """Where the cases are run."""
        return list(self.campaign.environments.all())

    @cached_property
    def criteria(self) -> list[Line]:
        """The criteria of the end at which the campaign stands, as they are now."""
        stage = Stage.ENTRY if self.campaign.state in {"draft", "planned", "ready"} else Stage.EXIT
        return lines(self.campaign, list(self.campaign.criteria.filter(stage=stage)))

    @property
    def shows_criteria(self) -> bool:
        """Entry criteria are no secret; how the results stand is told to those who may read them."""
        is_planned = self.campaign.state in {"draft", "planned", "ready"}
        return is_planned or (self.reader.is_authenticated and may_read_results(self.reader, self.campaign))

    @cached_property
    def sees_testers(self) -> bool:
        """Whether the reader may know who tests."""
        return self.reader.is_authenticated and may_see_testers(self.reader, self.campaign)

    @cached_property
    def testers(self) -> dict[str, int]:
        """How many testers stand where."""
        rows = self.campaign.testers.values_list("state").annotate(count=Count("pk")).order_by()
        return {str(Tester.State(state).label): count for state, count in rows}

    @cached_property
    def mine(self) -> Tester | None:
        """The reader's own part in it."""
        if not self.reader.is_authenticated:
            return None
        return self.campaign.testers.filter(person=self.reader).first()

    @property
    def volunteer_url(self) -> str:
        """Where the reader may offer to test."""
        wanted = self.campaign.state in {"recruiting", "running"} and self.mine is None
        return (
            reverse("volunteer", args=[self.campaign.key]) if wanted and self.reader.is_authenticated else ""
        )

    @property
    def may_plan(self) -> bool:
        """Whether the reader makes the plan."""
        return self.reader.is_authenticated and runs_it.test(self.reader, self.campaign)


@register.simple_tag
def campaign_around(campaign: Campaign, reader: Any) -> CampaignAround:
    """Return what the page of a campaign shows of its plan and its people."""
    return CampaignAround(campaign, reader)


@dataclass(frozen=True)
class CaseAround:
    """What the page of a case shows beside it."""

    versions: Sequence[CaseVersion]
    pins: Sequence[PinnedCase]


@register.simple_tag
def case_around(case: TestCase, reader: Any) -> CaseAround:
    """Return the versions of a case and the campaigns that run it, as far as the reader may know of them."""
    versions = list(case.versions.select_related("author", "case").order_by("-number")[:MOST_SHOWN])
    seen = Campaign.objects.visible_to(reader)
    pins = case.pins.filter(campaign__in=seen).select_related("campaign", "version").order_by("-campaign")
    return CaseAround(versions, list(pins[:MOST_SHOWN]))
