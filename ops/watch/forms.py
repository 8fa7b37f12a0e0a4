"""Input of the watch that belongs to no declared field: days away, the week to swap for."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from ops.watch.models import Leave, WatchWeek
from ops.watch.selectors import weeks_to_swap_with


class LeaveForm(forms.ModelForm):
    """The first and the last day away."""

    class Meta:
        model = Leave
        fields = ("starts_on", "ends_on")
        labels = {"starts_on": "First day", "ends_on": "Last day"}
        widgets = {name: forms.DateInput(attrs={"type": "date"}) for name in ("starts_on", "ends_on")}

    def clean(self) -> dict[str, Any]:
        """Refuse what is over already, and an end before its beginning."""
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "The last day lies before the first.")
        elif ends and ends < timezone.localdate(timezone=datetime.UTC):
            self.add_error("ends_on", "These days are over.")
        return cleaned


class WeekField(forms.ModelChoiceField):
    """A week of somebody, by name and days."""

    def label_from_instance(self, week: WatchWeek) -> str:
        """Say whose week it is, and which."""
        return f"{week.person.name}: {week.days}"


class SwapForm(forms.Form):
    """The week that a week is exchanged for."""

    week = WeekField(WatchWeek.objects.none(), label="For the week of", empty_label="Choose…")

    def __init__(self, *args: Any, mine: WatchWeek, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["week"].queryset = weeks_to_swap_with(mine)  # type: ignore[attr-defined]
