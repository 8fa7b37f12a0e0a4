"""The form in which an award is set amount by amount: at the line, as a recommendation, as a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse

from ops.allocations.decisions import current, decide, recommend_outcome
from ops.allocations.given import Amounts, asked_of, is_nothing, read_amounts
from ops.allocations.models import Amount, Outcome, Request
from ops.allocations.models.decisions import Grade, Stage
from ops.tabular.numbers import whole_number
from ops.web.allocations.committee_room import CommitteeForm, CommitteePage, answered, call_for
from ops.workflow.errors import NotFound
from ops.workflow.forms import TextField

TYPED = {"inputmode": "decimal", "autocomplete": "off", "class": "form-control amount"}


@dataclass(frozen=True)
class Cell:
    """One amount: what is asked, the least of use, what stands in the form."""

    quarter: int
    asked: Decimal
    minimum: Decimal
    field: BoundField


class GivenForm(forms.Form):
    """What is given of every amount that a request asks for, beside what each form asks itself."""

    template_name = "allocations/_given_form.html"
    first: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, asked: Request, given: Amounts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = asked.amounts.filter(asked__gt=0).select_related("offer__resource")
        self.asking = list(rows.order_by("offer__resource__name", "quarter"))
        for row in self.asking:
            self.fields[_name(row)] = forms.CharField(
                required=False,
                label=f"{row.offer.resource}, quarter {row.quarter}",
                initial=f"{given.get((row.offer_id, row.quarter), Decimal(0)).normalize():f}",
                widget=forms.TextInput(TYPED),
            )
        self.order_fields([*[_name(row) for row in self.asking], *self.fields])

    @property
    def resources(self) -> Mapping[Any, Sequence[Cell]]:
        """The amounts of each resource."""
        found: dict[Any, list[Cell]] = {}
        for row in self.asking:
            cell = Cell(row.quarter, row.asked, row.minimum, self[_name(row)])
            found.setdefault(row.offer.resource, []).append(cell)
        return found

    @property
    def above(self) -> list[BoundField]:
        """What is asked above the amounts."""
        return [self[name] for name in self.first]

    @property
    def below(self) -> list[BoundField]:
        """What is asked below the amounts."""
        others = {_name(row) for row in self.asking} | set(self.first)
        return [self[name] for name in self.fields if name not in others]

    def read(self, asked: Request, typed: QueryDict) -> Amounts:
        """Return the amounts as they were typed; raises `InvalidInput`."""
        rows = [
            {
                "resource": row.offer.resource.slug,
                "quarter": row.quarter,
                "amount": typed.get(_name(row), "") or "0",
            }
            for row in self.asking
        ]
        return read_amounts(asked, rows)

    def said(self, fields: Mapping[str, Sequence[str]]) -> None:
        """Say what the services refused beside the field, or above all of them."""
        self.full_clean()
        for name, sentences in fields.items():
            self.add_error(name if name in self.fields else None, list(sentences))


def _name(row: Amount) -> str:
    return f"amount-{row.offer.resource.slug}-{row.quarter}"


class WordsForm(GivenForm):
    """The amounts of an award, with what is said to the proposer and for the record."""

    comment = TextField(
        label="Comment to the proposer", required=False, max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Stands in the letter.",
    )  # fmt: skip
    reason = TextField(
        label="Reason", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the record. Needed for less than is of use, and for another decision than was recommended.",
    )  # fmt: skip


class GiveAmounts(CommitteeForm):
    """One request of a call, its award set amount by amount."""

    stage: Stage
    back: str
    action: str

    def write(self, request: Request, **said: Any) -> Outcome:
        """Keep it."""
        raise NotImplementedError

    def carry_out(self) -> Outcome:
        """Read what was typed and keep it: all of it is in full, nothing of it no award."""
        asked, typed = self._asked(), self.request.POST
        amounts = WordsForm(typed, asked=asked, given={}).read(asked, typed)
        grade = Grade.NONE if is_nothing(amounts) else Grade.REDUCED
        if dict(amounts) == asked_of(asked):
            grade = Grade.FULL
        return self.write(
            asked, actor=self.request.user, grade=grade, amounts=amounts, comment=typed.get("comment", ""),
            reason=typed.get("reason", ""), expected=whole_number(typed.get("version", "")),
        )  # fmt: skip

    def _asked(self) -> Request:
        page = CommitteePage(self.request, call_for(self.request, self.kwargs["pk"]))
        rows = (
            Request.objects.visible_to(self.request.user).filter(call=page.call).exclude(pk__in=page.barred)
        )
        found: Request | None = rows.filter(key=self.kwargs["key"].upper()).first()
        if found is None:
            raise NotFound
        found.call = page.call
        return found

    def answer(self, done: Outcome) -> Any:
        """Show the table again, at its row."""
        key = done.request.key
        address = f"{reverse(self.back, args=[self.kwargs['pk']])}#row-{key}"
        return answered(self.request, address, f"{key}: {done.get_grade_display().lower()}.")

    def context(self) -> dict[str, Any]:
        """The form, filled with what stands there now, else with what is proposed, else with what is asked."""
        asked = self._asked()
        there, proposed = current(asked, self.stage), current(asked, Stage.RECOMMENDED)
        source = there or proposed
        given = source.table if source else asked_of(asked)
        words = {"comment": source.comment if source else "", "reason": there.reason if there else ""}
        form = WordsForm(self.typed, asked=asked, given=given, initial=words)
        if self.refusal:
            form.said(self.refusal.fields)
        pk = self.kwargs["pk"]
        return {
            "heading": f"Amounts of {asked.key}",
            "help": asked.title,
            "form": form,
            "version": self.request.POST.get("version", there.pk if there else 0),
            "action": reverse(self.action, args=[pk, asked.key]),
            "send": "Save the amounts",
            "back": reverse(self.back, args=[pk]),
            "can_send": True,
        }


class RecommendAmounts(GiveAmounts):
    """What the committee recommends, amount by amount."""

    stage, back, action = Stage.RECOMMENDED, "call-recommendations", "recommend-amounts"

    def write(self, request: Request, **said: Any) -> Outcome:
        """Recommend it."""
        return recommend_outcome(request, **said)


class DecideAmounts(GiveAmounts):
    """What is decided, amount by amount."""

    stage, back, action = Stage.DECIDED, "call-decisions", "decide-amounts"

    def write(self, request: Request, **said: Any) -> Outcome:
        """Decide it."""
        return decide(request, **said)
