"""Who asks together with the proposer."""

from __future__ import annotations

from typing import Any

from django import forms

from ops.allocations.beside.refusal import Change
from ops.people.models import User
from ops.workflow.forms import PeopleField


class CoInvestigatorsBeside:
    """Who asks together with the proposer."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return PeopleField(
            required=False,
            label="Co-investigators",
            help_text="Usernames. They see the request and hear what becomes of it.",
        )

    def shown(self, request: Any, reader: User) -> str:
        """Return their usernames."""
        return ", ".join(_usernames(request)) if request.pk else ""

    def keep(self, request: Any, value: list[User], actor: User) -> Change:
        """Replace the rows. The proposer needs no naming."""
        wanted = {person.pk: person for person in value if person.pk != request.reporter_id}
        before = _usernames(request)
        request.co_investigator_rows.exclude(person__in=wanted).delete()
        known = set(request.co_investigator_rows.values_list("person_id", flat=True))
        model = request.co_investigator_rows.model
        model.objects.bulk_create(
            model(request=request, person=person) for pk, person in wanted.items() if pk not in known
        )
        after = _usernames(request)
        return {"old": before, "new": after} if before != after else None


def _usernames(request: Any) -> list[str]:
    rows = request.co_investigator_rows.order_by("person__username")
    return list(rows.values_list("person__username", flat=True))
