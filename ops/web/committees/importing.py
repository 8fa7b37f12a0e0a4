"""A list of recommendations uploaded: what it would change, then the change."""

from __future__ import annotations

import datetime
from base64 import b64decode, b64encode
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpResponse
from django.urls import reverse

from ops.committees.importing.bringing import Outcome, Settings, bring_in, may_import, tell
from ops.committees.importing.reading import LONGEST_LABEL, Reading, read
from ops.tabular.tolerant_csv import NoHeader
from ops.tickets.forms import cleaned
from ops.web.forms.desk_form import DeskForm
from ops.web.frame.answers import on_the_list
from ops.workflow.errors import InvalidInput, NotAllowed
from ops.workflow.words import who_may

SALT = "recommendations to import"
MOST_SHOWN, MOST_BYTES = 300, 4_000_000


class ListForm(forms.Form):
    """A file, and what it does not say itself."""

    file = forms.FileField(label="The list", help_text="A CSV file, however it is written.")
    report = forms.CharField(
        label="Review", required=False, max_length=LONGEST_LABEL, help_text="For records that name none."
    )
    as_of = forms.DateField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day that the list describes; else the day of its last line, else today.",
    )


class ImportList(DeskForm):
    """Upload, look at the differences, confirm."""

    page_template = "committees/import.html"
    part_template = "committees/import.html"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Let those in who keep the tracker."""
        if not may_import.test(request.user):
            raise NotAllowed(f"Only {who_may(may_import)} may import recommendations.")
        self.reading: Reading | None = None
        self.outcomes: list[Outcome] = []
        self.sealed = ""
        self.as_of: datetime.datetime | None = None
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: Any, **at: Any) -> HttpResponse:
        """Show first what the list would change; change it once that was confirmed."""
        if request.POST.get("sealed"):
            return super().post(request, **at)
        try:
            self._preview()
        except InvalidInput as refusal:
            return self.refused(refusal)
        return self.draw()

    def _preview(self) -> None:
        given = cleaned(ListForm(self.request.POST, self.request.FILES))
        if given["file"].size > MOST_BYTES:
            sentence = "A list has at most 4 MB here; longer ones are imported with manage.py."
            raise InvalidInput("Please correct the file.", fields={"file": [sentence]})
        data = given["file"].read()
        as_of = given["as_of"] and datetime.datetime.combine(given["as_of"], datetime.time(12), datetime.UTC)
        self.outcomes = self._bring(data, given["report"], as_of, dry_run=True)
        payload = [b64encode(data).decode(), given["report"], as_of.isoformat() if as_of else ""]
        # What is confirmed is what was shown: the browser carries the file back under a seal.
        self.sealed = signing.dumps(payload, salt=SALT, compress=True)

    def _bring(
        self, data: bytes, report: str, as_of: datetime.datetime | None, *, dry_run: bool
    ) -> list[Outcome]:
        try:
            self.reading = read(data, report=report)
        except NoHeader as problem:
            raise InvalidInput("Please correct the file.", fields={"file": [str(problem)]}) from None
        self.as_of = moment = as_of or self.reading.written_at
        return bring_in(self.reading.records, Settings(self.request.user, moment, dry_run=dry_run))

    def carry_out(self) -> list[Outcome]:
        """Bring in what was shown."""
        try:
            data, report, as_of = signing.loads(self.request.POST["sealed"], salt=SALT, max_age=3600)
        except signing.BadSignature:
            sentence = "What was shown is too old; give the file again."
            raise InvalidInput("Please give the file again.", fields={"file": [sentence]}) from None
        moment = datetime.datetime.fromisoformat(as_of) if as_of else None
        return self._bring(b64decode(data), report, moment, dry_run=False)

    def answer(self, done: list[Outcome]) -> HttpResponse:
        """Show the tracker."""
        counts = ", ".join(f"{count} {fate.value}" for fate, count in tell(done) if count)
        return on_the_list(self.request, "recommendations", f"Imported: {counts}.")

    def context(self) -> dict[str, Any]:
        """The form, or what the list would change."""
        changed = [outcome for outcome in self.outcomes if outcome.differences or outcome.remarks]
        return {
            "heading": "Import a list of recommendations",
            "form": ListForm(self.typed, self.request.FILES or None) if self.refusal else ListForm(),
            "reading": self.reading,
            "as_of": self.as_of,
            "kept": [column for column, name in self.reading.columns.items() if not name]
            if self.reading
            else [],
            "counts": [(fate.value, count) for fate, count in tell(self.outcomes) if count],
            "outcomes": changed[:MOST_SHOWN],
            "more": max(len(changed) - MOST_SHOWN, 0),
            "sealed": self.sealed,
            "back": reverse("recommendations"),
        }
