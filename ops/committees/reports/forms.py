"""Input about reports that belongs to no declared field: an item, a pasted text, feedback attached."""

from __future__ import annotations

from django import forms

from ops.committees.models import Item
from ops.workflow.forms import NOT_STORABLE, TextField, is_text

LONGEST_REPORT = 400_000


class ItemForm(forms.ModelForm):
    """One item of a report; its text is all that is needed."""

    class Meta:
        model = Item
        fields = ("kind", "title", "text", "area", "raised_by")
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "data-mentions": True})}

    def clean(self) -> dict[str, object]:
        """Refuse what cannot be stored."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and not is_text(value):
                self.add_error(name, NOT_STORABLE)
        return cleaned


class PasteForm(forms.Form):
    """A report as somebody has written it elsewhere."""

    text = TextField(
        max_length=LONGEST_REPORT,
        label="The report in Markdown",
        help_text="Headings and numbered points become items. You correct the split before anything is saved.",
        widget=forms.Textarea(attrs={"rows": 20}),
    )
