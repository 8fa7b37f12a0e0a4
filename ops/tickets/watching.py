"""Who follows a ticket, named by username or by a plain e-mail address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ops.people.models import User
from ops.workflow.forms import NOT_STORABLE, is_text

MOST_AT_ONCE = 50


class WatchersField(forms.Field):
    """Usernames and e-mail addresses: a list, or text with commas or spaces between them."""

    widget = forms.TextInput(attrs={"data-lookup": "user", "data-many": "true", "autocomplete": "off"})

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label="Watchers",
            help_text="Who else should hear of it: usernames or e-mail addresses.",
        )

    def to_python(self, value: Any) -> list[User | str]:
        """Return accounts and addresses. Whose account an address belongs to is told to nobody."""
        names = _names(value)
        if len(names) > MOST_AT_ONCE:
            raise ValidationError(f"Name at most {MOST_AT_ONCE} at once.")
        accounts = User.objects.visible_to(None)
        by_name = {user.username: user for user in accounts.filter(username__in=names)} if names else {}
        return [by_name.get(name) or self._address(name) for name in names]

    def _address(self, name: str) -> str:
        if "@" not in name:
            raise ValidationError(
                f"There is no person with the username “{name}”; an e-mail address works too."
            )
        validate_email(name)
        return name


def _names(value: Any) -> list[str]:
    if not value:
        return []
    if isinstance(value, str):
        value = value.replace(",", " ").replace(";", " ").split()
    if not isinstance(value, Iterable):
        raise ValidationError("Give a list of usernames or e-mail addresses.")
    names = [
        item.username if isinstance(item, User) else str(item).strip().removeprefix("@") for item in value
    ]
    if not is_text(*names):
        raise ValidationError(NOT_STORABLE)
    return list(dict.fromkeys(name for name in names if name))


class WatchersBeside:
    """Watchers as a value that a declaration can ask for like a field."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return WatchersField()

    def shown(self, ticket: Any, reader: User) -> str:
        """Nothing: what is typed is added to those who follow it already."""
        return ""

    def keep(self, ticket: Any, value: list[User | str], actor: User) -> dict[str, Any] | None:
        """Add the watchers that were not there; return the change, or None."""
        added = add_watchers(ticket, value)
        return {"old": None, "new": [in_the_record(who) for who in added]} if added else None


def add_watchers(ticket: Any, people: Iterable[User | str]) -> list[User | str]:
    """Let people follow a ticket and return those who did not before."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        return []
    known = set() if ticket.new_followers == [] else set(ticket.watchers.values_list("user_id", "email"))
    added = [who for who in wanted if _columns(who) not in known]
    rows = [
        ticket.watchers.model(ticket_id=ticket.pk, user_id=user, email=email)
        for user, email in map(_columns, added)
    ]
    ticket.watchers.bulk_create(rows, ignore_conflicts=True)
    if ticket.new_followers is not None:
        ticket.new_followers += added
    return added


def _columns(who: User | str) -> tuple[int | None, str]:
    return (who.pk, "") if isinstance(who, User) else (None, who)


def in_the_record(who: User | str) -> str:
    """How a follower stands in the history, which more people read than may know an address."""
    return f"@{who.username}" if isinstance(who, User) else "an e-mail address"
