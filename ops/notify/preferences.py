"""What a person wants to be told, when and how: read, and changed through one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from ops.notify import composers
from ops.notify.models import EVERY_KIND, PERSONAL_CHANNELS, Channel, Correspondent, Timing
from ops.notify.network import validate_url
from ops.notify.scheduling import default_timing
from ops.people.models import User

_OFFERED: Mapping[str, Sequence[Timing]] = {
    Channel.IN_APP: (Timing.AT_ONCE, Timing.OFF),
    Channel.EMAIL: (Timing.AT_ONCE, Timing.BUNDLED, Timing.DAILY, Timing.OFF),
    Channel.CHAT: (Timing.AT_ONCE, Timing.BUNDLED, Timing.DAILY, Timing.OFF),
}


@dataclass(frozen=True)
class Row:
    """One kind of message in the table of preferences, with a bound field per channel."""

    label: str
    fields: Sequence[forms.BoundField]


class PreferencesForm(forms.ModelForm):
    """A person's preferences: a timing for each kind and channel, and their hours.

    The timing fields are called `<kind>:<channel>`, such as `tickets.ticket.event:email`; the kind `*` holds
    for every kind that has none of its own. `rows()` gives them as a table.
    """

    chat_url = forms.URLField(
        required=False, max_length=500, assume_scheme="https", label="Your chat's incoming webhook"
    )

    class Meta:
        model = Correspondent
        fields = ("bundle_minutes", "digest_at", "quiet_from", "quiet_until", "chat_url")
        labels = {
            "bundle_minutes": "Minutes to bundle",
            "digest_at": "Daily digest at",
            "quiet_from": "Quiet from",
            "quiet_until": "Quiet until",
        }
        help_texts = {
            "bundle_minutes": "Changes of a thread within so many minutes come as one. Empty: the usual.",
            "digest_at": "In your time zone.",
            "quiet_until": "Nothing is sent in these hours of your time zone; it comes at their end.",
        }
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("digest_at", "quiet_from", "quiet_until")
        }

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Correspondent) -> None:
        super().__init__(data, instance=instance)
        for kind, label in _kinds():
            for channel in PERSONAL_CHANNELS:
                self.fields[_name(kind, channel)] = _timing_field(instance, kind, label, channel)

    def rows(self) -> Iterator[Row]:
        """Yield the table: first what holds for every kind, then each kind."""
        for kind, label in _kinds():
            yield Row(label, [self[_name(kind, channel)] for channel in PERSONAL_CHANNELS])

    def clean_chat_url(self) -> str:
        url: str = self.cleaned_data["chat_url"]
        if url:
            validate_url(url)
        return url

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if "quiet_from" not in self.errors and "quiet_until" not in self.errors:
            if (start is None) != (end is None):
                self.add_error("quiet_until" if end is None else "quiet_from", "Quiet hours need both ends.")
            elif start is not None and start == end:
                self.add_error("quiet_until", "Quiet hours must end at another time than they begin.")
        return cleaned

    def save(self, commit: bool = True) -> Correspondent:  # noqa: FBT001, FBT002 (Django's signature)
        timings: dict[str, dict[str, str]] = {}
        for kind, _ in _kinds():
            for channel in PERSONAL_CHANNELS:
                if chosen := self.cleaned_data.get(_name(kind, channel)):
                    timings.setdefault(kind, {})[channel] = chosen
        self.instance.timings = timings
        saved: Correspondent = super().save(commit)
        return saved


def preferences_of(person: User) -> Correspondent:
    """Return what a person wishes; the defaults, not saved, when they never chose."""
    return Correspondent.objects.filter(person=person).first() or Correspondent(person=person)


def preferences_form(person: User) -> PreferencesForm:
    """Return the form with what is chosen now."""
    return PreferencesForm(instance=preferences_of(person))


def set_preferences(*, actor: User, data: Mapping[str, Any]) -> Correspondent:
    """Save the actor's preferences from the form's fields; all of them, for a field left out is a default.

    Messages that wait already keep their hour, but none that is switched off now will still be sent.
    Raises `ValidationError` with the messages by field.
    """
    with transaction.atomic():
        wishes = lock_wishes(actor)
        form = PreferencesForm(data, instance=wishes)
        if not form.is_valid():
            raise ValidationError(form.errors.as_data())
        return form.save()


def lock_wishes(owner: User | str) -> Correspondent:
    """Return the row of an account or address, made if need be, and locked until the transaction ends."""
    key = {"address": owner.lower()} if isinstance(owner, str) else {"person": owner}
    Correspondent.objects.bulk_create([Correspondent(**key)], ignore_conflicts=True)
    return Correspondent.objects.select_for_update(no_key=True).get(**key)


def _kinds() -> list[tuple[str, str]]:
    return [(EVERY_KIND, "Everything"), *((kind.name, kind.label) for kind in composers.kinds())]


def _name(kind: str, channel: str) -> str:
    return f"{kind}:{channel}"


def _timing_field(wishes: Correspondent, kind: str, label: str, channel: Channel) -> forms.ChoiceField:
    default = default_timing(kind, channel).label
    blank = f"Standard ({default.lower()})" if kind == EVERY_KIND else "Like “Everything”"
    return forms.ChoiceField(
        choices=[("", blank), *((timing.value, timing.label) for timing in _OFFERED[channel])],
        required=False,
        label=f"{label}: {channel.label}",
        initial=wishes.timings.get(kind, {}).get(channel, ""),
    )
