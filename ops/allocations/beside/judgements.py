"""What assessors and reviewers say of a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from ops.allocations.beside.refusal import Change, changed, refused
from ops.allocations.models.calls import Criterion
from ops.people.models import User
from ops.workflow.forms import NamedValuesField, TextField

LONGEST_NOTE = 10_000


class AssessmentBeside:
    """One column of the assessment that a step makes; the history, which the proposer reads, does not say it."""

    def __init__(self, column: str, choices: Iterable[tuple[str, str]] = ()) -> None:
        self.column, self.choices = column, list(choices)

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        if self.choices:
            return forms.ChoiceField(choices=[("", "Choose…"), *self.choices], label="Verdict")
        is_internal = self.column == "note_to_committee"
        return TextField(
            required=is_internal,
            max_length=LONGEST_NOTE,
            label="Note to the committee" if is_internal else "Note to the proposer",
            help_text="Read by the committee, never by the proposer."
            if is_internal
            else "Read by the proposer.",
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    def shown(self, request: Any, reader: User) -> str:
        """Return what the assessor said last, to correct it."""
        latest = request.latest_assessment if request.pk else None
        return getattr(latest, self.column) if latest else ""

    def keep(self, request: Any, value: str, actor: User) -> Change:
        """Write the column into the assessment of this moment."""
        row, _ = request.assessments.get_or_create(
            made_at=request.performance.moment,
            defaults={"assessor": actor, "snapshot": request.latest_snapshot},
        )
        setattr(row, self.column, value)
        row.save(update_fields=[self.column])
        return None


class ScoresBeside:
    """The scores of a review: a whole number from 1 (poor) to 5 (excellent), by the slug of the criterion."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return NamedValuesField(
            required=False,
            label="Scores",
            help_text=f"From {Criterion.LOWEST} (poor) to {Criterion.HIGHEST} (excellent), by criterion.",
        )

    def shown(self, review: Any, reader: User) -> Any:
        """Return the scores that are there."""
        if review.pk is None:
            return {}
        return {row.criterion.slug: row.value for row in review.scores.select_related("criterion")}

    def keep(self, review: Any, value: dict[str, Any], actor: User) -> Change:
        """Replace the scores; every criterion needs one. Raises `InvalidInput` naming each that is wrong."""
        criteria = {criterion.slug: criterion for criterion in review.request.call.criteria.all()}
        problems = [f"There is no criterion “{name}” in this call." for name in value if name not in criteria]
        scores = {}
        for slug, criterion in criteria.items():
            given = value.get(slug)
            text = str(given).strip() if given is not None and not isinstance(given, bool) else ""
            if text.isascii() and text.isdigit() and Criterion.LOWEST <= int(text[:4]) <= Criterion.HIGHEST:
                scores[criterion] = int(text)
            else:
                problems.append(
                    f"{criterion.name}: give a score from {Criterion.LOWEST} to {Criterion.HIGHEST}."
                )
        if problems:
            raise refused("scores", problems)
        before = self.shown(review, actor)
        review.scores.all().delete()
        review.scores.bulk_create(
            review.scores.model(review=review, criterion=criterion, value=given)
            for criterion, given in scores.items()
        )
        after = self.shown(review, actor)
        return changed(before, after)
