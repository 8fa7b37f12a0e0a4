"""Reviews: what one has to review, the one-screen review, and the chair's board of who is how far."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ops.allocations.models import Criterion, Review
from ops.allocations.selectors import reviews_for
from ops.allocations.sight import Sight, as_committee_sees
from ops.clocks.explanation import Clock
from ops.clocks.selectors import next_deadlines
from ops.web.allocations.committee_room import members_only
from ops.web.doors import SignedInRequest
from ops.web.forms import declared
from ops.web.forms.desk_form import RecordForm
from ops.web.frame import toasts
from ops.web.records.actions import Actions, actions
from ops.web.records.standing import Standing, standing
from ops.workflow.declaration import Step
from ops.workflow.services import perform

State = Review.State


class MyReviews:
    """What one member has to review, and has reviewed."""

    def __init__(self, request: SignedInRequest) -> None:
        self.reader = request.user

    @cached_property
    def _rows(self) -> list[Review]:
        return list(reviews_for(self.reader))

    @property
    def open(self) -> list[tuple[Review, Clock | None]]:
        """What is to be written, what is due first."""
        rows = [review for review in self._rows if review.state in {State.ASSIGNED, State.ACCEPTED}]
        clocks = next_deadlines(rows)
        return [(review, clocks.get(review.pk)) for review in rows]

    @property
    def done(self) -> list[Review]:
        """What is written."""
        return [review for review in self._rows if review.state == State.SUBMITTED]


@members_only
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    """List the reader's own reviews."""
    return render(request, "allocations/my_reviews.html", {"page": MyReviews(request)})


class ScoreForm(forms.Form):
    """One score for every criterion, from poor to excellent."""

    SCALE = [(str(value), str(value)) for value in range(Criterion.LOWEST, Criterion.HIGHEST + 1)]

    def __init__(self, review: Review, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.criteria = list(review.request.call.criteria.all())
        for criterion in self.criteria:
            self.fields[f"score-{criterion.slug}"] = forms.ChoiceField(
                label=criterion.name, help_text=criterion.help, choices=self.SCALE, widget=forms.RadioSelect
            )

    def read(self, typed: Any) -> dict[str, str]:
        """Return the scores that were chosen, by criterion."""
        given = {criterion.slug: typed.get(f"score-{criterion.slug}", "") for criterion in self.criteria}
        return {slug: value for slug, value in given.items() if value}

    def say(self, sentences: Sequence[str]) -> ScoreForm:
        """Show what the services said of the scores, beside their criteria."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for sentence in sentences:
            names = (f"score-{c.slug}" for c in self.criteria if sentence.startswith(f"{c.name}:"))
            self.add_error(next(names, None), sentence)
        return self


class WriteReview(RecordForm):
    """The page of a review: the request, the scores, the confidence and the notes on one screen."""

    page_template = "allocations/review.html"
    part_template = "allocations/review.html"
    STEPS = {State.ACCEPTED: "submit", State.SUBMITTED: "revise"}

    @property
    def place(self) -> str:
        """The form stands on a page of its own."""
        return "review"

    @property
    def is_own(self) -> bool:
        """Whether the reader writes it."""
        return self.record.reviewer_id == self.request.user.pk

    @cached_property
    def step(self) -> Step | None:
        """The step that the form takes, where the reader may take it."""
        name = self.STEPS.get(self.record.state, "")
        here = [step for step in self.record.workflow.steps_named(name) if self.record.state in step.sources]
        may = [step for step in here if step.by.test(self.request.user, self.record)]
        return may[0] if may and not may[0].unmet(self.record) else None

    @property
    def draft_key(self) -> str:
        """What is typed is kept until it is sent."""
        return f"review:{self.record.pk}" if self.step else ""

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the page; the browser keeps no copy, since whoever is recused must find nothing in its history."""
        response = self.draw()
        response["Cache-Control"] = "no-store"
        return response

    @cached_property
    def score_form(self) -> ScoreForm:
        """The scores, as they were typed, kept or sent."""
        shown: Any = self.record.beside_the_row["scores"].shown(self.record, self.request.user)
        known = {f"score-{slug}": str(value) for slug, value in shown.items()}
        return ScoreForm(self.record, self.typed, initial=known | dict(self.kept.fields))

    def _words(self) -> Any:
        return declared.drawn(
            self.record,
            asks=("confidence",),
            offers=("comment_to_committee", "comment_to_proposer"),
            actor=self.request.user,
            typed=self.typed,
            initial=self.kept.fields,
        )

    def carry_out(self) -> Review:
        """Send the review, or change it."""
        name = self.STEPS.get(self.record.state, "submit")
        data = declared.read(self._words(), self.request.POST)
        return perform(
            self.record,
            name,
            actor=self.request.user,
            data={**data, "scores": self.score_form.read(self.request.POST)},
            version=declared.version(self.request.POST),
        )

    def answer(self, done: Review) -> HttpResponse:
        """Show the request with all of its reviews: they are open to the reader now."""
        toasts.say(
            self.request, f"Your review of {done.request.key} is sent. You see the others from now on."
        )
        return redirect("committee-request", done.request.call_id, done.request.key)

    @cached_property
    def sight(self) -> Sight:
        """The request, as the reader may know it."""
        return as_committee_sees(self.record.request, self.request.user)

    @property
    def standing(self) -> Standing:
        """Who holds the review, what is next, until when."""
        clock = next_deadlines([self.record]).get(self.record.pk)
        return standing(self.record, self.request.user, [clock] if clock else [])

    @property
    def actions(self) -> Actions:
        """What the reader may do beside writing."""
        return actions(self.record, self.request.user)

    def context(self) -> dict[str, Any]:
        """The request beside the form."""
        scores, words = self.score_form, self._words()
        if self.refusal and self.typed is not None:
            scores = scores.say(self.refusal.fields.get("scores", ()))
            others = {name: said for name, said in self.refusal.fields.items() if name != "scores"}
            words = words.refused(others)
        call = self.record.request.call
        files = [
            {**file, "url": reverse("committee-file", args=[call.pk, self.record.request.key, number])}
            for number, file in enumerate(self._files, 1)
        ]
        return {
            **super().context(),
            "heading": str(self.record),
            "page": self,
            "call": call,
            "content": self._content,
            "files": files,
            "scores": scores,
            "form": words,
            "wrong": [*_errors_of(scores), *_errors_of(words)],
            "action": reverse("review", args=[self.record.pk]),
            "now": self.standing,
            "acts": self.actions,
        }

    @property
    def _files(self) -> list[dict[str, Any]]:
        return self.sight.files if self.is_own else []

    @property
    def _content(self) -> Any:
        return self.sight.content if self.is_own else None


def _errors_of(form: forms.BaseForm) -> list[tuple[str, str, str]]:
    fields = ((form[name], errors) for name, errors in form.errors.items() if name in form.fields)
    named = [(field.auto_id, str(field.label), str(error)) for field, errors in fields for error in errors]
    return [*named, *(("", "", str(error)) for error in form.non_field_errors())]
