"""The plan of a campaign as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ops.acceptance.criteria import Line, lines
from ops.acceptance.facts import CampaignFacts
from ops.acceptance.models import Campaign, Environment, PinnedCase, Stage
from ops.acceptance.planning import runs_it
from ops.acceptance.reading import may_read_report
from ops.web.doors import SignedInRequest
from ops.web.records.actions import Action, actions


class Plan:
    """The plan of one campaign for one reader."""

    def __init__(self, request: SignedInRequest, campaign: Campaign) -> None:
        self.request, self.reader, self.campaign = request, request.user, campaign

    @cached_property
    def runs_it(self) -> bool:
        """Whether the reader runs the campaign."""
        return bool(runs_it.test(self.reader, self.campaign)) and not self.campaign.has_ended

    @property
    def may_change(self) -> bool:
        """Whether the reader may change the plan now."""
        return self.runs_it and self.campaign.is_being_planned

    @cached_property
    def environments(self) -> Sequence[Environment]:
        """Where the cases are run."""
        return list(self.campaign.environments.all())

    @cached_property
    def pins(self) -> Sequence[PinnedCase]:
        """What is run, by identifier, with the version pinned."""
        return list(self.campaign.pins.select_related("version__case", "case__component"))

    @property
    def outdated(self) -> int:
        """How many cases have a later version than the one that is run."""
        return sum(pin.version.number < pin.case.number for pin in self.pins)

    @property
    def critical(self) -> int:
        """How many cases are critical."""
        return sum(pin.version.is_critical for pin in self.pins)

    @property
    def minutes(self) -> int:
        """How long all cases take, each run as often as is wanted."""
        return sum(pin.version.minutes * self._runs_of(pin) for pin in self.pins)

    @property
    def runs(self) -> int:
        """How many tests follow from the plan."""
        return sum(self._runs_of(pin) for pin in self.pins)

    def _runs_of(self, pin: PinnedCase) -> int:
        campaign = self.campaign
        people = campaign.testers_per_critical_case if pin.version.is_critical else campaign.testers_per_case
        return people * (len(self.environments) if campaign.coverage == "every" else 1)

    @cached_property
    def _lines(self) -> list[Line]:
        return lines(
            self.campaign, list(self.campaign.criteria.select_related("met_by", "waived_by")), self._facts
        )

    @cached_property
    def _facts(self) -> CampaignFacts:
        return CampaignFacts(self.campaign)

    @property
    def entry(self) -> list[Line]:
        """The entry criteria as they stand now."""
        return [line for line in self._lines if line.criterion.stage == Stage.ENTRY]

    @property
    def exit(self) -> list[Line]:
        """The exit criteria as they stand now."""
        return [line for line in self._lines if line.criterion.stage == Stage.EXIT]

    @property
    def shows_exit(self) -> bool:
        """Whether the reader may know how the results stand; before there are any, everybody may."""
        return self.campaign.is_being_planned or may_read_report(self.reader, self.campaign)

    @property
    def is_decided_here(self) -> bool:
        """Whether the next step is about the plan."""
        return self.campaign.is_being_planned or self.campaign.state == Campaign.State.READY

    @cached_property
    def next(self) -> Action | None:
        """The next step, where nothing holds it back and the reader may take it."""
        return actions(self.campaign, self.reader).primary

    @cached_property
    def missing(self) -> list[str]:
        """What holds the next step back, in sentences."""
        blocked = actions(self.campaign, self.reader).blocked
        wanted = self.campaign.workflow.next_step(self.campaign.state)
        return [
            mend.sentence
            for action in blocked
            if wanted and action.step.name == wanted.name
            for mend in action.mends
        ]
