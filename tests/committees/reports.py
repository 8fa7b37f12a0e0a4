"""Makes reports, the tracks of their items, and feedback, in every state."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from ops.committees.feedback.services import give_feedback
from ops.committees.models import Feedback, FeedbackUse, Item, Report, Response, Work
from ops.committees.models.reports import open_tracks
from ops.committees.reports.outline import add_item
from ops.committees.reports.voting import cast_vote
from ops.people.models import User
from ops.tickets.models import Ticket, Visibility
from ops.workflow.declaration import Step
from ops.workflow.services import create, perform
from tests.cast import Cast
from tests.factory import Factory

WORDS = "Let queries that fail say why, in words that an astronomer understands."
ANSWER = {"disposition": "accept", "text": "We will, with the next release.", "timescale": "before DP2"}
EVIDENCE = {"evidence": "https://example.org/release-notes"}


def in_a_year(cast: Cast) -> str:
    """A moment still to come."""
    return (timezone.now() + datetime.timedelta(days=365)).isoformat()


def closing(reason: str = "implemented") -> dict[str, Any]:
    """Why nothing more is to be done."""
    return {"closing_reason": reason}


class ReportFactory(Factory):
    """Reports of the Users Committee, with one item."""

    model = Report
    creator = "uc_chair"
    ADOPT = (("adopt", "uc_chair", {}),)
    DELIVER = (*ADOPT, ("deliver", "uc_chair", {"response_due_at": in_a_year}))
    PUBLISH = (*DELIVER, ("publish", "uc_chair", {}))
    RESPOND = (*PUBLISH, ("respond", "director", {}))
    REVIEW = (*RESPOND, ("review", "uc_chair", {}))
    # What everybody sees stands first: the contracts try illegal steps on it.
    paths = {
        "published": PUBLISH,
        "delivered": DELIVER,
        "responded": RESPOND,
        "reviewed": REVIEW,
        "closed": (*REVIEW, ("close", "uc_chair", {})),
        "drafting": (),
        "adopted": ADOPT,
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        made = super().new(cast, **data)
        add_item(made, actor=cast.uc_chair, data={"text": WORDS})
        return made

    def data(self, cast: Cast) -> dict[str, Any]:
        return {"title": "Report of the Users Committee", "semester": "2026A"}

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        made = self.new(cast, **data)
        for name, actor, answers in self.paths[state]:
            step = made.workflow.steps_named(name)[0]
            filled = {key: value(cast) if callable(value) else value for key, value in answers.items()}
            made = perform(self.mend(step, made, cast), name, actor=getattr(cast, actor), data=filled)
        return made

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {name: in_a_year(cast) for name in step.asks}

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "take_in":
            return self.from_outside(cast, with_item=True)
        if step.name == "adopt":
            cast_vote(obj, actor=cast.uc_member, choice="yes")
        if step.name == "respond":
            perform(obj.responses().get(), "answer", actor=cast.director, data=ANSWER)
        if step.name == "review":
            perform(obj.responses().get(), "accept", actor=cast.uc_chair)
        if step.name == "close":
            perform(obj.works().get(), "close", actor=cast.uc_chair, data=closing())
        return obj

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        return self.from_outside(cast, with_item=False) if step.name == "take_in" else obj

    def from_outside(self, cast: Cast, *, with_item: bool, **data: Any) -> Report:
        """A review from outside that was not taken in yet."""
        made = create(Report, actor=cast.lead, data={"title": "Joint review", "source": "outside", **data})
        if with_item:
            add_item(made, actor=cast.lead, data={"text": WORDS}, number="OPS-1", external_key="REC-1")
        return made

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        Ticket.objects.filter(pk=obj.pk).update(visibility=Visibility.CIRCLE)
        return obj, cast.outsider


class TrackFactory(Factory):
    """What the two tracks have in common: an item of a report that everybody sees."""

    creator = "system"

    def new(self, cast: Cast, **data: Any) -> Any:
        return self.model._default_manager.get(item=self.item(cast))

    def item(self, cast: Cast) -> Item:
        """An item of a published report; the report's own steps have tests of their own."""
        report = create(Report, actor=cast.uc_chair, data={"title": "Report", "semester": "2026A"})
        Report.objects.filter(pk=report.pk).update(state="published", visibility=Visibility.PUBLIC)
        item = Item.objects.create(report=report, number="1", position=1, text=WORDS)
        open_tracks(item, due_at=None)
        return item

    def data(self, cast: Cast) -> dict[str, Any]:
        return {}

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        Ticket.objects.filter(pk=obj.item.report_id).update(visibility=Visibility.CIRCLE)
        return obj, cast.outsider


class ResponseFactory(TrackFactory):
    """Responses."""

    model = Response
    RECEIVE = ("answer", "director", dict(ANSWER))
    paths = {
        "awaiting": (),
        "received": (RECEIVE,),
        "acceptable": (RECEIVE, ("accept", "uc_chair", {})),
        "acceptable_alternate": (RECEIVE, ("accept_alternate", "uc_chair", {})),
        "unacceptable": (RECEIVE, ("refuse", "uc_chair", {"verdict_note": "It says nothing of when."})),
        "clarification_requested": (
            RECEIVE,
            ("ask_for_clarification", "uc_chair", {"verdict_note": "Which release?"}),
        ),
        "withdrawn": (("withdraw", "uc_chair", {"reason": "It has answered itself."}),),
    }

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {name: {**ANSWER, "verdict_note": "Which release?"}[name] for name in step.asks}


class WorkFactory(TrackFactory):
    """Work on items."""

    model = Work
    CLAIM = ("claim_done", "director", dict(EVIDENCE))
    paths = {
        "not_started": (),
        "in_progress": (("start", "director", {}),),
        "claimed_done": (CLAIM,),
        "verified": (CLAIM, ("verify", "uc_chair", {})),
        "closed": (("close", "uc_chair", closing()),),
    }

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {name: {**EVIDENCE, **closing()}[name] for name in step.asks}


class FeedbackFactory(Factory):
    """Feedback of a user, in confidence."""

    model = Feedback
    creator = "system"
    paths = {
        "given": (),
        "taken_up": (("take_up", "uc_member", {}),),
        "noted": (("note", "uc_member", {}),),
        "withdrawn": (("withdraw", "system", {}),),
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        return give_feedback(actor=cast.reporter, data={**self.data(cast), **data})

    def data(self, cast: Cast) -> dict[str, Any]:
        return {"text": "The Portal forgets my columns.", "is_confidential": True}

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        if state != "taken_up":
            return super().in_state(state, cast, **data)
        return perform(self.attached(self.new(cast, **data), cast), "take_up", actor=cast.uc_member)

    def attached(self, feedback: Feedback, cast: Cast) -> Feedback:
        """Let an item rest on it."""
        item = ResponseFactory().item(cast)
        FeedbackUse.objects.create(feedback=feedback, item=item, attached_by=cast.uc_member)
        return feedback

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return {}

    def mend(self, step: Step, obj: Any, cast: Cast) -> Any:
        return self.attached(obj, cast) if step.name == "take_up" else obj

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


FACTORIES: dict[str, Factory] = {
    "report": ReportFactory(),
    "response": ResponseFactory(),
    "work": WorkFactory(),
    "feedback": FeedbackFactory(),
}
