"""What a request still has to say, section by section, before it can be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

BASICS, SCIENCE, PEOPLE, RESOURCES, QUESTIONS, FILES = (
    "basics", "science", "people", "resources", "questions", "files",
)  # fmt: skip
SECTIONS = {
    BASICS: "What it is",
    SCIENCE: "Science",
    PEOPLE: "People",
    RESOURCES: "Resources",
    QUESTIONS: "Questions of this call",
    FILES: "Files",
}


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: in which section, of which field, and what to do."""

    section: str
    field: str
    words: str


def missing_from(request: Any) -> Sequence[Missing]:
    """Return what is missing, in the order of the form."""
    return [*_words(request), *_resources(request), *_answers(request)]


def _words(request: Any) -> Iterator[Missing]:
    if request.purpose in request.ON_AN_AWARD and request.earlier_id is None:
        yield Missing(BASICS, "earlier", "Name the award that this request goes on from.")
    if not request.abstract.strip():
        yield Missing(SCIENCE, "abstract", "Write an abstract.")
    if not request.methods.strip():
        yield Missing(SCIENCE, "methods", "Describe the science and the methods.")


def _resources(request: Any) -> Iterator[Missing]:
    rows = [row for row in request.rows_asked if row.asked]
    if not rows:
        yield Missing(RESOURCES, "amounts", "Ask for at least one resource.")
    justified = {row.offer_id for row in request.rows_justified if row.text.strip()}
    for offer in dict.fromkeys(row.offer for row in rows):
        if offer.pk not in justified:
            name = offer.resource.name
            yield Missing(
                RESOURCES, f"justification-{offer.resource.slug}", f"Say why you need so much {name}."
            )


def _answers(request: Any) -> Iterator[Missing]:
    answered = {row.question_id for row in request.rows_answered if row.text.strip()}
    for question in request.call.questions.all():
        if question.is_required and question.pk not in answered:
            yield Missing(QUESTIONS, f"answer-{question.slug}", f"Answer “{question.text}”")
