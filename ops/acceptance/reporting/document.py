"""The report as it is read: the content that was put out, or as it would be now, with the signatures under it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.utils import timezone

from ops.acceptance.models import Campaign, Report, Signature
from ops.acceptance.reporting.content import Content, content_of, day
from ops.acceptance.reporting.digest import digest_of
from ops.acceptance.reporting.material import Material
from ops.people.models import User
from ops.printing import markup
from ops.printing.typesetting import typeset

TEMPLATE = "acceptance/report.typ"
# From when on the report is what was put before the owners, and not what it would be now.
PUT_OUT = frozenset({"awaiting_sign_off", "signed_off", "signed_off_with_conditions", "refused", "closed"})
DECISIONS: Mapping[str, tuple[str, str]] = {
    "accepted": ("Accepted", "passed"),
    "conditional": ("Accepted with conditions", "passed_with_deviation"),
    "refused": ("Refused", "failed"),
}
PROSE = ("objectives", "scope", "assessment", "recommendations")


class ReportDocument:
    """The report of one campaign at one moment."""

    def __init__(self, campaign: Campaign, moment: datetime.datetime | None = None) -> None:
        self.campaign, self.moment = campaign, moment or timezone.now()

    @cached_property
    def report(self) -> Report | None:
        """What was put before the owners; None while the report is still being written."""
        return self.campaign.latest_report if self.campaign.state in PUT_OUT else None

    @cached_property
    def content(self) -> Content:
        """What the report says."""
        return self.report.content if self.report else content_of(Material(self.campaign))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what it says, computed now: a row that was tampered with gives itself away."""
        return digest_of(self.content)

    @property
    def is_genuine(self) -> bool:
        """Whether the content is still the one that was put out."""
        return self.report is None or self.report.digest == self.digest

    @property
    def number(self) -> str:
        """Which report of the campaign it is."""
        return f"no. {self.report.number}" if self.report else "(draft)"

    @cached_property
    def changes(self) -> Sequence[str]:
        """What the campaign says otherwise by now."""
        return self.campaign.changes_since_report if self.report else ()

    @cached_property
    def _signed(self) -> Mapping[int, Signature]:
        if self.report is None:
            return {}
        rows = self.report.signatures.filter(voided_at=None).select_related("person")
        return {row.concerned_id: row for row in rows}

    @cached_property
    def signatures(self) -> list[Mapping[str, Any]]:
        """A line for every product: who signs, what they said, when; or that they have yet to."""
        if self.report is None:
            return []
        concerned = list(self.campaign.concerned.all().with_owner())
        people = User.objects.in_bulk([row.answering for row in concerned if row.answering])
        return [self._line(row, people.get(row.answering)) for row in concerned]

    def _line(self, concerned: Any, answering: User | None) -> Mapping[str, Any]:
        signature = self._signed.get(concerned.pk)
        person = signature.person if signature else answering
        decision, tone = DECISIONS[signature.verdict] if signature else ("Not signed yet", "not_run")
        return {
            "product": str(concerned.product),
            "owner": person.name if person else "Nobody answers for it",
            "stands_in": _stands_in(concerned.product, person),
            "decision": decision,
            "tone": tone,
            "words": signature.words if signature else "",
            "date": day(signature.signed_at) if signature else "",
            "holds": signature is not None and signature.digest == self.digest,
        }

    @property
    def conditions(self) -> list[Mapping[str, Any]]:
        """What is attached to the acceptance."""
        return [line for line in self.signatures if line["tone"] == "passed_with_deviation"]

    @cached_property
    def voided(self) -> list[Mapping[str, Any]]:
        """The signatures that a later change has made void."""
        rows = Signature.objects.filter(report__campaign=self.campaign).exclude(voided_at=None)
        return [
            {
                "product": str(row.concerned.product),
                "owner": row.person.name,
                "decision": DECISIONS[row.verdict][0],
                "date": day(row.signed_at),
                "voided": day(row.voided_at),
                "why": row.voided_because,
            }
            for row in rows.select_related("person", "concerned__product")
        ]

    @property
    def date(self) -> str:
        """The date of extraction: when it was put out, or now while it is still being written."""
        return day(self.report.made_at if self.report else self.moment)

    @property
    def source(self) -> str:
        """Where it comes from, for the foot of every page."""
        return f"{settings.PUBLIC_URL}/campaigns/{self.campaign.key}/report/"

    def as_data(self) -> Mapping[str, Any]:
        """Return what the printed template is filled with; Markdown as trees."""
        names = (
            "date", "source", "number", "digest", "signatures", "voided", "conditions",
        )  # fmt: skip
        document = {name: getattr(self, name) for name in names}
        return {
            "content": _with_trees(self.content),
            "document": {**document, "state": self.campaign.state_label},
        }

    def as_pdf(self) -> bytes:
        """Return the report as PDF."""
        return typeset(TEMPLATE, self.as_data(), moment=self.moment)


def _stands_in(product: Any, person: User | None) -> str:
    if person is None or product.owner_id == person.pk:
        return ""
    above = next((node for node in product.lineage() if node.owner_id == person.pk), None)
    return f"as owner of {above}" if above else ""


def _with_trees(content: Content) -> Content:
    tree = cache(markup.content)  # what is said of a case stands once for every environment
    return {
        **content,
        **{name: tree(content[name]) for name in PROSE},
        "details": [
            {**group, "cases": [_case_with_trees(case, tree) for case in group["cases"]]}
            for group in content["details"]
        ],
    }


def _case_with_trees(case: Mapping[str, Any], tree: Callable[[str], Any]) -> Mapping[str, Any]:
    said = {name: tree(case[name]) for name in ("objective", "preconditions")}
    attempts = [{**each, "words": [tree(words) for words in each["words"]]} for each in case["attempts"]]
    return {**case, **said, "attempts": attempts}
