"""Input that belongs to no declared field: a comment."""

from __future__ import annotations

from typing import Any

from django import forms

from ops.tickets.models import CommentVisibility
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import TextField


class CommentForm(forms.Form):
    """What is said, and to whom."""

    body = TextField(
        max_length=50_000,
        error_messages={"required": "Write what you want to say."},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    visibility = forms.ChoiceField(
        choices=CommentVisibility,
        error_messages={"invalid_choice": f"Choose one of {', '.join(CommentVisibility.values)}."},
    )


def cleaned(form: forms.Form) -> dict[str, Any]:
    """Return the valid values of a form; raises `InvalidInput` naming every field that is wrong."""
    if form.errors:
        problems = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise InvalidInput(f"Please correct {', '.join(problems)}.", fields=problems)
    return form.cleaned_data
