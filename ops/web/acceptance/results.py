"""The results of a campaign as a list, and the files of outside automation that become some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ops.acceptance.automation import keep_file
from ops.acceptance.models import Campaign, Execution, SentFile
from ops.acceptance.reading import may_read_results
from ops.acceptance.results import refuse_unless_running, refuse_unless_taking_part, takes_part
from ops.acceptance.works import RECORD_FILE
from ops.jobs.models import Job
from ops.jobs.selectors import latest
from ops.jobs.services import start
from ops.tabular.numbers import whole_number
from ops.web.acceptance.finding import campaign_for
from ops.web.doors import SignedInRequest, signed_in
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.queue.filters import Chip
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import is_text

PAGE = 50
# What the address may ask for, and the field that answers it.
FILTERS: Mapping[str, str] = {
    "state": "state",
    "case": "case_version__case__identifier",
    "tester": "tester__username",
}


class Results:
    """The attempts of a campaign that the reader may see, the newest first."""

    def __init__(self, request: SignedInRequest, campaign: Campaign) -> None:
        self.request, self.reader, self.campaign = request, request.user, campaign

    @cached_property
    def asked(self) -> dict[str, str]:
        """What the address asks for: an outcome, a case, a tester; what cannot be asked is not heard."""
        given = {name: self.request.GET.get(name, "") for name in FILTERS}
        if given["state"] not in dict(self.states):
            given["state"] = ""
        return {name: words for name, words in given.items() if words and is_text(words)}

    def _at(self, **asked: str) -> str:
        query = urlencode({name: words for name, words in asked.items() if words})
        return f"{reverse('campaign-results', args=[self.campaign.key])}{'?' if query else ''}{query}"

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """Every outcome with its address, and whether it is the one that is shown; what else is asked for stays."""
        now = self.asked.get("state", "")
        return [
            (words, self._at(**{**self.asked, "state": state}), state == now)
            for state, words in [("", "All"), *self.states]
        ]

    @property
    def chips(self) -> list[Chip]:
        """The case and the tester that are asked for, each with the way to do without."""
        return [
            Chip(name.capitalize(), self._name_of(words) if name == "tester" else words, self._without(name))
            for name, words in self.asked.items()
            if name != "state"
        ]

    def _name_of(self, username: str) -> str:
        return next((row.tester.name for row in self.rows), username)

    def _without(self, name: str) -> str:
        return self._at(**{**self.asked, name: ""})

    @cached_property
    def _seen(self) -> QuerySet[Execution]:
        rows: QuerySet[Execution] = Execution.objects.visible_to(self.request.user)
        return rows.filter(campaign=self.campaign)

    @cached_property
    def _found(self) -> list[Execution]:
        rows = self._seen.filter(**{FILTERS[name]: words for name, words in self.asked.items()})
        before = whole_number(self.request.GET.get("before", ""))
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return list(rows.select_related(*Execution.lock_related).order_by("-pk")[: PAGE + 1])

    @property
    def rows(self) -> list[Execution]:
        """A page of them."""
        return self._found[:PAGE]

    @property
    def older(self) -> str:
        """The address of the page after this one; empty on the last."""
        if len(self._found) <= PAGE:
            return ""
        return self._at(**self.asked, before=str(self.rows[-1].pk))

    @property
    def states(self) -> list[tuple[str, str]]:
        """What can be asked for."""
        return [(state.value, str(state.label)) for state in Execution.State]

    @property
    def takes_files(self) -> bool:
        """Whether results of the reader are taken now."""
        return self.is_open and takes_part(self.campaign, self.reader)

    @property
    def is_open(self) -> bool:
        """Whether results are taken now."""
        return bool(self.campaign.state == Campaign.State.RUNNING)

    @cached_property
    def file(self) -> SentFile | None:
        """The file that was sent, when the page is asked what became of it."""
        number = whole_number(self.request.GET.get("file", ""))
        found = self.campaign.sent_files.filter(pk=number or 0).first()
        reads = found and (
            found.sent_by_id == self.request.user.pk or may_read_results(self.request.user, self.campaign)
        )
        return found if reads else None

    @cached_property
    def job(self) -> Job | None:
        """How far the reading of the file is."""
        return latest(RECORD_FILE, self.file) if self.file else None


@signed_in
@require_safe
def results(request: SignedInRequest, key: str) -> HttpResponse:
    """List the attempts."""
    campaign = campaign_for(request, key)
    context = {"results": Results(request, campaign), "campaign": campaign}
    return render(request, "acceptance/results.html", context)


class FileForm(forms.Form):
    """A JUnit file and where its tests were run."""

    environment = forms.ChoiceField(help_text="Where the tests were run.")
    file = forms.FileField(
        label="JUnit file", help_text="XML. A testcase names its case in a property “case”, or in its name."
    )

    def __init__(self, *args: Any, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        names = campaign.environments.values_list("name", flat=True)
        self.fields["environment"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def refused(self, problems: Mapping[str, Sequence[str]]) -> Self:
        """Show what the services said of this input, beside its fields."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        for name, sentences in problems.items():
            self.add_error(name if name in self.fields else None, list(sentences))
        return self


class UploadFile(DeskForm):
    """A file of outside automation, sent to become results."""

    page_template = "acceptance/upload.html"

    @property
    def campaign(self) -> Campaign:
        """The campaign."""
        return campaign_for(self.request, self.kwargs["key"])

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form for whoever may send results now."""
        refuse_unless_running(self.campaign)
        refuse_unless_taking_part(self.campaign, request.user)
        return self.draw()

    def carry_out(self) -> SentFile:
        """Keep it and have it read."""
        upload = self.request.FILES.get("file")
        if upload is None:
            raise InvalidInput("Please choose a file.", fields={"file": ["Choose a file."]})
        environment = self.request.POST.get("environment", "")
        kept = keep_file(self.campaign, actor=self.request.user, upload=upload, environment=environment)
        start(RECORD_FILE, actor=self.request.user, about=kept, data={"environment": environment})
        return kept

    def answer(self, done: SentFile) -> HttpResponse:
        """Show what becomes of it."""
        toasts.say(self.request, f"{done.name} is being read.")
        return redirect(done)

    def context(self) -> dict[str, Any]:
        """The form."""
        form = FileForm(self.typed, campaign=self.campaign)
        if self.refusal and self.refusal.fields:
            form.refused(self.refusal.fields)
        return {
            "heading": "Results from a JUnit file",
            "help": "Each case that the file names becomes an attempt of yours.",
            "form": form,
            "action": reverse("upload-results", args=[self.campaign.key]),
            "send": "Send it",
            "back": reverse("campaign-results", args=[self.campaign.key]),
            "can_send": True,
            "campaign": self.campaign,
        }
