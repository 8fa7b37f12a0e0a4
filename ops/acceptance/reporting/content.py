"""The content of the report: what signatures are bound to. Every number in it is computed here."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ops.acceptance import criteria
from ops.acceptance.models.plan import Stage
from ops.acceptance.reporting import personnel, results
from ops.acceptance.reporting.material import Material

Content = dict[str, Any]

# The steps of a campaign that its report tells of, in the words of a change record.
CHANGES: Mapping[str, str] = {
    "create": "Campaign drafted",
    "plan": "Plan complete",
    "make_ready": "Plan put before the product owners",
    "approve": "Plan approved",
    "replan": "Plan taken back to be changed",
    "start": "Testing began",
    "reschedule": "End of the tests moved",
    "freeze": "Results frozen",
    "retest": "Opened for further attempts",
    "draft_report": "Report drafted",
    "ask_for_sign_off": "Report put out for signature",
    "revise_report": "Report taken back to be changed",
    "refuse": "Report refused",
}
NOT_FROZEN = frozenset(["draft", "planned", "ready", "approved", "recruiting", "running", "cancelled"])


def content_of(material: Material) -> Content:
    """Return everything that the report says, in its sections, as values that JSON knows."""
    campaign = material.campaign
    return {
        "campaign": {
            "key": campaign.key,
            "title": campaign.title,
            "milestone": campaign.release,
            "owner": campaign.reporter.name,
            "coordinators": material.coordinators,
            "products": [
                {"name": str(row.product), "path": material.place_of(row.product)}
                for row in material.concerned
            ],
        },
        "abstract": _abstract(material),
        "is_frozen": campaign.state not in NOT_FROZEN,
        "taken_on": day(campaign.present),
        "changes": list(_changes(material)),
        "objectives": campaign.scope,
        "scope": campaign.description,
        "references": [f"{campaign.previous.key}: {campaign.previous.title}"] if campaign.previous else [],
        **_plan(material),
        **personnel.personnel(material),
        **results.overview(material),
        "assessment": campaign.assessment,
        "recommendations": campaign.recommendations,
        "details": results.details(material),
        "traceability": results.traceability(material),
        "glossary": [{"term": term, "meaning": meaning} for term, meaning in GLOSSARY],
    }


def day(moment: datetime.datetime | datetime.date | None) -> str:
    """Write a day as the report does, in UTC; nothing for none."""
    if isinstance(moment, datetime.datetime):
        moment = moment.astimezone(datetime.UTC).date()
    return f"{moment.day} {moment:%B %Y}" if moment else ""


def _abstract(material: Material) -> str:
    campaign, facts = material.campaign, material.facts
    products = _listed([str(row.product) for row in material.concerned]) or "the science platform"
    what = f" for {campaign.release}" if campaign.release else ""
    people = {row["tester_id"] for row in material.executions if row["ended_at"]}
    ended = sum(row["ended_at"] is not None for row in material.executions)
    return (
        f"Results of the acceptance tests of {products}{what}: {_counted(len(facts.cases), 'case')} in "
        f"{_counted(len(facts.environments), 'environment')}, {_counted(ended, 'execution')} "
        f"by {_counted(len(people), 'person')}."
    )


def _counted(number: int, what: str) -> str:
    many = {"person": "people"}.get(what, f"{what}s")
    return f"{number:,} {what if number == 1 else many}"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _changes(material: Material) -> Iterable[Mapping[str, str]]:
    for event in material.events:
        if event.name in CHANGES:
            reason = f": {event.reason}" if event.reason else ""
            yield {
                "date": day(event.created_at),
                "what": f"{CHANGES[event.name]}{reason}",
                "who": event.actor.name,
            }


def _plan(material: Material) -> Mapping[str, Any]:
    return {
        "environments": [
            {
                "name": each.name, "software": each.software_version, "data_release": each.data_release,
                "browser": each.browser,
            }
            for each in material.facts.environments
        ],
        "entry_criteria": _criteria(material, Stage.ENTRY),
        "exit_criteria": _criteria(material, Stage.EXIT),
        "attachments": material.attachments,
        "milestones": _milestones(material),
    }  # fmt: skip


def _criteria(material: Material, stage: Stage) -> list[Mapping[str, Any]]:
    of_stage = [each for each in material.criteria if each.stage == stage]
    return [_criterion(line) for line in criteria.lines(material.campaign, of_stage, material.facts)]


def _criterion(line: criteria.Line) -> Mapping[str, Any]:
    criterion = line.criterion
    if line.is_met:
        standing, tone, how = "Met", "passed", line.words
        if criterion.met_by and criterion.met_at:
            how = f"{how} ({criterion.met_by.name}, {day(criterion.met_at)})"
    elif criterion.waived_by and criterion.waived_at:
        standing, tone = "Waived", "waived"
        who = f"{criterion.waived_by.name} on {day(criterion.waived_at)}"
        how = f"{line.words} Waived by {who}: {criterion.waived_because}"
    else:
        standing, tone, how = "Not met", "failed", line.words
    return {
        "text": criterion.sentence,
        "standing": standing,
        "tone": tone,
        "how": how,
        "is_computed": criterion.is_computed,
    }


def _milestones(material: Material) -> list[Mapping[str, str]]:
    campaign = material.campaign

    def last(name: str) -> str:
        return next((day(event.created_at) for event in reversed(material.events) if event.name == name), "")

    return [
        {"name": "Plan approved by every owner", "planned": "", "reached": last("approve")},
        {"name": "Begin of the tests", "planned": day(campaign.opens_at), "reached": last("start")},
        {"name": "End of the tests", "planned": day(campaign.closes_at), "reached": last("freeze")},
        {"name": "Report drafted", "planned": "", "reached": last("draft_report")},
    ]


GLOSSARY: Sequence[tuple[str, str]] = (
    (
        "Attempt",
        "One execution of a case by one tester in one environment. It is numbered and never overwritten.",
    ),
    ("Cell", "One case in one environment. Its verdict is the worst of the attempts that count."),
    ("Counts", "Of each tester the latest attempt, unless a later one that has ended repeats it."),
    (
        "Passed with deviation",
        "It does what it should, but not quite as written; an issue says how it differs.",
    ),
    ("Initial pass", "Good so far; what remains to be shown is written down. It does not count as passed."),
    ("Waived", "Not run, by a decision with a name and a reason. It never counts as passed."),
    (
        "Maturity",
        "Defined: the steps are frozen. Approved: the owner of the product agrees that they test what they should.",
    ),
    ("Severity", "The priority of the issue, from its importance and its urgency."),
)
