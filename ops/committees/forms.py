"""Input of committees that belongs to no declared field: charges, waivers, points, minutes, hours."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from ops.committees.models import AgendaPoint, Charge, Part, Presence
from ops.people.hours import Work
from ops.people.models import User
from ops.tickets.forms import NamingForm
from ops.workflow.forms import LookupField, TextField

LONGEST_MINUTES = 100_000


class ChargeForm(forms.Form):
    """What a committee is for, from now on."""

    text = TextField(
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 18}),
        label="Charge",
        help_text="Markdown. The version before stays as it was.",
        error_messages={"required": "Write the charge."},
    )
    change = TextField(
        max_length=Charge._meta.get_field("change").max_length,
        label="What changed",
        required=False,
        help_text="In a sentence, for the list of versions.",
    )


class WaiverForm(forms.Form):
    """Why a slate may break a rule."""

    reason = TextField(
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write why the rule may be broken this time."},
    )


class PointForm(NamingForm):
    """A point of the agenda."""

    title = TextField(max_length=200, error_messages={"required": "Write what the point is about."})
    part = forms.ChoiceField(
        choices=Part, initial=Part.OPEN, help_text="The executive part is seen by members alone."
    )
    minutes_long = forms.IntegerField(label="Minutes", required=False, min_value=1, max_value=1_440)
    presenter = LookupField(User, required=False, help_text="Who presents it.")
    notes = TextField(
        max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Markdown."
    )

    @classmethod
    def showing(cls, point: AgendaPoint, *, actor: User) -> PointForm:
        """Return the form filled with a point."""
        names = ("title", "part", "minutes_long", "notes")
        initial = {name: getattr(point, name) for name in names}
        initial["presenter"] = point.presenter.username if point.presenter else ""
        return cls(initial=initial, actor=actor)


class MinutesForm(forms.Form):
    """The minutes of one part, and the version that was read before writing."""

    text = TextField(
        max_length=LONGEST_MINUTES,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "data-mentions": True}),
        label="Minutes",
        help_text="Markdown. A line like “ACTION: @name does something, by 2027-03-01” can become a ticket.",
    )
    based_on = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)


class AttendanceForm(forms.Form):
    """Who came: one field per member."""

    def __init__(self, *args: Any, people: list[User], **options: Any) -> None:
        super().__init__(*args, **options)
        for person in people:
            self.fields[person.username] = forms.ChoiceField(
                choices=[("", "Not noted"), *Presence.choices], required=False, label=person.name
            )


class HoursForm(forms.Form):
    """Some time that a member gave."""

    work = forms.ChoiceField(choices=Work, label="For")
    day = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a day like 2026-11-20.", "required": "Write the day."},
    )
    hours = forms.DecimalField(
        min_value=0,
        max_value=24,
        max_digits=4,
        decimal_places=2,
        help_text="Such as 1.5 for an hour and a half.",
        error_messages={"required": "Write how long it took.", "invalid": "Write a number such as 1.5."},
    )
    note = TextField(max_length=200, required=False, help_text="What you did.")

    def clean_day(self) -> datetime.date:
        """Refuse what is still to come, and what is too long ago to be remembered."""
        day: datetime.date = self.cleaned_data["day"]
        today = timezone.localdate(timezone=datetime.UTC)
        if day > today:
            raise forms.ValidationError("Write a day that has come already.")
        if day < today - datetime.timedelta(days=400):
            raise forms.ValidationError("Hours are noted for the past thirteen months.")
        return day

    def clean_hours(self) -> int:
        """Return minutes, at least one."""
        minutes = round(self.cleaned_data["hours"] * 60)
        if minutes < 1:
            raise forms.ValidationError("Write how long it took, such as 0.5.")
        return minutes


class DatesForm(forms.Form):
    """Between which days a date is looked for, and how long the meeting is."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    minutes = forms.IntegerField(label="Minutes", min_value=15, max_value=12 * 60)

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning, what is over, and more days than anybody reads."""
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day lies before the first.")
        elif first and last and (last - first).days > 62:
            self.add_error("last", "Choose at most two months.")
        elif last and last <= timezone.localdate(timezone=datetime.UTC):
            self.add_error("last", "These days are over.")
        elif last and last.year >= 2100:
            self.add_error("last", "Choose a day before 2100.")
        return cleaned
