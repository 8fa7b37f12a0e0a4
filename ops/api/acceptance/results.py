"""Results that come whole, and the report, at the door of the API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path, reverse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.automation import keep_file
from ops.acceptance.models import Execution, StepOutcome
from ops.acceptance.reading import refuse_unless_report_is_open
from ops.acceptance.reporting.document import ReportDocument
from ops.acceptance.results import ENDINGS, Result, StepSaid, record_result
from ops.acceptance.works import RECORD_FILE
from ops.api import pages
from ops.api.acceptance.plan import OfCampaign
from ops.api.columns import moment_text
from ops.api.openapi import UPLOAD, described, page_schema
from ops.api.parsers import UploadParser
from ops.api.schemas import MOMENT_OR_NULL, NUMBER, TEXT, Schema
from ops.api.shapes import Fields, as_object, object_of, read
from ops.api.viewsets.door import Door
from ops.jobs.services import start
from ops.tickets.fields import TicketsField
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import is_text

MOST_STEPS = 200
RESULT: Fields = {
    "case": forms.CharField(max_length=40, help_text="The identifier of the case, such as RSP-12."),
    "environment": forms.CharField(
        required=False,
        max_length=80,
        help_text="Its name in the campaign; may be left out where there is one only.",
    ),
    "outcome": forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ENDINGS],
        help_text="Left out, it follows from the steps.",
    ),
    "comment": forms.CharField(required=False, max_length=20_000, help_text="Markdown."),
    "remains": forms.CharField(required=False, max_length=5_000, help_text="Needed for `initial_pass`."),
    "blocker": forms.CharField(required=False, max_length=5_000, help_text="Needed for `blocked`."),
    "defects": TicketsField(),
    "reference": forms.CharField(
        required=False,
        max_length=200,
        help_text="Your own name of this result: sent again under the same name, it is not kept twice.",
    ),
}
STEP: Schema = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "outcome": {"type": "string", "enum": StepOutcome.values},
        "actual": {"type": "string", "maxLength": 20_000},
    },
    "required": ["number", "outcome"],
    "additionalProperties": False,
}
TOLD: Schema = {
    "type": "object",
    "properties": {
        "id": NUMBER,
        "case": TEXT,
        "version": NUMBER,
        "environment": TEXT,
        "tester": TEXT,
        "attempt": NUMBER,
        "state": TEXT,
        "ended_at": MOMENT_OR_NULL,
        "url": {**TEXT, "format": "uri"},
    },
    "required": ["id", "case", "version", "environment", "tester", "attempt", "state", "ended_at", "url"],
}
FILE: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}, "environment": TEXT},
    "required": ["file", "environment"],
}
REPORT: Schema = {
    "type": "object",
    "properties": {
        "campaign": TEXT,
        "state": TEXT,
        "digest": {**TEXT, "description": "SHA-256 of the content: what signatures are bound to."},
        "signatures": {"type": "array", "items": {"type": "object"}},
        "voided": {"type": "array", "items": {"type": "object"}},
        "content": {"type": "object", "description": "The sections of the report."},
    },
    "required": ["campaign", "state", "digest", "signatures", "voided", "content"],
}


def _result_schema() -> Schema:
    schema = object_of(RESULT, ["case"])
    steps: Schema = {
        "type": "array",
        "maxItems": MOST_STEPS,
        "items": STEP,
        "description": "Each step at most once.",
    }
    return {**schema, "properties": {**schema["properties"], "steps": steps}}


class Results(OfCampaign):
    """The results of a campaign."""

    told_with = ()

    @described(page_schema(TOLD), query=pages.PARAMETERS, refusals=(400,))
    def list(self, request: Request, **names: Any) -> Response:
        """List the attempts that you may see, the newest first."""
        pages.parameters(request, pages.PARAMETERS)
        rows = Execution.objects.visible_to(self.reader).filter(campaign=self.campaign())
        page = pages.page_of(request, rows.select_related(*Execution.lock_related), newest_first=True)
        return Response({"results": [told(each, request) for each in page.rows], "next": page.next})

    @described(TOLD, status=201, takes=_result_schema(), also={200: TOLD})
    def record(self, request: Request, **names: Any) -> Response:
        """Keep one result, with all of its steps, as an attempt of yours.

        It ends the test that was given to you for this case and environment, or is another attempt. What failed
        without naming an issue is noted with the open issue of the same step, else with a new one. A result that
        was sent before under the same `reference` is told again, with status 200.
        """
        execution, is_new = record_result(self.campaign(), _said(request.data), actor=self.actor)
        return Response(told(execution, request), status=201 if is_new else 200)


class ResultFiles(OfCampaign):
    """Files of results."""

    @described(
        {"type": "object", "properties": {"job": TEXT, "url": TEXT}}, status=202, takes=FILE, takes_as=UPLOAD
    )
    def upload(self, request: Request, **names: Any) -> Response:
        """Have a JUnit file read: every case that it names becomes an attempt of yours, in the background."""
        upload = request.FILES.get("file")
        if upload is None:
            raise InvalidInput(
                "Send the file as the part “file” of a form.", fields={"file": ["Send a file."]}
            )
        environment, campaign = request.POST.get("environment", ""), self.campaign()
        kept = keep_file(campaign, actor=self.actor, upload=upload, environment=environment)
        job = start(RECORD_FILE, actor=self.actor, about=kept, data={"environment": environment})
        page = request.build_absolute_uri(kept.get_absolute_url())
        return Response({"job": str(job.pk), "url": page}, status=202)


class PdfRenderer(BaseRenderer):
    """Lets those who ask for PDF ask for it; what is answered is made by the view."""

    media_type = "application/pdf"
    format = "pdf"

    def render(self, data: Any, accepted_media_type: str | None = None, context: Any = None) -> bytes:
        """A refusal is JSON, whatever was asked for."""
        rendered: bytes = JSONRenderer().render(data)
        return rendered


class Report(OfCampaign):
    """The report of a campaign."""

    renderer_classes = [JSONRenderer, PdfRenderer]

    @described(REPORT, refusals=(403,))
    def retrieve(self, request: Request, **names: Any) -> Response:
        """Read the report with the signatures under it, as values."""
        found = self._readable()
        return Response(
            {
                "campaign": found.campaign.key,
                "state": found.campaign.state,
                "digest": found.digest,
                "signatures": found.signatures,
                "voided": found.voided,
                "content": found.content,
            }
        )

    @described({"type": "string", "format": "binary"}, answers_as="application/pdf", refusals=(403,))
    def pdf(self, request: Request, **names: Any) -> HttpResponse:
        """Download the report as PDF."""
        found = self._readable()
        name = f"{found.campaign.key}-report.pdf"
        response = HttpResponse(found.as_pdf(), content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _readable(self) -> ReportDocument:
        campaign = self.campaign()
        refuse_unless_report_is_open(self.reader, campaign)
        return ReportDocument(campaign)


def _said(body: Any) -> Result:
    given = dict(as_object(body))
    steps = _steps(given.pop("steps", []))
    values = read(given, RESULT)
    problems = {}
    for name, field in RESULT.items():
        limit = getattr(field, "max_length", None)
        value = values.get(name)
        if isinstance(value, str) and limit and len(value) > limit:
            problems[name] = [f"Write at most {limit:,} characters."]
    if not values.get("case"):
        problems["case"] = ["Name the case."]
    if problems:
        raise InvalidInput(f"Please correct {', '.join(problems)}.", fields=problems)
    known = {name: value for name, value in values.items() if value is not None and name != "defects"}
    return Result(**known, defects=tuple(values.get("defects") or ()), steps=steps)


def _steps(given: Any) -> list[StepSaid]:
    if not isinstance(given, list) or len(given) > MOST_STEPS:
        sentence = f"Give a list of at most {MOST_STEPS} steps."
        raise InvalidInput(sentence, fields={"steps": [sentence]})
    return [_step(at, step) for at, step in enumerate(given)]


def _step(at: int, given: Any) -> StepSaid:
    known = STEP["properties"]
    if not isinstance(given, dict) or set(given) - set(known):
        sentence = f"A step has {', '.join(known)}, and nothing else."
        raise InvalidInput(sentence, fields={f"steps.{at}": [sentence]})
    number, outcome, actual = given.get("number"), given.get("outcome"), given.get("actual", "")
    if isinstance(number, bool) or not isinstance(number, int):
        raise _wrong(f"steps.{at}.number", "Give the number of the step.")
    if not isinstance(outcome, str) or outcome not in StepOutcome.values:
        raise _wrong(f"steps.{at}.outcome", f"Give one of {', '.join(StepOutcome.values)}.")
    if not isinstance(actual, str) or len(actual) > known["actual"]["maxLength"] or not is_text(actual):
        raise _wrong(f"steps.{at}.actual", "Give a text of at most 20,000 characters that can be stored.")
    return StepSaid(number, outcome, actual)


def _wrong(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={name: [sentence]})


def told(execution: Execution, request: Request) -> dict[str, Any]:
    """Return what the API tells of an attempt."""
    version = execution.case_version
    return {
        "id": execution.pk,
        "case": version.case.identifier,
        "version": version.number,
        "environment": execution.environment.name,
        "tester": execution.tester.username,
        "attempt": execution.number,
        "state": execution.state,
        "ended_at": moment_text(execution.ended_at),
        "url": request.build_absolute_uri(reverse("api:execution-one", args=[execution.pk])),
    }


def _at(address: str, name: str, viewset: type[Door], actions: dict[str, Any], **options: Any) -> URLPattern:
    return path(
        f"campaigns/<slug:key>/{address}", viewset.as_view(actions, basename="campaign", **options), name=name
    )


urlpatterns: list[URLPattern | URLResolver] = [
    _at("results/", "campaign-results", Results, {"get": "list", "post": "record"}),
    _at("results/junit/", "campaign-junit", ResultFiles, {"post": "upload"}, parser_classes=[UploadParser]),
    _at("report/", "campaign-report", Report, {"get": "retrieve"}),
    _at("report.pdf", "campaign-report-pdf", Report, {"get": "pdf"}),
]
