"""The letter in which a proposer reads the decision: the same on the page and on paper."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ops.allocations.award_rules import APPEAL_WITHIN, TOLD
from ops.allocations.models import Outcome, Request, Review
from ops.allocations.models.decisions import Grade, Stage
from ops.allocations.quarters import Quarter
from ops.people.authority import OPERATIONS, holders_of
from ops.people.models import Role, User
from ops.printing.markup import content
from ops.printing.typesetting import typeset
from ops.workflow.errors import NotFound

TEMPLATE = "allocations/award_letter.typ"
FROM_ACCEPTANCE = "from the day on which you accept it"
SENTENCES = {
    Grade.FULL: "Your request is granted in full.",
    Grade.REDUCED: "Your request is granted in part; the amounts are below.",
    Grade.NONE: "We are sorry to say that nothing could be awarded to your request.",
}


@dataclass(frozen=True)
class Given:
    """One resource in the letter: asked and given in each quarter."""

    name: str
    unit: str
    asked: Sequence[Decimal]
    given: Sequence[Decimal]
    is_limit: bool

    @property
    def total_asked(self) -> Decimal:
        """What was asked for in all quarters, of a limit the largest."""
        return max(self.asked) if self.is_limit else sum(self.asked, Decimal(0))

    @property
    def total_given(self) -> Decimal:
        """What is given in all quarters, of a limit the largest."""
        return max(self.given) if self.is_limit else sum(self.given, Decimal(0))


@dataclass(frozen=True)
class ResultLetter:
    """The decision on one request, as its proposer reads it."""

    request: Request
    outcome: Outcome
    quarters: Sequence[Quarter]
    resources: Sequence[Given]
    comments: Sequence[tuple[str, str]]
    decided_by: str
    office: str

    @property
    def date(self) -> datetime.datetime:
        """When the decision was told."""
        return self.request.decided_at or self.outcome.made_at

    @property
    def sentence(self) -> str:
        """The decision."""
        return SENTENCES[Grade(self.outcome.grade)]

    @property
    def gives_something(self) -> bool:
        """Whether there is an award to accept."""
        return self.outcome.gives_something

    @property
    def ends_on(self) -> datetime.date:
        """The last day of the award."""
        return self.request.call.award_ends_on

    @property
    def starts_on(self) -> datetime.date | None:
        """Its first day; of an urgent award, which begins when it is accepted, None."""
        is_urgent = self.request.purpose == Request.Purpose.URGENT
        return None if is_urgent else self.request.call.award_starts_on

    @property
    def may_be_appealed(self) -> bool:
        """Whether there was no appeal yet when this was decided; there is one."""
        return self.request.appealed_at is None or self.request.appealed_at > self.date

    @property
    def appeal_until(self) -> datetime.datetime:
        """Until when an appeal can be made."""
        return self.date + APPEAL_WITHIN

    @property
    def time_to_appeal_is_over(self) -> bool:
        """Whether nobody can appeal any more."""
        return timezone.now() > self.appeal_until

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.request.key}-decision.pdf"


def letter_of(request: Request, reader: User) -> ResultLetter:
    """Return the letter about a request. Raises `NotFound` where it is not told yet, or not to this reader."""
    rows = Request.objects.visible_to(reader).filter(pk=request.pk, state__in=TOLD)
    seen = rows.select_related("call", "reporter").first()
    decided = (
        Outcome.objects.filter(request=request.pk, stage=Stage.DECIDED)
        .select_related("made_by")
        .prefetch_related("amounts")
        .order_by("-pk")
        .first()
    )
    if seen is None or decided is None:
        raise NotFound
    return ResultLetter(
        request=seen,
        outcome=decided,
        quarters=seen.call.quarters,
        resources=_given(seen, decided),
        comments=_comments(seen, decided),
        decided_by=decided.made_by.name,
        office=_office(decided),
    )


def _office(decided: Outcome) -> str:
    """In which office it was decided: the Director does where the Operations Director must not."""
    directors = holders_of(OPERATIONS, Role.DIRECTOR, on=decided.made_at.date())
    return "Operations Director" if directors.filter(pk=decided.made_by_id).exists() else "Director"


def printed(letter: ResultLetter) -> bytes:
    """Return the letter as PDF; the same letter always gives the same bytes."""
    return typeset(TEMPLATE, _data(letter), moment=letter.date)


def _given(request: Request, decided: Outcome) -> list[Given]:
    numbers = range(1, len(request.call.quarters) + 1)
    asked: dict[Any, dict[int, Decimal]] = {}
    for row in request.amounts.select_related("offer__resource__limit").order_by("offer__resource__name"):
        asked.setdefault(row.offer, {})[row.quarter] = row.asked
    table, none = decided.table, Decimal(0)
    return [
        Given(
            offer.resource.name,
            offer.resource.unit,
            [by_quarter.get(number, none) for number in numbers],
            [table.get((offer.pk, number), none) for number in numbers],
            offer.resource.is_limit,
        )
        for offer, by_quarter in asked.items()
    ]


def _comments(request: Request, decided: Outcome) -> list[tuple[str, str]]:
    """What is said to the proposer: never who of the committee said it."""
    said = [("From the committee and the director", decided.comment)]
    reviews = Review.objects.filter(request=request, state=Review.State.SUBMITTED).order_by(
        "submitted_at", "pk"
    )
    said += [
        (f"Reviewer {number}", review.comment_to_proposer)
        for number, review in enumerate(reviews, 1)
    ]  # fmt: skip
    assessment = request.latest_assessment
    said.append(("Technical assessment", assessment.note_to_proposer if assessment else ""))
    return [(who, text) for who, text in said if text.strip()]


def _data(letter: ResultLetter) -> Mapping[str, Any]:
    request, call = letter.request, letter.request.call
    return {
        "key": request.key,
        "title": request.title,
        "proposer": request.reporter.name,
        "institution": request.reporter.institution,
        "call": call.title,
        "date": _day(letter.date),
        "sentence": letter.sentence,
        "gives": letter.gives_something,
        "period": f"{_day(letter.starts_on) if letter.starts_on else FROM_ACCEPTANCE} to {_day(letter.ends_on)}",
        "quarters": [str(quarter) for quarter in letter.quarters],
        "rows": [
            [
                f"{row.name} ({row.unit})",
                *(f"{_number(given)} of {_number(asked)}" for asked, given in zip(row.asked, row.given, strict=True)),
            ]
            for row in letter.resources
        ],
        "comments": [{"who": who, "prose": content(text)} for who, text in letter.comments],
        "accept_by": _day(request.accept_by) if request.accept_by and letter.gives_something else "",
        "appeal_until": _day(letter.appeal_until) if letter.may_be_appealed else "",
        "decided_by": letter.decided_by,
        "office": letter.office,
    }  # fmt: skip


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"


def _day(moment: datetime.date) -> str:
    return f"{moment.day} {moment:%B %Y}"
