"""What the API says of the plan of a campaign, of its testers, and of whole files of test cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.assignment import Proposal
from ops.acceptance.case_import import import_cases
from ops.acceptance.criteria import lines
from ops.acceptance.handing_out import hand_out, proposal_for
from ops.acceptance.models import Campaign, Environment, PinnedCase, TestCase
from ops.acceptance.plan_forms import CriterionForm, EnvironmentForm, EvidenceForm, WaiverForm
from ops.acceptance.planning import add_environment, pin_cases, remove_environment, unpin_case
from ops.acceptance.reading import may_read_results
from ops.acceptance.recruiting import ask
from ops.acceptance.settling import add_criterion, remove_criterion, tick_criterion, waive_criterion
from ops.acceptance.templatetags.acceptance import sees_testers
from ops.api.columns import TEXT, TEXT_OR_NULL
from ops.api.openapi import UPLOAD, described
from ops.api.parsers import UploadParser
from ops.api.shapes import Fields, Schema, object_of, read
from ops.api.viewsets.door import Door
from ops.people.models import User
from ops.workflow.errors import InvalidInput, NotAllowed, NotFound
from ops.workflow.forms import is_text

KEY: Schema = {"type": "string", "description": "The key of the campaign, such as UAT-3."}
NUMBER: Schema = {"type": "integer"}
IDENTIFIERS: Schema = {"type": "array", "items": TEXT, "maxItems": 1_000}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: Schema) -> Schema:
    return _object(results={"type": "array", "items": item})


ENVIRONMENT = _object(id=NUMBER, name=TEXT, software_version=TEXT, data_release=TEXT, browser=TEXT, url=TEXT)
PINNED = _object(id=NUMBER, case=TEXT, version=NUMBER, title=TEXT, priority=TEXT, maturity=TEXT)
CRITERION = _object(
    id=NUMBER,
    stage=TEXT,
    rule=TEXT,
    sentence=TEXT,
    is_met={"type": ["boolean", "null"], "description": "Null for whoever may not read the results yet."},
    words=TEXT_OR_NULL,
    waived_because=TEXT,
)
PROPOSED = _object(
    given={"type": "array", "items": _object(case=TEXT, environment=TEXT, tester=TEXT, why=TEXT)},
    shortfalls={"type": "array", "items": _object(test=TEXT, missing=NUMBER, why=TEXT)},
)
IMPORTED = _object(
    new=IDENTIFIERS,
    changed=IDENTIFIERS,
    same=IDENTIFIERS,
    problems={"type": "array", "items": _object(where=TEXT, case=TEXT, reason=TEXT)},
)
FILE: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}
EVIDENCE: Fields = EvidenceForm.base_fields
WAIVER: Fields = WaiverForm.base_fields
PEOPLE: Fields = {"people": forms.CharField(max_length=10_000, help_text="Usernames, with spaces or commas.")}


class OfCampaign(Door):
    """What lies below one campaign."""

    path_parameters = {"key": KEY}

    def campaign(self) -> Campaign:
        """Return the campaign that the address names; raises `NotFound` also where the reader may not see it."""
        rows = Campaign.objects.visible_to(self.reader).select_related("assignee", "previous", "reporter")
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

    @described(_list(ENVIRONMENT))
    def list(self, request: Request, **names: Any) -> Response:
        """List the environments."""
        return Response({"results": [_environment(row) for row in self.campaign().environments.all()]})

    @described(ENVIRONMENT, status=201, takes=object_of(EnvironmentForm.base_fields, ["name"]))
    def add(self, request: Request, **names: Any) -> Response:
        """Name another, while the campaign is planned."""
        data = read(request.data, EnvironmentForm.base_fields)
        made = add_environment(self.campaign(), actor=self.actor, data=data)
        return Response(_environment(made), status=201)

    @described(None, status=204)
    def remove(self, request: Request, **names: Any) -> Response:
        """Take one out of the plan."""
        remove_environment(self.row(self.campaign().environments), actor=self.actor)
        return Response(status=204)


class PinnedCases(OfOne):
    """What a campaign runs."""

    @described(_list(PINNED))
    def list(self, request: Request, **names: Any) -> Response:
        """List the pinned versions by identifier."""
        return Response({"results": [_pinned(pin) for pin in _pins(self.campaign())]})

    @described(_list(PINNED), takes=_object(cases=IDENTIFIERS))
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
        if missing := sorted(set(names) - {case.identifier for case in cases}):
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

    @described(_list(CRITERION))
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

    @described(None, status=204)
    def remove(self, request: Request, **names: Any) -> Response:
        """Take one out of the plan."""
        remove_criterion(self.row(self.campaign().criteria), actor=self.actor)
        return Response(status=204)

    def _told(self, campaign: Campaign, rows: Sequence[Any]) -> Sequence[dict[str, Any]]:
        is_open = campaign.is_being_planned or may_read_results(self.reader, campaign)
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


class Assignment(OfCampaign):
    """Who runs what."""

    @described(PROPOSED, refusals=(403,))
    def propose(self, request: Request, **names: Any) -> Response:
        """Read what would be given out now, and what no arrangement could meet; nothing is changed."""
        campaign = self.campaign()
        if not sees_testers(self.actor, campaign):
            raise NotAllowed("Only staff, coordinators and the product owners may see who tests.")
        return Response(_proposed(campaign, proposal_for(campaign)))

    @described(PROPOSED)
    def give_out(self, request: Request, **names: Any) -> Response:
        """Give out every test that is still needed, as far as there are testers."""
        campaign = self.campaign()
        return Response(_proposed(campaign, hand_out(campaign, actor=self.actor)))

    @described(
        _object(invited=IDENTIFIERS, known=IDENTIFIERS, beyond=IDENTIFIERS),
        takes=object_of(PEOPLE, ["people"]),
    )
    def ask(self, request: Request, **names: Any) -> Response:
        """Ask people whether they would test: one mail each, nobody twice, as many as there are places."""
        data = read(request.data, PEOPLE)
        asked = ask(self.campaign(), actor=self.actor, data=data)
        groups = {"invited": asked.invited, "known": asked.known, "beyond": asked.beyond}
        return Response({name: [person.username for person in people] for name, people in groups.items()})


class CaseFiles(Door):
    """Whole files of test cases."""

    @described(IMPORTED, takes=FILE, takes_as=UPLOAD)
    def bring_in(self, request: Request, **names: Any) -> Response:
        """Take in a CSV or YAML file; sent again, it changes nothing. What cannot be taken is named."""
        done = import_cases(request.FILES.get("file"), actor=self.actor)
        return Response(
            {
                **{
                    name: [case.identifier for case in getattr(done, name)]
                    for name in ("new", "changed", "same")
                },
                "problems": [
                    {"where": each.where, "case": each.identifier, "reason": each.reason}
                    for each in done.problems
                ],
            }
        )


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


def _proposed(campaign: Campaign, found: Proposal) -> dict[str, Any]:
    cases = dict(campaign.pins.values_list("version", "case__identifier"))
    environments = dict(campaign.environments.values_list("pk", "name"))
    people = User.objects.in_bulk([given.person for given in found.given])
    return {
        "given": [
            {
                "case": cases[given.case],
                "environment": environments[given.environment],
                "tester": people[given.person].username,
                "why": given.why,
            }
            for given in found.given
        ],
        "shortfalls": [
            {"test": short.words, "missing": short.missing, "why": short.why} for short in found.shortfalls
        ],
    }


def _at(address: str, name: str, viewset: type[Door], actions: dict[str, Any]) -> URLPattern:
    return path(f"campaigns/<slug:key>/{address}", viewset.as_view(actions, basename="campaign"), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "test-cases/import/",
        CaseFiles.as_view({"post": "bring_in"}, basename="case", parser_classes=[UploadParser]),
        name="case-import",
    ),
    _at("environments/", "campaign-environments", Environments, {"get": "list", "post": "add"}),
    _at("environments/<int:id>/", "campaign-environment", Environments, {"delete": "remove"}),
    _at("cases/", "campaign-cases", PinnedCases, {"get": "list", "post": "pin"}),
    _at("cases/<int:id>/", "campaign-case", PinnedCases, {"delete": "unpin"}),
    _at("criteria/", "campaign-criteria", Criteria, {"get": "list", "post": "add"}),
    _at("criteria/<int:id>/", "campaign-criterion", Criteria, {"delete": "remove"}),
    _at("criteria/<int:id>/tick/", "campaign-criterion-tick", Criteria, {"post": "tick"}),
    _at("criteria/<int:id>/waive/", "campaign-criterion-waive", Criteria, {"post": "waive"}),
    _at("testers/ask/", "campaign-ask", Assignment, {"post": "ask"}),
    _at("assignment/", "campaign-assignment", Assignment, {"get": "propose", "post": "give_out"}),
]
