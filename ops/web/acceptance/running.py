"""Doing a test: its page, what is saved on the way, the files that show it, the issues that come of it."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST, require_safe

from ops.acceptance.defects import ISSUE, may_report, proposed_issue, report_issue
from ops.acceptance.models import Evidence, Execution
from ops.acceptance.recording import SavedMeanwhile, keep_evidence, save_step, seen_as
from ops.acceptance.repeating import try_again
from ops.tickets.files import opened
from ops.tickets.models import Ticket
from ops.web.acceptance.run_page import BAD, Run, my_tests
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.finding import record_for
from ops.web.forms import declared
from ops.web.forms.desk_form import RecordForm
from ops.web.frame import dates, toasts
from ops.workflow import registry
from ops.workflow.errors import InvalidInput, NotAllowed, NotFound, Refusal
from ops.workflow.forms import DeclaredForm

KIND = Execution.workflow.kind
ASKED = ("title", "description", "component", "importance", "urgency", "visibility")


@signed_in
@require_safe
def tests(request: SignedInRequest) -> HttpResponse:
    """List the tests that the reader still has to run."""
    return render(request, "acceptance/tests.html", {"tests": my_tests(request.user)})


@signed_in
@require_safe
def run(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a test where it was left."""
    return render(request, "acceptance/run.html", {"run": Run(request, record_for(request, KIND, pk))})


@signed_in
@require_safe
def endings(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what may come out of a test, as things stand now."""
    return render(request, "acceptance/_run_end.html", {"run": Run(request, record_for(request, KIND, pk))})


@signed_in
@require_POST
def save(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Keep how a step went: for the script as JSON, for a browser without it by leading back."""
    execution = record_for(request, KIND, pk)
    try:
        result = save_step(
            execution,
            number,
            actor=request.user,
            outcome=request.POST.get("outcome", ""),
            actual=request.POST.get("actual", "").replace("\r\n", "\n"),
            seen=request.POST.get("seen", ""),
        )
        for upload in request.FILES.getlist("files"):
            keep_evidence(execution, actor=request.user, upload=upload, number=number)
    except Refusal as refusal:
        if not _wants_json(request):
            raise
        return _refused(refusal)
    if not _wants_json(request):
        toasts.say(request, f"Step {number} is saved.")
        return redirect(f"{reverse('run', args=[pk])}#step-{number}")
    return JsonResponse(
        {
            "seen": seen_as(result),
            "words": f"Saved {dates.spoken(result.updated_at)}",
            "outcome": result.outcome,
            "is_bad": result.outcome in BAD,
        }
    )


@signed_in
@require_POST
def evidence(request: SignedInRequest, pk: int, number: int) -> JsonResponse:
    """Keep one file that shows what happened at a step."""
    execution = record_for(request, KIND, pk)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InvalidInput("Send a file.", fields={"file": ["Send a file."]})
        kept = keep_evidence(execution, actor=request.user, upload=upload, number=number)
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse({"name": kept.name, "url": kept.get_absolute_url(), "is_image": kept.is_image})


@require_safe
def evidence_file(request: PageRequest, pk: int) -> FileResponse:
    """Give out a file: a picture to be drawn, anything else as a download that no browser opens or runs."""
    seen = Execution.objects.visible_to(request.user)
    found = Evidence.objects.filter(pk=pk, execution__in=seen).first()
    if found is None:
        raise NotFound
    response = FileResponse(
        opened(found.file),
        as_attachment=not found.is_image,
        filename=found.name,
        content_type=found.content_type,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    add_never_cache_headers(response)
    return response


@signed_in
@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a test tried again, and lead to the new attempt."""
    repeated = try_again(record_for(request, KIND, pk), actor=request.user)
    toasts.say(request, f"Attempt {repeated.number} waits for {repeated.tester.name}.")
    return redirect(repeated)


class ReportStep(RecordForm):
    """A failed step as an issue: everything is filled in, and can be changed before it is sent."""

    record: Execution

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who may."""
        if not may_report.test(request.user, self.record):
            raise NotAllowed("Only the tester and the coordinator may say which issue a test has found.")
        return self.draw()

    @property
    def number(self) -> int:
        """The step."""
        return int(self.kwargs["number"])

    @property
    def draft_key(self) -> str:
        """What is changed is kept."""
        return f"report-step:{self.record.pk}:{self.number}"

    def carry_out(self) -> Ticket:
        """Report it."""
        data = declared.read(self._drawn(), self.request.POST)
        return report_issue(self.record, actor=self.request.user, number=self.number, data=data)

    def answer(self, done: Ticket) -> HttpResponse:
        """Go back to the step, which now names the issue."""
        toasts.say(self.request, f"{done.key} is reported, and linked to {self.record.campaign.key}.")
        response = HttpResponse(status=204) if self.request.htmx else redirect("run", pk=self.record.pk)
        if self.request.htmx:
            response.headers["HX-Redirect"] = f"{reverse('run', args=[self.record.pk])}#step-{self.number}"
            response.headers["HX-Refresh"] = "true"
        return response

    def _drawn(self) -> DeclaredForm:
        proposed = proposed_issue(self.record, self.number)
        return declared.drawn(
            registry.model_of(ISSUE)(),
            asks=("title",),
            offers=ASKED[1:],
            actor=self.request.user,
            typed=self.typed,
            initial={**proposed, **self.kept.fields},
        )

    def context(self) -> dict[str, Any]:
        """The form."""
        return {
            **super().context(),
            "heading": f"Step {self.number} as an issue",
            "help": f"It is linked to {self.record.campaign.key}, and its files go along.",
            "form": self.with_refusal(self._drawn()),
            "action": reverse("report-step", args=[self.record.pk, self.number]),
            "send": "Report it",
            "back": f"{reverse('run', args=[self.record.pk])}#step-{self.number}",
        }


def _wants_json(request: SignedInRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _refused(refusal: Refusal) -> JsonResponse:
    body = refusal.as_dict()
    if isinstance(refusal, SavedMeanwhile):
        theirs = refusal.theirs
        words = f"{theirs.get_outcome_display() or 'No outcome'}. {theirs.actual}".strip()
        body["theirs"] = {
            "outcome": theirs.outcome, "is_bad": theirs.outcome in BAD, "actual": theirs.actual,
            "seen": seen_as(theirs), "words": words,
        }  # fmt: skip
    return JsonResponse(body, status=refusal.status)
