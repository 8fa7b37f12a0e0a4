"""The library of test cases: found, compared, put into campaigns, brought in and taken out as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ops.acceptance.case_files import FORMATS
from ops.acceptance.case_import import IMPORT_FILE, CaseFileForm, Imported, bring_in
from ops.acceptance.library import FILTERS, found_cases
from ops.acceptance.models import SentFile, TestCase
from ops.acceptance.planning import pin_cases
from ops.acceptance.rules import is_coordinator
from ops.jobs.selectors import latest
from ops.people.authority import is_staff
from ops.tabular.numbers import whole_number
from ops.web.acceptance.cases_page import Comparison, Done, Library
from ops.web.acceptance.finding import campaign_for
from ops.web.doors import SignedInRequest, only_for, signed_in
from ops.web.finding import record_for
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.workflow.errors import InvalidInput, NotFound

KIND = TestCase.workflow.kind
for_writers = only_for(is_staff | is_coordinator, "bring in test cases")


@signed_in
@require_safe
def library(request: SignedInRequest) -> HttpResponse:
    """List the cases; the address says which."""
    return render(request, "acceptance/library.html", {"library": Library(request)})


@signed_in
@require_safe
def version(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """Show a version as it was frozen."""
    case = record_for(request, KIND, pk)
    found = case.versions.filter(number=number).select_related("author", "case").first()
    if found is None:
        raise NotFound(f"{case.identifier} has no version {number}.")
    return render(request, "acceptance/case_version.html", {"case": case, "version": found})


@signed_in
@require_safe
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what one version changed against another."""
    case = record_for(request, KIND, pk)
    page = Comparison(case, request.GET.get("from", ""), request.GET.get("to", ""))
    return render(request, "acceptance/compare.html", {"page": page, "case": case})


@signed_in
@require_POST
def add_to_campaign(request: SignedInRequest) -> HttpResponse:
    """Let a campaign run the chosen cases, or all that the filters show."""
    key = request.POST.get("campaign", "")
    if not key:
        raise InvalidInput("Choose a campaign.", fields={"campaign": ["Choose a campaign."]})
    campaign = campaign_for(request, key)
    wanted = _wanted(request.POST)
    cases = list(found_cases(wanted, request.user)) if "all" in request.POST else _chosen(request)
    count = pin_cases(campaign, actor=request.user, cases=cases)
    words = (
        f"{count} case{'' if count == 1 else 's'} added to {campaign.key}." if count else "They were there."
    )
    toasts.say(request, words)
    return redirect("campaign-plan", campaign.key)


def _wanted(posted: QueryDict) -> dict[str, str]:
    return {name: str(posted[name]) for name in FILTERS if posted.get(name)}


def _chosen(request: SignedInRequest) -> list[TestCase]:
    numbers = [whole_number(number) for number in request.POST.getlist("case")[:1_000]]
    cases = list(TestCase.objects.visible_to(request.user).filter(pk__in=numbers))
    if not cases:
        raise InvalidInput("Choose at least one case.", fields={"case": ["Choose at least one case."]})
    return cases


@signed_in
@require_safe
def export(request: SignedInRequest, ending: str) -> HttpResponse:
    """Give out the cases that the address shows, in the form that the import reads."""
    wanted = {name: value for name, value in request.GET.dict().items() if name in FILTERS}
    written = FORMATS[ending].write(found_cases(wanted, request.user))
    response = HttpResponse(written, content_type=FORMATS[ending].content_type)
    name = f"test-cases-{timezone.localtime():%Y-%m-%d}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class BringIn(DeskForm):
    """A file of cases, read and taken in; what could not be read is named, line by line."""

    page_template = "acceptance/import.html"

    @classmethod
    def as_view(cls, **options: Any) -> Any:
        """Only those who write cases bring some in."""
        return for_writers(super().as_view(**options))

    def carry_out(self) -> Any:
        """Read it, or have it read."""
        return bring_in(self.request.FILES.get("file"), actor=self.request.user)

    def answer(self, done: Any) -> HttpResponse:
        """Say what became of every row, or lead to the page that will."""
        if not isinstance(done, Imported):
            kept, _ = done
            toasts.say(self.request, f"{kept.name} is being read.")
            return redirect(kept)
        status = 200 if done.is_whole else 207
        return render(self.request, "acceptance/imported.html", {"done": Done(done.as_dict())}, status=status)

    def context(self) -> dict[str, Any]:
        """The form."""
        form = CaseFileForm()
        if self.refusal is not None and self.refusal.fields:
            form = CaseFileForm(self.typed, self.request.FILES)
            form.is_valid()
            for name, sentences in self.refusal.fields.items():
                if name not in form.errors:
                    form.add_error(name, list(sentences))
        return {
            "heading": "Bring in test cases",
            "help": "A CSV or YAML file as the export writes it. Brought in again, it changes only what differs.",
            "form": form,
            "action": reverse("import-cases"),
            "send": "Bring them in",
            "back": reverse("list-case"),
            "can_send": True,
        }


@for_writers
@require_safe
def imported(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show how far the reading of a large file is, and then what became of it."""
    kept = SentFile.objects.filter(pk=pk, campaign=None).first()
    if kept is None:
        raise NotFound
    job = latest(IMPORT_FILE, kept)
    done = Done(job.result) if job is not None and job.result else None
    return render(request, "acceptance/imported.html", {"file": kept, "job": job, "done": done})
