"""The forms of the sections that are made of rows: amounts per quarter, answers to the call's questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from ops.allocations.models import Offer, Question, Request
from ops.allocations.quarters import Quarter
from ops.people.models import User

ROWS = {"abstract": 8, "methods": 20}
HELP = {
    "title": "What you want to find out, in one line.",
    "earlier": "The key of your request whose award this one goes on from; needed for every kind but a new one.",
    "co_investigators": "Begin to type a name. They see the request and hear what becomes of it.",
}


def in_plain_words(made: forms.ModelForm, request: Request) -> forms.ModelForm:
    """Return a declared form with what its proposer should know of this request, and no kind that cannot be."""
    fields, kind = made.fields, Request.Purpose
    for name in fields.keys() & ROWS.keys():
        fields[name].widget.attrs["rows"] = ROWS[name]
        fields[name].needed = "needed to send it"  # type: ignore[attr-defined]  # a draft is saved without
    for name in fields.keys() & HELP.keys():
        fields[name].help_text = HELP[name]
    if "purpose" in fields and request.call.is_standing and request.purpose == kind.URGENT:
        del fields["purpose"]  # there is one kind in a standing call
    elif "purpose" in fields:
        fits = [each for each in kind if (each == kind.URGENT) == request.call.is_standing]
        shown = dict.fromkeys([*fits, kind(request.purpose)])
        fields["purpose"].choices = [(each.value, each.label) for each in shown]  # type: ignore[attr-defined]
    return made


class RowsForm(forms.Form):
    """A form whose fields are read back into rows; what the services say of a row stands beside its field."""

    def __init__(self, *args: Any, fields: Mapping[str, forms.Field], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.update(fields)

    def refused(self, sentences: Sequence[str], labels: Mapping[str, str]) -> None:
        """Show each sentence beside the field whose label it begins with, or over the form."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        for sentence in sentences:
            said_of = (
                name for name, label in labels.items() if sentence.startswith((f"{label}:", f"{label} is"))
            )
            self.add_error(next(said_of, None), sentence)


@dataclass(frozen=True)
class QuarterLine:
    """One quarter of one resource: what there is to ask for, and the fields in which it is asked for."""

    quarter: Quarter
    most: Any
    asked: BoundField
    minimum: BoundField


@dataclass(frozen=True)
class ResourcePart:
    """One resource in the form."""

    offer: Offer
    lines: Sequence[QuarterLine]
    justification: BoundField


class ResourcesForm(RowsForm):
    """How much of each resource, in each quarter, and why."""

    def __init__(
        self, request: Request, reader: User, typed: QueryDict | None, kept: Mapping[str, Any]
    ) -> None:
        self.request = request
        self.offers = list(request.call.offers.select_related("resource__limit"))
        super().__init__(typed, initial=self._known(reader) | dict(kept), fields=dict(self._declared()))

    def _declared(self) -> Iterator[tuple[str, forms.Field]]:
        amount = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "amount"})
        for offer, quarter in self._cells:
            name = f"{offer.resource.slug}-{quarter.number}"
            where = f"{offer.resource.name}, quarter {quarter.number}"
            yield f"asked-{name}", forms.CharField(required=False, label=where, widget=amount)
            yield f"minimum-{name}", forms.CharField(required=False, label=f"{where}, minimum", widget=amount)
        for offer in self.offers:
            yield (
                f"justification-{offer.resource.slug}",
                forms.CharField(
                    required=False,
                    label=f"Why so much {offer.resource.name.lower()}",
                    widget=forms.Textarea({"rows": 4}),
                ),
            )

    @property
    def _cells(self) -> Iterator[tuple[Offer, Quarter]]:
        return ((offer, quarter) for offer in self.offers for quarter in self.request.call.quarters)

    def _known(self, reader: User) -> dict[str, Any]:
        beside = self.request.beside_the_row
        known: dict[str, Any] = {}
        for row in beside["amounts"].shown(self.request, reader):
            name = f"{row['resource']}-{row['quarter']}"  # type: ignore[index]
            known[f"asked-{name}"], known[f"minimum-{name}"] = row["asked"], row["minimum"]  # type: ignore[index]
        texts: Any = beside["justifications"].shown(self.request, reader)
        return known | {f"justification-{slug}": text for slug, text in texts.items()}

    @property
    def parts(self) -> list[ResourcePart]:
        """The resources on offer, each with its quarters."""
        return [
            ResourcePart(
                offer,
                [self._line(offer, quarter) for quarter in self.request.call.quarters],
                self[f"justification-{offer.resource.slug}"],
            )
            for offer in self.offers
        ]

    def _line(self, offer: Offer, quarter: Quarter) -> QuarterLine:
        name = f"{offer.resource.slug}-{quarter.number}"
        return QuarterLine(
            quarter, offer.most_in(quarter.number), self[f"asked-{name}"], self[f"minimum-{name}"]
        )

    def read(self, typed: QueryDict) -> dict[str, Any]:
        """Return what was typed, as the services take it."""
        amounts = []
        for offer, quarter in self._cells:
            slug, name = offer.resource.slug, f"{offer.resource.slug}-{quarter.number}"
            asked, minimum = typed.get(f"asked-{name}", "").strip(), typed.get(f"minimum-{name}", "").strip()
            if asked or minimum:
                row = {
                    "resource": slug,
                    "quarter": quarter.number,
                    "asked": asked or "0",
                    "minimum": minimum or "0",
                }
                amounts.append(row)
        slugs = [offer.resource.slug for offer in self.offers]
        texts = {slug: typed.get(f"justification-{slug}", "") for slug in slugs}
        return {"amounts": amounts, "justifications": texts}

    def say(self, problems: Mapping[str, Iterable[str]]) -> ResourcesForm:
        """Return the form with what the services said of it."""
        amounts = [*problems.get("amounts", ())]
        labels = {name: str(field.label) for name, field in self.fields.items() if name.startswith("asked")}
        labels |= {
            name: str(field.label) for name, field in self.fields.items() if name.startswith("minimum")
        }
        labels |= {f"justification-{offer.resource.slug}": offer.resource.name for offer in self.offers}
        self.refused([*amounts, *problems.get("justifications", ())], labels)
        return self


class AnswersForm(RowsForm):
    """What the call asks beside what every request is asked."""

    def __init__(
        self, request: Request, reader: User, typed: QueryDict | None, kept: Mapping[str, Any]
    ) -> None:
        self.questions = list(request.call.questions.all())
        answers: Any = request.beside_the_row["answers"].shown(request, reader)
        known = {f"answer-{slug}": text for slug, text in answers.items()}
        fields = {f"answer-{question.slug}": _answer_field(question) for question in self.questions}
        super().__init__(typed, initial=known | dict(kept), fields=fields)

    @property
    def parts(self) -> dict[str, list[BoundField]]:
        """The questions under their headings."""
        parts: dict[str, list[BoundField]] = {}
        for question in self.questions:
            parts.setdefault(question.section, []).append(self[f"answer-{question.slug}"])
        return parts

    def read(self, typed: QueryDict) -> dict[str, Any]:
        """Return what was typed, as the services take it."""
        return {"answers": {q.slug: typed.get(f"answer-{q.slug}", "") for q in self.questions}}

    def say(self, problems: Mapping[str, Iterable[str]]) -> AnswersForm:
        """Return the form with what the services said of it."""
        labels = {f"answer-{question.slug}": f"“{question.text}”" for question in self.questions}
        self.refused([*problems.get("answers", ())], labels)
        return self


def _answer_field(question: Question) -> forms.Field:
    options: dict[str, Any] = {"required": False, "label": question.text, "help_text": question.help}
    kind = Question.Kind
    if question.kind == kind.YES_NO:
        return forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect, **options)
    if question.kind == kind.CHOICE:
        choices = [("", "Choose…"), *((choice, choice) for choice in question.choices)]
        return forms.ChoiceField(choices=choices, **options)
    if question.kind == kind.TEXT:
        return forms.CharField(widget=forms.Textarea({"rows": 5}), **options)
    attributes = {"inputmode": "decimal"} if question.kind == kind.NUMBER else {}
    return forms.CharField(widget=forms.TextInput(attributes), **options)
