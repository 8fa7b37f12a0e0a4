"""Input that belongs to no declared field: lines of the ledger, files of usage, quota documents."""

from __future__ import annotations

from typing import Any

from django import forms

from ops.allocations.awards import LONGEST_NOTE
from ops.allocations.models import Request
from ops.allocations.models.awards import Award, Entry
from ops.allocations.models.calls import Resource
from ops.people.models import User
from ops.workflow.forms import LookupField, TextField


class EntryForm(forms.Form):
    """A line that somebody writes into the ledger of an award."""

    KINDS = [(kind.value, kind.label) for kind in (Entry.CLAW_BACK, Entry.REFUND, Entry.TRANSFER_OUT)]

    kind = forms.ChoiceField(choices=KINDS, label="What")
    resource = forms.ModelChoiceField(Resource.objects.none(), to_field_name="slug", empty_label="Choose…")
    amount = forms.DecimalField(max_digits=15, decimal_places=3)
    target = LookupField(
        Request,
        required=False,
        label="To",
        help_text="Of a transfer: the request whose award receives it.",
    )
    note = TextField(
        max_length=LONGEST_NOTE,
        label="Reason",
        help_text="Stands in the ledger and in the history; the proposer reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, award: Award, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        held = award.entries.values("resource")
        self.fields["resource"].queryset = Resource.objects.filter(pk__in=held)  # type: ignore[attr-defined]
        self.fields["target"].narrow_to(actor)  # type: ignore[attr-defined]


class UsageForm(forms.Form):
    """A report of usage."""

    file = forms.FileField(
        label="CSV or JSON",
        help_text="Columns source_id, award, resource, amount, unit, used_on. A row that is known counts once.",
    )


class DocumentForm(forms.Form):
    """A quota document as the platform serves it."""

    document = forms.FileField(label="Quota document", help_text="JSON, as it is served.")
    note = TextField(required=False, max_length=LONGEST_NOTE, label="Note")


class SetUpForm(forms.Form):
    """That an award was set up by hand."""

    note = TextField(
        max_length=LONGEST_NOTE,
        label="What was done",
        help_text="Where it was entered, by whom, under which number.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
