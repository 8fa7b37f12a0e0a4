"""Makes the records of acceptance testing in every state."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ops.acceptance.models import (
    Campaign,
    CaseStep,
    CaseVersion,
    Criterion,
    Environment,
    Execution,
    PinnedCase,
    Stage,
    TestCase,
    Tester,
)
from ops.issues.models import Issue
from ops.people.models import User
from ops.workflow.declaration import Step
from ops.workflow.models import Event
from ops.workflow.services import create, edit, perform
from tests.cast import Cast
from tests.factory import Factory, Move

STEPS = "1. Open the Portal.\n   Data: dp1\n   Expect: The form is there.\n2. Search.\n   Expect: A table."
OBJECTIVE = {"objective": "Somebody finds a source."}
CONSENT = {"agrees": True, "capacity": 5}


def in_days(days: float) -> datetime.datetime:
    """A moment so many days from now."""
    return timezone.now() + datetime.timedelta(days=days)


def version_of_a_case(cast: Cast, identifier: str = "", **content: Any) -> CaseVersion:
    """A frozen version of a case, put in directly: what runs it does not care how it was written."""
    identifier = identifier or f"RSP-{TestCase.objects.count() + 1}"
    case = TestCase.objects.create(
        identifier=identifier,
        title="Search by name",
        objective="Somebody finds a source.",
        steps_text=STEPS,
        author=cast.scientist,
        component=cast.portal,
        number=1,
        state="defined",
    )
    version = CaseVersion.objects.create(
        case=case, number=1, title=case.title, author=cast.scientist, **content
    )
    CaseStep.objects.bulk_create(
        [
            CaseStep(
                version=version, number=1, description="Open the Portal.", expected="The form is there."
            ),
            CaseStep(version=version, number=2, description="Search.", expected="A table."),
        ]
    )
    return version


def with_a_plan(campaign: Campaign, cast: Cast) -> Campaign:
    """Give a campaign what its plan needs: an environment, a case, an exit criterion."""
    Environment.objects.create(
        campaign=campaign,
        name="Firefox",
        software_version="RSP 3.2",
        data_release="DP1",
        browser="Firefox 145",
    )
    version = version_of_a_case(cast)
    PinnedCase.objects.create(campaign=campaign, case=version.case, version=version)
    Criterion.objects.create(
        campaign=campaign,
        stage=Stage.EXIT,
        rule="critical_cases_passed",
        sentence="Every critical case passed",
    )
    return campaign


def with_a_test(campaign: Campaign, person: User) -> Execution:
    """Let somebody take part, and give them the first case in the first environment."""
    Tester.objects.get_or_create(
        campaign=campaign, person=person, defaults={"state": "consented", "agrees": True}
    )
    return Execution.objects.create(
        campaign=campaign,
        case_version=campaign.pins.get().version,
        environment=campaign.environments.get(),
        tester=person,
        number=1,
        state="assigned",
    )


def running_campaign(cast: Cast) -> Campaign:
    """A campaign that runs, put in directly for the records that live in it; the same one for all of a test."""
    found = Campaign.objects.filter(state="running", title="For its tests").first()
    if found is not None:
        return found
    made = create(Campaign, actor=cast.coordinator, data={"title": "For its tests", "products": "rsp"})
    Campaign.objects.filter(pk=made.pk).update(state="running", closes_at=in_days(10))
    return with_a_plan(Campaign.objects.get(pk=made.pk), cast)


PLAN: Move = ("plan", "coordinator", {"scope": "The new search."})
MAKE_READY: Move = ("make_ready", "coordinator", {})
APPROVE: Move = ("approve", "owner", {})
RECRUIT: Move = ("recruit", "coordinator", {})
START: Move = ("start", "coordinator", {})
FREEZE: Move = ("freeze", "coordinator", {})
DRAFT: Move = ("draft_report", "coordinator", {})
ASK: Move = ("ask_for_sign_off", "coordinator", {"assessment": "Good enough."})
SIGN: Move = ("sign", "owner", {})
_RUNNING = (PLAN, MAKE_READY, APPROVE, RECRUIT, START)
_ASKED = (*_RUNNING, FREEZE, DRAFT, ASK)


class CampaignFactory(Factory):
    """Campaigns, each with one environment, one case and one tester."""

    model = Campaign
    creator = "coordinator"
    paths = {
        "draft": (),
        "planned": _RUNNING[:1],
        "ready": _RUNNING[:2],
        "approved": _RUNNING[:3],
        "recruiting": _RUNNING[:4],
        "running": _RUNNING,
        "results_frozen": _ASKED[:6],
        "report_drafted": _ASKED[:7],
        "awaiting_sign_off": _ASKED,
        "signed_off": (*_ASKED, SIGN),
        "signed_off_with_conditions": (*_ASKED, ("sign", "owner", {"conditions": "Mend the plot by May."})),
        "refused": (*_ASKED, ("refuse", "owner", {"reason": "The plot is wrong."})),
        "closed": (*_ASKED, SIGN, ("close", "coordinator", {})),
        "cancelled": (("cancel", "coordinator", {"reason": "The release is off."}),),
    }

    def new(self, cast: Cast, **data: Any) -> Any:
        campaign = with_a_plan(super().new(cast, **data), cast)
        with_a_test(campaign, cast.owner)  # who is told of every step anyway
        return campaign

    def in_state(self, state: str, cast: Cast, **data: Any) -> Any:
        """Put one straight to where its tests run, and let it walk from there.

        The way to there is walked by `tests/acceptance/test_campaigns.py`; walked for every edge it would be most
        of the run.
        """
        path = self.paths[state]
        if path[:1] != (PLAN,):
            return super().in_state(state, cast, **data)
        campaign = self.new(cast, **data)
        begins = list(self.paths)[min(len(path), len(_RUNNING))]
        with transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(state=begins)
            loaded = Event.objects.of(campaign).get()
            Event.objects.create(
                content_type=loaded.content_type, object_id=campaign.pk, actor=cast.coordinator,
                name="load", source="draft", target=begins,
            )  # fmt: skip
            campaign = Campaign.objects.get(pk=campaign.pk)
        if begins not in {"draft", "planned", "ready"}:
            campaign.concerned.update(approved_by=cast.owner, approved_at=timezone.now())
        for name, actor, answers in path[len(_RUNNING) :]:
            given = {**answers}
            reason = given.pop("reason", "")
            campaign = perform(campaign, name, actor=getattr(cast, actor), data=given, reason=reason)
        return campaign

    def data(self, cast: Cast) -> dict[str, Any]:
        return {
            "title": "RSP 3.2",
            "products": "rsp",
            "opens_at": in_days(5).isoformat(),
            "closes_at": in_days(20).isoformat(),
        }

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given = {
            "scope": "The new search.",
            "opens_at": in_days(5).isoformat(),
            "closes_at": in_days(30).isoformat(),
            "assessment": "Good enough.",
        }
        return {name: given[name] for name in step.asks}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        if step.name == "plan":
            obj.pins.all().delete()
        elif step.name == "make_ready":
            Criterion.objects.create(campaign=obj, stage=Stage.ENTRY, sentence="The data are loaded")
        elif step.name == "start":
            obj.testers.update(state="withdrawn")
        elif step.name in {"sign", "close"}:
            Criterion.objects.create(campaign=obj, stage=Stage.EXIT, sentence="Added after the report")
        else:
            obj.executions.update(state="running")
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        Campaign.objects.filter(pk=obj.pk).update(visibility="confidential")
        return obj, cast.outsider


class CaseFactory(Factory):
    """Test cases."""

    model = TestCase
    creator = "scientist"
    paths = {
        "draft": (),
        "defined": (("define", "scientist", OBJECTIVE),),
        "approved": (("define", "scientist", OBJECTIVE), ("approve", "coordinator", {})),
        "retired": (("retire", "coordinator", {"reason": "The page is gone."}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        return {
            "identifier": f"RSP-{TestCase.objects.count() + 1}",
            "title": "Search by name",
            "steps_text": STEPS,
            "component": "portal",
        }

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        return dict.fromkeys(step.asks, "Somebody finds a source.")

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        return edit(obj, actor=cast.scientist, data={"steps_text": "1. Look around."})

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.anonymous  # type: ignore[return-value]


class TesterFactory(Factory):
    """Testers, each time somebody else."""

    model = Tester
    creator = "coordinator"
    paths = {
        "invited": (),
        "consented": (("consent", "outsider", CONSENT),),
        "testing": (("consent", "outsider", CONSENT), ("take_up", "coordinator", {})),
        "finished": (
            ("consent", "outsider", CONSENT),
            ("take_up", "coordinator", {}),
            ("finish", "outsider", {}),
        ),
        "thanked": (("consent", "outsider", CONSENT), ("thank", "coordinator", {})),
        "declined": (("decline", "outsider", {}),),
        "withdrawn": (("withdraw", "outsider", {"reason": "No time."}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        campaign = running_campaign(cast)
        if Tester.objects.filter(campaign=campaign, person=cast.outsider).exists():
            Campaign.objects.filter(pk=campaign.pk).update(title="Another")
            campaign = running_campaign(cast)
        return {"campaign": campaign.key, "person": "outsider"}

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given = {**CONSENT, "due_at": in_days(12).isoformat()}
        return {name: given[name] for name in step.asks}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        with_a_test(obj.campaign, cast.outsider)
        return obj

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.reporter


class ExecutionFactory(Factory):
    """Executions."""

    model = Execution
    creator = "coordinator"
    paths = {
        "assigned": (),
        "running": (("begin", "reporter", {}),),
        "passed": (("begin", "reporter", {}), ("mark_passed", "reporter", {})),
        "passed_with_deviation": (
            ("begin", "reporter", {}),
            ("mark_deviation", "reporter", {"defects": lambda cast: [issue_about_it(cast)]}),
        ),
        "initial_pass": (
            ("begin", "reporter", {}),
            ("mark_initial_pass", "reporter", {"remains": "The plot on a tablet."}),
        ),
        "failed": (
            ("begin", "reporter", {}),
            ("mark_failed", "reporter", {"defects": lambda cast: [issue_about_it(cast)]}),
        ),
        "blocked": (("mark_blocked", "reporter", {"blocker": "The service is down."}),),
        "waived": (("waive", "coordinator", {"reason": "The button was taken out."}),),
    }

    def data(self, cast: Cast) -> dict[str, Any]:
        campaign = running_campaign(cast)
        return {
            "campaign": campaign.key,
            "case_version": str(campaign.pins.get().version_id),
            "environment": str(campaign.environments.get().pk),
            "tester": "reporter",
        }

    def answers(self, step: Step, cast: Cast) -> dict[str, Any]:
        given: dict[str, Any] = {
            "remains": "The plot on a tablet.",
            "blocker": "The service is down.",
            "tester": "outsider",
        }
        if "defects" in step.asks:
            given["defects"] = [issue_about_it(cast)]
        return {name: given[name] for name in step.asks}

    def break_guard(self, step: Step, obj: Any, cast: Cast) -> Any:
        Campaign.objects.filter(pk=obj.campaign_id).update(state="results_frozen")
        return Execution.objects.get(pk=obj.pk)

    def hide(self, obj: Any, cast: Cast) -> tuple[Any, User]:
        return obj, cast.outsider


def issue_about_it(cast: Cast) -> str:
    """The key of an issue about what went wrong."""
    key: str = create(Issue, actor=cast.reporter, data={"title": "The plot is empty"}).key
    return key


FACTORIES: dict[str, Factory] = {
    "campaign": CampaignFactory(),
    "case": CaseFactory(),
    "tester": TesterFactory(),
    "execution": ExecutionFactory(),
}
