"""How the owners put their names under a report, and what makes them void.

Mixed into the campaign: these are the bodies of its steps, run by the engine, each in the transaction of the step.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from ops.acceptance.reporting.content import content_of
from ops.acceptance.reporting.digest import changed_since, digest_of
from ops.acceptance.reporting.material import Material
from ops.people.models import User
from ops.workflow.models import Performance

if TYPE_CHECKING:
    from ops.acceptance.models import Report, Signature

ACCEPTED, CONDITIONAL, REFUSED = "accepted", "conditional", "refused"


class Signed:
    """A campaign, as far as its report and the signatures under it are concerned."""

    performance: Performance | None
    concerned: Any
    reports: Any
    State: Any

    @property
    def latest_report(self) -> Report | None:
        """The report that was put out last."""
        found: Report | None = self.reports.order_by("-number").first()
        return found

    @property
    def changes_since_report(self) -> list[str]:
        """What the campaign says otherwise than the report that was put out last; nothing where none was."""
        report = self.latest_report
        return changed_since(report.content, content_of(Material(self))) if report else []

    def put_out_report(self) -> None:
        """Keep the content as it is now, with its digest: this is what is signed."""
        actor, moment = self._by_and_at()
        content = content_of(Material(self))
        last = self.reports.aggregate(last=Max("number"))["last"] or 0
        self.reports.create(
            number=last + 1, content=content, digest=digest_of(content), made_by=actor, made_at=moment
        )

    def keep_signatures(self) -> None:
        """Sign for every product that the actor answers for and that nobody has signed for."""
        assert self.performance is not None  # noqa: S101  # a step runs inside the engine alone
        conditions = str(self.performance.data.get("conditions") or "")
        self._sign(CONDITIONAL if conditions else ACCEPTED, conditions)

    def keep_refusal(self) -> None:
        """Refuse for every product that the actor answers for and that nobody has signed for."""
        assert self.performance is not None  # noqa: S101
        self._sign(REFUSED, self.performance.reason)

    def _sign(self, verdict: str, words: str) -> None:
        actor, moment = self._by_and_at()
        report = self.latest_report
        assert report is not None  # noqa: S101  # nothing awaits signature before it was put out
        for concerned in self.concerned.all().unsigned().answered_by(actor):
            report.signatures.create(
                concerned=concerned,
                person=actor,
                verdict=verdict,
                words=words,
                digest=report.digest,
                signed_at=moment,
            )

    @property
    def after_signature(self) -> str:
        """Signed off once every owner concerned has signed, with conditions where anybody has set some."""
        if self.concerned.all().unsigned().exists():
            return str(self.State.AWAITING_SIGN_OFF)
        conditional = any(each.verdict == CONDITIONAL for each in self.signatures)
        return str(self.State.SIGNED_OFF_WITH_CONDITIONS if conditional else self.State.SIGNED_OFF)

    @property
    def signatures(self) -> Sequence[Signature]:
        """The signatures that hold."""
        report = self.latest_report
        if report is None:
            return []
        return list(report.signatures.filter(voided_at=None).select_related("person", "concerned__product"))

    def void_signatures(self) -> None:
        """Make every signature void: what they stand under is about to be changed."""
        assert self.performance is not None  # noqa: S101
        _, moment = self._by_and_at()
        for report in self.reports.all():
            report.signatures.filter(voided_at=None).update(
                voided_at=moment, voided_because=self.performance.reason
            )

    def _by_and_at(self) -> tuple[User, datetime.datetime]:
        assert self.performance is not None  # noqa: S101
        return self.performance.actor, self.performance.moment
