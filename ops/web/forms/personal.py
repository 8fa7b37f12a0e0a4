"""The forms that belong to the pages themselves: what a person says about themselves, and their tokens."""

from __future__ import annotations

import datetime
import zoneinfo
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone

from ops.people.models import ApiToken, User

NEAREST = (
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Santiago", "Chile (Santiago)"),
    ("UTC", "UTC"),
)


def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every time zone by region, those of the observatory first."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")
    )
    regions = [
        (region, [(name, name.partition("/")[2].replace("_", " ").replace("/", ", ")) for name in group])
        for region, group in groupby(names, key=lambda name: name.partition("/")[0])
    ]
    return [("Observatory", list(NEAREST)), *regions]


class OwnFieldsForm(forms.ModelForm):
    """Writes the columns it shows and no others: an administrator may be editing the same account."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Save the fields of this form."""
        user: User = super().save(commit=False)
        if commit:
            user.save(update_fields=list(self.fields))
        return user


class ProfileForm(OwnFieldsForm):
    """Name, institution, time zone and theme of the person signed in."""

    time_zone = forms.ChoiceField(label="Time zone", help_text="Times are shown to you in this zone.")

    class Meta:
        model = User
        fields = ("display_name", "institution", "time_zone", "theme")
        labels = {"display_name": "Name", "theme": "Colours"}
        widgets = {"theme": forms.RadioSelect}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = zones()
        if self.instance.time_zone not in {name for _, group in choices for name, _ in group}:
            choices.insert(0, ("Now", [(self.instance.time_zone, self.instance.time_zone)]))
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]


class ThemeForm(OwnFieldsForm):
    """The theme alone, for the menu of the person."""

    class Meta:
        model = User
        fields = ("theme",)


class TokenForm(forms.Form):
    """What a new token is for, and how long it shall work."""

    LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("0", "No end"))

    name = forms.CharField(
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text="What it is for, such as “nightly export”.",
    )
    days = forms.ChoiceField(choices=LIVES, initial="90", label="Works for")

    @property
    def expires_at(self) -> datetime.datetime | None:
        """When it stops working."""
        days = int(self.cleaned_data["days"])
        return timezone.now() + datetime.timedelta(days=days) if days else None
