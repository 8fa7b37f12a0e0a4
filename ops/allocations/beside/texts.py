"""Texts by name: why so much of a resource is needed, what is answered to the questions of a call."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ops.allocations.beside.refusal import Change, changed, refused
from ops.allocations.models.calls import Question
from ops.people.models import User
from ops.workflow.forms import NamedValuesField

LONGEST_JUSTIFICATION = 5_000


class JustificationsBeside:
    """Why so much of each resource is needed: text by the slug of the resource."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return NamedValuesField(
            required=False, label="Justifications", help_text="Why you need so much, by resource."
        )

    def shown(self, request: Any, reader: User) -> Any:
        """Return the texts that are there."""
        if request.pk is None:
            return {}
        rows = request.justifications.select_related("offer__resource")
        return {row.offer.resource.slug: row.text for row in rows}

    def keep(self, request: Any, value: dict[str, Any], actor: User) -> Change:
        """Write the texts that are given; those of other resources stay."""
        offers = {offer.resource.slug: offer for offer in request.call.offers.select_related("resource")}
        problems = [
            f"“{name}” is not on offer in this call." for name in value if name not in offers
        ] + _too_long(
            value, {slug: offer.resource.name for slug, offer in offers.items()}, LONGEST_JUSTIFICATION
        )
        if problems:
            raise refused("justifications", problems)
        before = self.shown(request, actor)
        for name, text in value.items():
            rows = request.justifications.filter(offer=offers[name])
            if not text.strip():
                rows.delete()
            elif not rows.update(text=text.strip()):
                request.justifications.create(offer=offers[name], text=text.strip())
        after = self.shown(request, actor)
        return changed(before, after)


def _too_long(value: Mapping[str, Any], names: Mapping[str, str], limit: int) -> list[str]:
    problems = []
    for name, text in value.items():
        label = names.get(name, name)
        if not isinstance(text, str):
            problems.append(f"{label}: give text.")
        elif len(text) > limit:
            problems.append(f"{label}: at most {limit:,} characters; it has {len(text):,}.")
    return problems


class AnswersBeside:
    """What is answered to the questions of the call: by the slug of the question."""

    def form_field(self) -> forms.Field:
        """Return the field of the form."""
        return NamedValuesField(
            required=False,
            label="Answers",
            help_text="What you answer to the questions of this call, by question.",
        )

    def shown(self, request: Any, reader: User) -> Any:
        """Return the answers that are there."""
        if request.pk is None:
            return {}
        return {row.question.slug: row.text for row in request.answers.select_related("question")}

    def keep(self, request: Any, value: dict[str, Any], actor: User) -> Change:
        """Write the answers that are given; the others stay."""
        questions = {question.slug: question for question in request.call.questions.all()}
        answers, problems = {}, []
        for name, given in value.items():
            try:
                answers[name] = _answer(questions.get(name), name, given)
            except ValidationError as problem:
                problems += problem.messages
        if problems:
            raise refused("answers", problems)
        before = self.shown(request, actor)
        for name, text in answers.items():
            rows = request.answers.filter(question=questions[name])
            if not text:
                rows.delete()
            elif not rows.update(text=text):
                request.answers.create(question=questions[name], text=text)
        after = self.shown(request, actor)
        return changed(before, after)


def _answer(question: Question | None, name: str, given: Any) -> str:
    if question is None:
        raise ValidationError(f"This call does not ask “{name}”.")
    if isinstance(given, bool):
        given = "yes" if given else "no"
    text = str(given).strip() if isinstance(given, str | int | float) else ""
    if given not in (None, "") and not text and not isinstance(given, str):
        raise ValidationError(f"“{question.text}”: give text.")
    if not text:
        return ""
    if question.kind == Question.Kind.NUMBER and not _is_number(text):
        raise ValidationError(f"“{question.text}”: “{text[:40]}” is not a number.")
    if question.kind == Question.Kind.YES_NO and text.lower() not in {"yes", "no"}:
        raise ValidationError(f"“{question.text}”: answer yes or no.")
    if question.kind == Question.Kind.CHOICE and text not in question.choices:
        raise ValidationError(f"“{question.text}”: choose one of {', '.join(question.choices)}.")
    if len(text) > question.longest:
        raise ValidationError(
            f"“{question.text}”: at most {question.longest:,} characters; it has {len(text):,}."
        )
    return text


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
