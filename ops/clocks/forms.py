"""Calendars and policies as people type them: a line per day, a line per step, words separated by commas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ops.clocks import registry, validation, week
from ops.clocks.models import Calendar, DeadlinePolicy


class TypedLines(forms.CharField):
    """A value that is stored as JSON or an array, and typed as lines of text."""

    widget = forms.Textarea(attrs={"rows": 5, "cols": 60})

    def __init__(self, *, read: Callable[[str], Any], write: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self._read, self._write = read, write

    def prepare_value(self, value: Any) -> Any:
        """Show a stored value as lines; what was typed and refused is shown as it was typed."""
        return value if value is None or isinstance(value, str) else self._write(value)

    def clean(self, value: Any) -> Any:
        """Read the lines."""
        return self._read(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is meant, not how it is spaced."""
        try:
            return bool(self._read(data or "") != initial)
        except ValidationError:
            return True


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _pairs(text: str, example: str) -> list[tuple[str, str]]:
    pairs = []
    for line in _lines(text):
        name, colon, rest = line.partition(":")
        if not colon or not name.strip() or not rest.strip():
            raise ValidationError(f"“{line}” is not of the form “{example}”.")
        pairs.append((name.strip(), rest.strip()))
    return pairs


def read_condition(text: str) -> dict[str, list[str]]:
    """Read `priority: critical, high`."""
    return {name: _words(values) for name, values in _pairs(text, "priority: critical, high")}


def write_condition(stored: dict[str, list[Any]]) -> str:
    """Write a condition as it is typed."""
    return "\n".join(
        f"{name}: {', '.join(str(value) for value in values)}" for name, values in stored.items()
    )


def read_escalations(text: str) -> list[dict[str, str]]:
    """Read `1 day: lead`."""
    return [{"after": after, "to": to} for after, to in _pairs(text, "1 day: lead")]


def write_escalations(stored: list[dict[str, str]]) -> str:
    """Write escalation steps as they are typed."""
    return "\n".join(f"{step['after']}: {step['to']}" for step in stored)


def _comma(stored: list[str]) -> str:
    return ", ".join(stored)


class CalendarForm(forms.ModelForm):
    """A calendar whose week is typed a day a line: `mon 09:00-12:00, 13:00-17:00`."""

    weekly_hours = TypedLines(
        read=week.from_text,
        write=week.to_text,
        help_text="A line for each working day: mon 09:00-12:00, 13:00-17:00",
    )

    class Meta:
        model = Calendar
        fields = ("slug", "name", "time_zone", "weekly_hours", "country", "subdivision")


def _states(help_text: str) -> TypedLines:
    return TypedLines(
        read=_words, write=_comma, help_text=help_text, widget=forms.Textarea(attrs={"rows": 2, "cols": 60})
    )


class PolicyForm(forms.ModelForm):
    """A policy; the states, fields and audiences that its kind knows are named beside the fields."""

    kind = forms.ChoiceField()
    condition = TypedLines(read=read_condition, write=write_condition, help_text="priority: critical, high")
    starts_in = _states("States in which it starts.")
    pauses_in = _states("States in which its clock stands still.")
    met_in = _states("States that meet it.")
    cancelled_in = _states("States that make it pointless.")
    warnings = TypedLines(read=_words, write=_comma, help_text="50 %, 80 %, 14 days before")
    escalations = TypedLines(
        read=read_escalations, write=write_escalations, help_text="A line for each step: 1 day: lead"
    )

    class Meta:
        model = DeadlinePolicy
        fields = (
            "slug", "name", "kind", "clock", "position", "active", "condition", "starts_in", "pauses_in", "met_in",
            "cancelled_in", "duration", "due_from_field", "calendar", "warnings", "escalations", "action",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"] = forms.ChoiceField(choices=[(kind, kind) for kind in registry.kinds()])
        adapter = registry.kinds().get(self.instance.kind)
        if adapter is not None:
            known = {
                **dict.fromkeys(validation.STATE_FIELDS, adapter.states),
                "condition": adapter.facts,
                "due_from_field": adapter.moments,
                "escalations": adapter.audiences,
                "action": adapter.actions,
            }
            for name, names in known.items():
                self.fields[name].help_text += f" Known: {', '.join(names) or 'none'}."

    def clean(self) -> dict[str, Any] | None:
        """Give the values of a condition the type that the field has: a yes is typed as `True`."""
        cleaned = super().clean()
        adapter = registry.kinds().get(self.instance.kind or self.cleaned_data.get("kind", ""))
        for name, values in (self.cleaned_data.get("condition") or {}).items():
            known = {str(value): value for value in (adapter.facts.get(name) or ())} if adapter else {}
            values[:] = [known.get(value, value) for value in values]
        return cleaned
