"""Makes the records of resource allocation in every state.

What a record stands on (its call, a review that must be there) is put into the database in one statement: the records
that a test is about go through the engine, their surroundings need not.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ops.allocations.models import (
    Addition,
    Award,
    Call,
    Criterion,
    Offer,
    Outcome,
    OutcomeAmount,
    Request,
    Resource,
    Review,
    Score,
)
from ops.allocations.models.decisions import Stage
from ops.people.models import User
from ops.tickets.models import Ticket
from ops.workflow.declaration import Step
from ops.workflow.services import create, edit
from tests.cast import Cast
from tests.factory import Factory, Move

AWARDS = {"award_starts_on": datetime.date(2027, 2, 1), "award_ends_on": datetime.date(2027, 7, 31)}
ABSTRACT = "We will find every variable star brighter than the twentieth magnitude."
FOREVER = datetime.date(2099, 12, 31)


def soon(cast: Cast) -> datetime.datetime:
    """A moment still to come."""
    return timezone.now() + datetime.timedelta(days=7)


def resource(slug: str, unit: str, basic: int = 0) -> Resource:
    """A resource, made once."""
    return Resource.objects.get_or_create(
        slug=slug, defaults={"name": slug.capitalize(), "unit": unit, "basic_quota": basic}
    )[0]


def offer_in(call: Call, slug: str = "compute", unit: str = "core-hours", amount: int = 1000) -> Offer:
    """What a call offers of a resource: the same in each quarter."""
    capacity = [Decimal(amount)] * len(call.quarters)
    return Offer.objects.create(call=call, resource=resource(slug, unit, basic=10), capacity=capacity)


def open_call(slug: str = "urgent", **data: Any) -> Call:
    """A call that takes requests, with one resource and two criteria; made once."""
    found = Call.objects.filter(slug=slug).first()
    if found is not None:
        return found
    values = {"title": "Urgent requests", "is_standing": True, **AWARDS, **data}
    call = Call.objects.create(slug=slug, state=Call.State.OPEN, **values)
    offer_in(call)
    criteria = [("merit", "Scientific merit", 3), ("means", "Use of the means", 1)]
    Criterion.objects.bulk_create(
        Criterion(call=call, slug=slug, name=name, weight=weight, position=position)
        for position, (slug, name, weight) in enumerate(criteria)
    )
    return call


def periodic_call(slug: str = "2027a", **data: Any) -> Call:
    """A call of a semester that takes requests."""
    values = {"title": "Semester 2027A", "is_standing": False, "closes_at": soon, **data}
    return open_call(
        slug, **{name: value(None) if callable(value) else value for name, value in values.items()}
    )


def with_rights(person: User) -> User:
    """Somebody whose data rights do not end."""
    if person.data_rights_until != FOREVER:
        person.data_rights_until = FOREVER
        person.save(update_fields=["data_rights_until"])
    return person


def moved(record: Any, state: str) -> Any:
    """A record put into a state at once, where a test is not about how it came there."""
    model = Ticket if isinstance(record, Ticket) else type(record)
    model.objects.filter(pk=record.pk).update(state=state)
    return type(record).objects.get(pk=record.pk)


def reviewed(request: Request, reviewer: User, *scores: int) -> Review:
    """A review that was sent, with one score for each criterion."""
    values = scores or (4, 3)
    criteria = list(request.call.criteria.all())
    weights = [criterion.weight for criterion in criteria]
    overall = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    review = Review.objects.create(
        request=request, reviewer=reviewer, state=Review.State.SUBMITTED, confidence="high", overall=overall
    )
    Score.objects.bulk_create(
        Score(review=review, criterion=criterion, value=value)
        for criterion, value in zip(criteria, values, strict=True)
    )
    return review


def outcome(
    request: Request,
    by: User,
    stage: Stage = Stage.DECIDED,
    grade: str = "full",
    part: str = "1",
    **words: str,
) -> Outcome:
    """What was recommended or decided: a part of what was asked for."""
    made = Outcome.objects.create(request=request, stage=stage, grade=grade, made_by=by, **words)
    if grade != "none":
        OutcomeAmount.objects.bulk_create(
            OutcomeAmount(
                outcome=made, offer=row.offer, quarter=row.quarter, amount=row.asked * Decimal(part)
            )
            for row in request.amounts.select_related("offer")
        )
    return made


def enforced(request: Request, by: User) -> Request:
    """A request whose award was applied by hand."""
    Award.objects.filter(request=request).update(
        enforcement=Award.Enforcement.BY_HAND, enforced_by=by, enforced_at=timezone.now()
    )
    return Request.objects.get(pk=request.pk)


class CallFactory(Factory):
    """Calls."""

    model = Call
    creator = "rac_chair"
    OPEN: Move = ("open", "rac_chair", {})
    CLOSE: Move = ("close", "system", {})
    BEGIN: Move = ("begin_review", "rac_chair", {})
    RANK: Move = ("rank", "rac_chair", {})
    DECIDE: Move = ("decide", "operations_director", {})
    paths = {
        "draft": (),
        "open": (OPEN,),
        "closed": (OPEN, CLOSE),
        "under_review": (OPEN, CLOSE, BEGIN),
        "ranked": (OPEN, CLOSE, BEGIN, RANK),
        "decided": (OPEN, CLOSE, BEGIN, RANK, DECIDE),
        "published": (OPEN, CLOSE, BEGIN, RANK, DECIDE, ("publish", "operations_director", {})),
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        call = super().new(cast, **data)
        offer_in(call)
        Criterion.objects.create(call=call, slug="merit", name="Scientific merit")
        return call

    def data(self, cast: Cast) -> dict[str, Any]:
        number = Call.objects.count() + 1
        dates = {name: day.isoformat() for name, day in AWARDS.items()}
        return {"slug": f"call-{number}", "title": f"Call {number}", "closes_at": soon(cast), **dates}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {name: soon(cast) for name in step.asks}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "open":
            obj.offers.all().delete()
        else:
            late = moved(RequestFactory().new(cast), "submitted")
            Request.objects.filter(pk=late.pk).update(call=obj)
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return moved(obj, Call.State.DRAFT), cast.outsider


class RequestFactory(Factory):
    """Requests, urgent ones in a standing call, which wait for no other."""

    model = Request
    creator = "reporter"
    SUBMIT: Move = ("submit", "reporter", {})
    ASSESS: Move = (
        "assess", "assessor", {"verdict": "feasible", "note_to_committee": "Fits well.", "note_to_proposer": ""},
    )  # fmt: skip
    BACK: Move = ("return_for_revision", "assessor", {"revise_by": soon, "reason": "Give the size of a job."})
    SEND: Move = ("send_to_review", "rac_chair", {})
    DISCUSS: Move = ("discuss", "rac_chair", {})
    RANK: Move = ("rank", "rac_chair", {})
    RECOMMEND: Move = ("recommend", "rac_chair", {})
    AWARD: Move = ("award", "operations_director", {})
    DECLINE: Move = ("decline", "operations_director", {})
    ACCEPT: Move = ("accept", "reporter", {})
    PROVISION: Move = ("provision", "assessor", {})
    ACTIVATE: Move = ("activate", "assessor", {})
    APPEAL: Move = ("appeal", "reporter", {"reason": "The referee has mistaken hours for days."})
    END: Move = ("end", "system", {})
    REVIEWED = (SUBMIT, ASSESS, SEND)
    AWARDED = (*REVIEWED, DISCUSS, RECOMMEND, AWARD)
    ACTIVE = (*AWARDED, ACCEPT, PROVISION, ACTIVATE)
    paths: Mapping[str, tuple[Move, ...]] = {
        "draft": (),
        "submitted": (SUBMIT,),
        "returned": (SUBMIT, BACK),
        "assessed": (SUBMIT, ASSESS),
        "in_review": REVIEWED,
        "discussed": (*REVIEWED, DISCUSS),
        "ranked": (*REVIEWED, DISCUSS, RANK),
        "recommended": (*REVIEWED, DISCUSS, RECOMMEND),
        "awarded": AWARDED,
        "declined": (*AWARDED[:-1], DECLINE),
        "under_appeal": (*AWARDED[:-1], DECLINE, APPEAL),
        "accepted": (*AWARDED, ACCEPT),
        "provisioning": (*AWARDED, ACCEPT, PROVISION),
        "active": ACTIVE,
        "grace": (*ACTIVE, END),
        "expired": (*ACTIVE, END, ("expire", "system", {})),
        "revoked": (*AWARDED, ACCEPT, ("revoke", "operations_director", {"reason": "It was not used."})),
        "withdrawn": (("withdraw", "reporter", {}),),
        "lapsed": (*AWARDED, ("lapse", "operations_director", {"reason": "Nobody answered for a month."})),
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        with_rights(cast.reporter)
        if "call" not in data:
            data["call"] = open_call().slug
        return create(Request, actor=cast.reporter, data={**self.data(cast), **data})

    def data(self, cast: Cast) -> dict[str, Any]:
        return {
            "title": "Variable stars in the bulge",
            "purpose": "urgent",
            "abstract": ABSTRACT,
            "methods": "Difference imaging of every visit.",
            "amounts": [{"resource": "compute", "quarter": 1, "asked": 200, "minimum": 50}],
            "justifications": {"compute": "Each visit takes a minute of one core."},
        }

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        made = self.new(cast, **data)
        for move in self.paths[state]:
            made = self.take(move, self.prepared(move, made, cast), cast)
        return made

    def prepared(self, move: Move, request: Request, cast: Cast) -> Request:
        """Put what a move needs beside the request."""
        return self.with_all_for(move[0], request, cast)

    def with_all_for(self, step: str, request: Request, cast: Cast) -> Request:
        """Put beside the request what a step asks to be there."""
        if step == "discuss":
            reviewed(request, cast.rac_member)
        if step == "recommend":
            outcome(request, cast.rac_chair, Stage.RECOMMENDED)
        if step in {"award", "decline"}:
            outcome(request, cast.operations_director, grade="full" if step == "award" else "none")
        if step == "reschedule":
            award = request.held_award
            Award.objects.filter(pk=award.pk).update(ends_on=award.ends_on + datetime.timedelta(days=90))
            return Request.objects.get(pk=request.pk)
        return enforced(request, cast.assessor) if step == "activate" else request

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given = {**self.ASSESS[2], "revise_by": soon(cast)}
        return {name: given[name] for name in step.asks}

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        return self.with_all_for(step.name, obj, cast)

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "accept":
            Request.objects.filter(pk=obj.pk).update(purpose=Request.Purpose.TRANSFER)
        if step.name == "submit":
            return edit(obj, actor=cast.reporter, data={"amounts": []})
        if step.name == "send_to_review":
            Call.objects.filter(pk=obj.call_id).update(is_standing=False)
        if step.name == "discuss_again":
            moved(obj.call, "decided")
        if step.name == "revoke":
            award, another = obj.held_award, moved(self.new(cast), "accepted")
            Addition.objects.create(award=award, request=another, ends_on=award.ends_on)
        if step.name == "appeal":
            Request.objects.filter(pk=obj.pk).update(appealed_at=timezone.now())
        return Request.objects.get(pk=obj.pk)

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


class ReviewFactory(Factory):
    """Reviews, each of another request."""

    model = Review
    creator = "rac_chair"
    SCORES = {"scores": {"merit": 4, "means": 3}, "confidence": "high"}
    ACCEPT: Move = ("accept", "rac_member", {})
    SUBMIT: Move = ("submit", "rac_member", SCORES)
    paths = {
        "assigned": (),
        "accepted": (ACCEPT,),
        "submitted": (ACCEPT, SUBMIT),
        "declined": (("decline", "rac_member", {"reason": "Too far from my field."}),),
        "returned": (("release", "rac_chair", {"reason": "Time has run out."}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        request = moved(RequestFactory().new(cast), Request.State.IN_REVIEW)
        Request.objects.filter(pk=request.pk).update(submitted_at=timezone.now())
        return {"request": request.key, "reviewer": "rac-member"}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {name: self.SCORES[name] for name in step.asks}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        told = step.name == "release"
        moved(obj.request, Request.State.AWARDED if told else Request.State.DISCUSSED)
        return Review.objects.get(pk=obj.pk)

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


FACTORIES: dict[str, Factory] = {
    "call": CallFactory(),
    "request": RequestFactory(),
    "review": ReviewFactory(),
}
