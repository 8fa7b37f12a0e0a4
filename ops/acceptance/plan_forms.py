"""What is typed about the plan of a campaign and about its criteria."""

from __future__ import annotations

from typing import Any

from django import forms

from ops.acceptance.criteria import RULES
from ops.acceptance.models import Criterion, Environment, TesterGroup
from ops.workflow import errors
from ops.workflow.forms import NOT_STORABLE, is_text


class PlainForm(forms.ModelForm):
    """A form over a row of the plan; text that cannot be stored is refused in words."""

    def _get_validation_exclusions(self) -> set[str]:
        # The campaign is no field of the form, and yet part of what must be there only once.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"campaign"} if self.instance.campaign_id else excluded

    def clean(self) -> dict[str, Any]:
        """Name every field whose text cannot be stored."""
        found = super().clean() or self.cleaned_data
        for name, value in list(found.items()):
            if isinstance(value, str) and not is_text(value):
                self.add_error(name, NOT_STORABLE)
        return found


class EnvironmentForm(PlainForm):
    """Where the cases are run."""

    class Meta:
        model = Environment
        fields = ("name", "software_version", "data_release", "browser", "url")

    url = forms.URLField(required=False, assume_scheme="https", max_length=500, label="Address")


class CriterionForm(PlainForm):
    """What must hold: one that the desk computes, or one in words that somebody ticks."""

    class Meta:
        model = Criterion
        fields = ("stage", "rule", "parameter", "sentence")

    rule = forms.ChoiceField(
        required=False,
        label="Computed by the desk",
        choices=[
            ("", "Nothing: somebody ticks it, with evidence"),
            *((rule.name, rule.said(None)) for rule in RULES.values()),
        ],
    )
    sentence = forms.CharField(
        required=False, max_length=300, help_text="Only where somebody ticks it: what must hold."
    )

    def clean(self) -> dict[str, Any]:
        """A rule brings its own words and its own end; anything else is said in a sentence."""
        found = super().clean()
        rule = RULES.get(found.get("rule") or "")
        if rule is None:
            if not found.get("sentence") and "sentence" not in self.errors:
                self.add_error("sentence", "Say what must hold, or choose what the desk computes.")
            found["parameter"] = None
        else:
            if found.get("stage") and found["stage"] != rule.stage:
                self.add_error("stage", f"The desk computes this at the {rule.stage}; choose that.")
            found["parameter"] = None if rule.usual is None else (found.get("parameter") or rule.usual)
            found["sentence"] = rule.said(found["parameter"])
        return found


class EvidenceForm(PlainForm):
    """What shows that a criterion is met."""

    class Meta:
        model = Criterion
        fields = ("evidence",)

    evidence = forms.CharField(
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What shows it: a link, a number, who looked.",
        error_messages={"required": "Say what shows that it is met."},
    )


class WaiverForm(PlainForm):
    """Why a criterion is let go."""

    class Meta:
        model = Criterion
        fields = ("waived_because",)

    waived_because = forms.CharField(
        label="Reason",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the report, with your name.",
        error_messages={"required": "Say why the campaign goes on without it."},
    )


MOST_PLACES = 1_000
_PLACES_WANTED = f"Give a number from 0 to {MOST_PLACES:,}, or nothing for no limit."


class QuotaForm(forms.Form):
    """How many testers are wanted from each group; empty means no limit."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for value, label in TesterGroup.choices:
            self.fields[value] = forms.IntegerField(
                label=label,
                required=False,
                min_value=0,
                max_value=MOST_PLACES,
                error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _PLACES_WANTED),
            )


def refuse_unless_valid(form: forms.ModelForm) -> None:
    """Raise `InvalidInput` naming every field that is wrong."""
    if form.errors:
        problems = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        named = [name.replace("_", " ") for name in problems if name != "__all__"]
        words = f"Please correct {', '.join(named)}." if named else " ".join(problems["__all__"])
        raise errors.InvalidInput(words, fields=problems)
