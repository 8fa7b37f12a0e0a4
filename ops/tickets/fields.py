"""Fields in which tickets are named by their keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow.forms import NOT_STORABLE, is_text

MOST_AT_ONCE = 50


class TicketsField(forms.Field):
    """Keys of tickets: a list, or text with commas or spaces between them."""

    widget = forms.TextInput(attrs={"data-lookup": "ticket", "data-many": "true", "autocomplete": "off"})

    def __init__(self) -> None:
        super().__init__(required=False, label="Tickets", help_text="Keys such as CST-12, CST-40.")
        self.visible = Ticket.objects.none()

    def narrow_to(self, actor: User) -> None:
        """Let the field find only what this person may see."""
        self.visible = Ticket.objects.visible_to(actor)

    def to_python(self, value: Any) -> list[Ticket]:
        """Return the tickets; raises `ValidationError` naming the keys that cannot be found."""
        keys = _keys(value)
        if len(keys) > MOST_AT_ONCE:
            raise ValidationError(f"Name at most {MOST_AT_ONCE} tickets.")
        found = {ticket.key: ticket for ticket in self.visible.filter(key__in=keys)} if keys else {}
        missing = [key for key in keys if key not in found]
        if missing:
            raise ValidationError(f"There is no ticket {', '.join(missing)} that you may see.")
        return [found[key] for key in keys]


def _keys(value: Any) -> list[str]:
    if not value:
        return []
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list | tuple):
        raise ValidationError("Give a list of keys such as CST-12.")
    keys = [item.key if isinstance(item, Ticket) else str(item).strip().upper() for item in value]
    if not is_text(*keys):
        raise ValidationError(NOT_STORABLE)
    return list(dict.fromkeys(keys))
