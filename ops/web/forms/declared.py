"""Forms that follow from a declaration, as pages draw them and read them back.

The services validate; a page only draws the same form, hands over what was typed, and draws it again with what
the services said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.workflow.declaration import Step
from ops.workflow.forms import DeclaredForm, LookupInput, MomentField, ReasonField, form_class
from ops.workflow.models import Stateful

REASON = "reason"


def drawn(
    obj: Stateful,
    *,
    asks: Iterable[str] = (),
    offers: Iterable[str] = (),
    actor: User,
    typed: QueryDict | None = None,
    initial: Mapping[str, Any] | None = None,
    reason: bool = False,
) -> DeclaredForm:
    """Return the form over some fields of an object, filled with what was typed or with what is there now."""
    asks, offers = tuple(asks), tuple(offers)
    made = form_class(type(obj), asks + offers, asks)(data=typed, instance=obj, actor=actor)
    beside = obj.beside_the_row
    made.initial.update({name: beside[name].shown(obj, actor) for name in made.fields if name in beside})
    made.initial.update(initial or {})
    if reason:
        made.fields[REASON] = ReasonField(required=True)
        made.fields[REASON].label = "Reason"
    for field in made.fields.values():
        _dress(field)
    return made


def drawn_for(step: Step, obj: Stateful, **options: Any) -> DeclaredForm:
    """Return the form of a step, with the reason where the step asks for one."""
    return drawn(obj, asks=step.asks, offers=step.offers, reason=step.reason, **options)


def read(form: DeclaredForm, typed: QueryDict) -> dict[str, Any]:
    """Return what was typed into the fields of a form, for the services; the reason is not one of them."""
    return {
        name: field.widget.value_from_datadict(typed, {}, name)
        for name, field in form.fields.items()
        if name != REASON and not field.widget.value_omitted_from_data(typed, {}, name)
    }


def version(typed: QueryDict) -> int | None:
    """Return the version that a form was drawn for; one that was tampered with is as old as can be."""
    given = typed.get("version", "")
    return (whole_number(given) or 0) if given else None


def _dress(field: forms.Field) -> None:
    """What a page adds to a declared field: the zone of a time, a word for nothing chosen, what can be typed."""
    if isinstance(field, MomentField):
        field.help_text = f"{field.help_text} In {timezone.get_current_timezone_name()}.".strip()
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices = list(field.choices)  # type: ignore[arg-type]  # Django's own form of them, in pairs
        field.choices = [(value, label if value else "Not set") for value, label in choices]
    if isinstance(field.widget, forms.Textarea):
        field.widget.attrs |= {"rows": 4, "data-mentions": True}
    if isinstance(field.widget, LookupInput):
        field.widget.attrs["placeholder"] = _HINTS.get(field.widget.model_name, "Key, or words of the title")


_HINTS = {"user": "Begin to type a name", "product": "Begin to type its name"}
