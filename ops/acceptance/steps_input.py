"""How the steps of a case are typed: as text, and, where the browser runs scripts, row by row."""

from __future__ import annotations

from django import forms


class StepsInput(forms.Textarea):
    """A text that `steps.js` shows as rows; what is sent is the text."""

    template_name = "acceptance/steps_input.html"

    def __init__(self) -> None:
        super().__init__({"rows": 8, "spellcheck": "true"})
