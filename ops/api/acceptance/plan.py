"""What the API says of the plan of a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.criteria import lines
from ops.acceptance.models import Campaign, Environment, PinnedCase, TestCase
from ops.acceptance.order import each_in_order
from ops.acceptance.plan_forms import CriterionForm, EnvironmentForm, EvidenceForm, WaiverForm
from ops.acceptance.planning import (
    add_environment,
    change_environment,
    pin_cases,
    remove_environment,
    unpin_case,
)
from ops.acceptance.reading import may_read_report
from ops.acceptance.settling import (
    add_criterion,
    add_usual_criteria,
    remove_criterion,
    reopen_criterion,
    tick_criterion,
    waive_criterion,
)
from ops.api.openapi import described
from ops.api.schemas import NUMBER, TEXT, TEXT_OR_NULL, Schema, object_with, results_of
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.workflow.errors import InvalidInput, NotFound
from ops.workflow.forms import is_text

KEY: Schema = {"type": "string", "description": "The key of the campaign, such as UAT-3."}
IDENTIFIERS: Schema = {"type": "array", "items": TEXT, "maxItems": 1_000}


ENVIRONMENT = object_with(
    id=NUMBER, name=TEXT, software_version=TEXT, data_release=TEXT, browser=TEXT, url=TEXT
)
PINNED = object_with(id=NUMBER, case=TEXT, version=NUMBER, title=TEXT, priority=TEXT, maturity=TEXT)
CRITERION = object_with(
    id=NUMBER,
    stage=TEXT,
    rule=TEXT,
    sentence=TEXT,
    is_met={"type": ["boolean", "null"], "description": "Null for whoever may not read the results yet."},
    words=TEXT_OR_NULL,
    waived_because=TEXT,
)
EVIDENCE: Fields = EvidenceForm.base_fields
WAIVER: Fields = WaiverForm.base_fields


class OfCampaign(Door):
    """What lies below one campaign."""

    path_parameters = {"key": KEY}
    told_with: ClassVar[tuple[str, ...]] = ("assignee", "previous", "reporter")

    def campaign(self) -> Campaign:
        """Return the campaign that the address names; raises `NotFound` also where the reader may not see it."""
        rows = Campaign.objects.visible_to(self.reader).select_related(*self.told_with)
        found: Campaign | None = rows.filter(key=self.kwargs["key"].upper()).first()
        if found is None:
            raise NotFound
        return found


class OfOne(OfCampaign):
    """What lies below one row of a campaign."""

    path_parameters = {"key": KEY, "id": NUMBER}

    def row(self, rows: Any) -> Any:
        """Return the row that the address names; raises `NotFound`."""
        found = rows.filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found


class Environments(OfOne):
    """Where the cases of a campaign are run."""

    @described(results_of(ENVIRONMENT))
    def list(self, request: Request, **names: Any) -> Response:
        """List the environments."""
        return Response({"results": [_environment(row) for row in self.campaign().environments.all()]})

    @described(ENVIRONMENT, status=201, takes=object_of(EnvironmentForm.base_fields, ["name"]))
    def add(self, request: Request, **names: Any) -> Response:
        """Name another, while the campaign is planned."""
        data = read(request.data, EnvironmentForm.base_fields)
        made = add_environment(self.campaign(), actor=self.actor, data=data)
        return Response(_environment(made), status=201)

    @described(ENVIRONMENT, takes=object_of(EnvironmentForm.base_fields, []))
    def change(self, request: Request, **names: Any) -> Response:
        """Say one better, while the campaign is planned; what is left out stays."""
        row = self.row(self.campaign().environments.select_related("campaign"))
        kept = {name: getattr(row, name) for name in EnvironmentForm.base_fields}
        data = kept | read(request.data, EnvironmentForm.base_fields)
        return Response(_environment(change_environment(row, actor=self.actor, data=data)))

    @described(None, status=204)
    def remove(self, request: Request, **names: Any) -> Response:
        """Take one out of the plan."""
        remove_environment(self.row(self.campaign().environments), actor=self.actor)
        return Response(status=204)


class PinnedCases(OfOne):
    """What a campaign runs."""

    @described(results_of(PINNED))
    def list(self, request: Request, **names: Any) -> Response:
        """List the pinned versions by identifier."""
        return Response({"results": [_pinned(pin) for pin in _pins(self.campaign())]})

    @described(results_of(PINNED), takes=object_with(cases=IDENTIFIERS))
    def pin(self, request: Request, **names: Any) -> Response:
        """Run the latest version of these cases, while the campaign is planned."""
        campaign = self.campaign()
        pin_cases(campaign, actor=self.actor, cases=self._named(request.data))
        return Response({"results": [_pinned(pin) for pin in _pins(campaign)]})

    def _named(self, body: Any) -> Sequence[TestCase]:
        given = body.get("cases") if isinstance(body, dict) and set(body) == {"cases"} else None
        names = given if isinstance(given, list) else []
        if not names or not all(isinstance(name, str) for name in names) or not is_text(*names):
            sentence = "Give a list of identifiers, such as RSP-PORTAL-12."
            raise InvalidInput("Please correct cases.", fields={"cases": [sentence]})
        cases = TestCase.objects.visible_to(self.reader).filter(identifier__in=names)
        if missing := each_in_order(set(names) - {case.identifier for case in cases}):
            sentence = f"There is no case {', '.join(missing[:10])}."
            raise InvalidInput("Please correct cases.", fields={"cases": [sentence]})
        return list(cases)

    @described(None, status=204)
    def unpin(self, request: Request, **names: Any) -> Response:
        """Take one out of the plan."""
        unpin_case(self.row(_pins(self.campaign())), actor=self.actor)
        return Response(status=204)


class Criteria(OfOne):
    """What must hold before the tests and for their results to be accepted."""

    @described(results_of(CRITERION))
    def list(self, request: Request, **names: Any) -> Response:
        """List the criteria, and how they stand now for those who may read the results."""
        campaign = self.campaign()
        return Response({"results": self._told(campaign, list(campaign.criteria.all()))})

    @described(CRITERION, status=201, takes=object_of(CriterionForm.base_fields, ["stage"]))
    def add(self, request: Request, **names: Any) -> Response:
        """Name another, while the campaign is planned."""
        campaign = self.campaign()
        data = {k: v for k, v in read(request.data, CriterionForm.base_fields).items() if v is not None}
        made = add_criterion(campaign, actor=self.actor, data=data)
        return Response(self._told(campaign, [made])[0], status=201)

    @described(CRITERION, takes=object_of(EVIDENCE, ["evidence"]))
    def tick(self, request: Request, **names: Any) -> Response:
        """Say what shows that one is met that the desk cannot compute."""
        campaign = self.campaign()
        row = self.row(campaign.criteria.select_related("campaign"))
        row = tick_criterion(row, actor=self.actor, data=read(request.data, EVIDENCE))
        return Response(self._told(campaign, [row])[0])

    @described(CRITERION, takes=object_of(WAIVER, ["waived_because"]))
    def waive(self, request: Request, **names: Any) -> Response:
        """Go on without one, and say why."""
        campaign = self.campaign()
        row = self.row(campaign.criteria.select_related("campaign"))
        row = waive_criterion(row, actor=self.actor, data=read(request.data, WAIVER))
        return Response(self._told(campaign, [row])[0])

    @described(CRITERION)
    def reopen(self, request: Request, **names: Any) -> Response:
        """Take back a tick or a waiver."""
        campaign = self.campaign()
        row = reopen_criterion(self.row(campaign.criteria.select_related("campaign")), actor=self.actor)
        return Response(self._told(campaign, [row])[0])

    @described(results_of(CRITERION))
    def usual(self, request: Request, **names: Any) -> Response:
        """Add every criterion that the desk computes and that the plan has not named."""
        campaign = self.campaign()
        add_usual_criteria(campaign, actor=self.actor)
        return Response({"results": self._told(campaign, list(campaign.criteria.all()))})

    @described(None, status=204)
    def remove(self, request: Request, **names: Any) -> Response:
        """Take one out of the plan."""
        remove_criterion(self.row(self.campaign().criteria), actor=self.actor)
        return Response(status=204)

    def _told(self, campaign: Campaign, rows: Sequence[Any]) -> Sequence[dict[str, Any]]:
        is_open = campaign.is_being_planned or may_read_report(self.reader, campaign)
        return [
            {
                "id": line.criterion.pk,
                "stage": line.criterion.stage,
                "rule": line.criterion.rule,
                "sentence": line.criterion.sentence,
                "is_met": line.is_met if is_open else None,
                "words": line.words if is_open else None,
                "waived_because": line.criterion.waived_because,
            }
            for line in lines(campaign, rows)
        ]


def _environment(row: Environment) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in EnvironmentForm.base_fields}}


def _pins(campaign: Campaign) -> Any:
    return PinnedCase.objects.filter(campaign=campaign).select_related("campaign", "case", "version__case")


def _pinned(pin: PinnedCase) -> dict[str, Any]:
    return {
        "id": pin.pk,
        "case": pin.case.identifier,
        "version": pin.version.number,
        "title": pin.version.title,
        "priority": pin.version.priority,
        "maturity": pin.version.maturity,
    }


def at(address: str, name: str, viewset: type[Door], actions: dict[str, Any]) -> URLPattern:
    return path(f"campaigns/<slug:key>/{address}", viewset.as_view(actions, basename="campaign"), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    at("environments/", "campaign-environments", Environments, {"get": "list", "post": "add"}),
    at(
        "environments/<int:id>/",
        "campaign-environment",
        Environments,
        {"patch": "change", "delete": "remove"},
    ),
    at("cases/", "campaign-cases", PinnedCases, {"get": "list", "post": "pin"}),
    at("cases/<int:id>/", "campaign-case", PinnedCases, {"delete": "unpin"}),
    at("criteria/", "campaign-criteria", Criteria, {"get": "list", "post": "add"}),
    at("criteria/usual/", "campaign-criteria-usual", Criteria, {"post": "usual"}),
    at("criteria/<int:id>/reopen/", "campaign-criterion-reopen", Criteria, {"post": "reopen"}),
    at("criteria/<int:id>/", "campaign-criterion", Criteria, {"delete": "remove"}),
    at("criteria/<int:id>/tick/", "campaign-criterion-tick", Criteria, {"post": "tick"}),
    at("criteria/<int:id>/waive/", "campaign-criterion-waive", Criteria, {"post": "waive"}),
]
