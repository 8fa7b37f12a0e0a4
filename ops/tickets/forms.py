"""Input that belongs to no declared field: comments, links, followers, invitations."""

from __future__ import annotations

from typing import Any

from django import forms

from ops.people.models import User
from ops.tickets.models import CommentVisibility, LinkKind, Ticket
from ops.tickets.watching import WatchersField
from ops.workflow.errors import InvalidInput
from ops.workflow.forms import LookupField, TextField


class CommentForm(forms.Form):
    """What is said, and to whom."""

    body = TextField(
        max_length=50_000,
        error_messages={"required": "Write what you want to say."},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    visibility = forms.ChoiceField(
        choices=CommentVisibility,
        error_messages={"invalid_choice": f"Choose one of {', '.join(CommentVisibility.values)}."},
    )


class NamingForm(forms.Form):
    """A form in which rows are named; it finds those that the actor may see."""

    def __init__(self, *args: Any, actor: User, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if hasattr(field, "narrow_to"):
                field.narrow_to(actor)


class LinkForm(NamingForm):
    """Another ticket, and how this one stands to it."""

    kind = forms.ChoiceField(
        choices=LinkKind,
        error_messages={"invalid_choice": f"Choose one of {', '.join(LinkKind.values)}."},
    )
    target = LookupField(Ticket, help_text="The key of the other ticket, such as CST-12.")


class FollowerField(forms.CharField):
    """One follower: a username or an e-mail address."""

    def clean(self, value: Any) -> Any:
        """Return the account or the address, None when nothing is given; raises `ValidationError`."""
        named = WatchersField().to_python([super().clean(value)])
        return named[0] if named else None


class FollowerForm(forms.Form):
    """Who shall follow a ticket."""

    who = FollowerField(
        required=False,
        max_length=254,
        help_text="A username or an e-mail address; nobody named means yourself.",
    )


class InvitationForm(NamingForm):
    """Who shall see a ticket that they would not see by themselves."""

    person = LookupField(User, help_text="A username.")


def cleaned(form: forms.BaseForm) -> dict[str, Any]:
    """Return the valid values of a form; raises `InvalidInput` naming every field that is wrong."""
    if form.errors:
        problems = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        raise InvalidInput(f"Please correct {', '.join(problems)}.", fields=problems)
    return form.cleaned_data
