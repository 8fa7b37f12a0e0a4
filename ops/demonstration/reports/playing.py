"""Plays reports, feedback and the lists of a review, in the order in which they happened."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ops.committees.feedback.services import attach_feedback, give_feedback
from ops.committees.importing.bringing import Settings, bring_in
from ops.committees.importing.reading import read
from ops.committees.models import Feedback, Item, Report, Vote
from ops.committees.models.reports import voters
from ops.committees.reports.around import open_ticket
from ops.committees.reports.outline import add_item
from ops.committees.reports.voting import cast_vote
from ops.people.models import User
from ops.tickets.services import comment
from ops.workflow.services import create, edit, perform

FOLDER = Path(__file__).parent
DAY = datetime.timedelta(days=1)
LISTS = (("review-first.csv", 300), ("review-second.csv", 275))
REACHES = ("drafting", "delivered", "published", "responded", "reviewed", "closed")


@cache
def told(name: str) -> Any:
    """Return what a file says."""
    return yaml.safe_load((FOLDER / name).read_text())


class Playing:
    """Reports as they came about, seen from now."""

    def __init__(self, now: datetime.datetime, people: Mapping[str, User]) -> None:
        self.now, self.people = now, people
        self.chair, self.director = people["uc-chair"], people["director"]
        self.feedback: dict[str, Feedback] = {}

    def play(self) -> None:
        """Make all of it. Votes are those of today's members, who alone can vote."""
        for words in told("feedback.yaml"):
            self._give(words)
        for words in told("reports.yaml"):
            self._write(words)
        for name, ago in LISTS:
            data = read((FOLDER / name).read_bytes())
            bring_in(data.records, Settings(self.people["lead"], self.now - ago * DAY))
        for review in Report.objects.filter(source=Report.Source.OUTSIDE, label="AOR_2025_10"):
            perform(review, "publish", actor=self.people["lead"], moment=self.now - 270 * DAY)

    def _give(self, words: Mapping[str, Any]) -> None:
        data = {
            "text": _flowing(words["text"]),
            "area": words["area"],
            "is_confidential": words.get("in_confidence", False),
        }
        moment = self.now - _span(words["ago"])
        given = give_feedback(actor=self.people[words["by"]], data=data, moment=moment)
        if "noted" in words:
            note = {"answer": words["noted"]}
            given = perform(given, "note", actor=self.chair, data=note, moment=moment + 3 * DAY)
        self.feedback[words["name"]] = given

    def _write(self, words: Mapping[str, Any]) -> None:
        began = self.now - _span(words["ago"])
        delivered = began + 20 * DAY
        data = {
            "title": words["title"],
            "semester": f"{delivered.year}{'A' if delivered.month <= 6 else 'B'}",
            "description": _flowing(words["preface"]),
        }
        if words["reaches"] == "drafting":
            data["due_at"] = self.now + 21 * DAY
        report = create(Report, actor=self.chair, data=data, moment=began)
        items = self._items(report, words["items"], began + DAY)
        self._vote(report, began + 12 * DAY, everybody=words["reaches"] != "drafting")
        if words["reaches"] == "drafting":
            return
        report = perform(report, "adopt", actor=self.chair, moment=began + 14 * DAY)
        due = self.now + _span(words["due"]) if "due" in words else delivered + 150 * DAY
        report = perform(report, "deliver", actor=self.chair, data={"response_due_at": due}, moment=delivered)
        report = perform(report, "publish", actor=self.chair, moment=delivered + 5 * DAY)
        reaches = REACHES.index(words["reaches"])
        for item, told_of in items:
            self._answer(item, told_of, delivered + 60 * DAY)
            self._work(item, told_of, delivered + 70 * DAY)
        if reaches >= REACHES.index("responded"):
            report = perform(report, "respond", actor=self.director, moment=delivered + 135 * DAY)
        for item, told_of in items:
            self._judge(item, told_of, delivered + 140 * DAY)
        if reaches >= REACHES.index("reviewed"):
            report = perform(report, "review", actor=self.chair, moment=delivered + 150 * DAY)
        if reaches >= REACHES.index("closed"):
            perform(report, "close", actor=self.chair, moment=delivered + 200 * DAY)

    def _items(
        self, report: Report, told_of: list[Mapping[str, Any]], moment: datetime.datetime
    ) -> list[tuple[Item, Mapping[str, Any]]]:
        made: list[tuple[Item, Mapping[str, Any]]] = []
        above: Item | None = None
        for words in told_of:
            data = {
                name: _flowing(words[name])
                for name in ("kind", "title", "text", "area", "raised_by")
                if name in words
            }
            parent = above if words.get("below") else None
            item = add_item(report, actor=self.chair, data=data, parent=parent, moment=moment)
            above = above if words.get("below") else item
            for name in words.get("feedback", ()):
                attach_feedback(self.feedback[name], item, actor=self.chair)
            for day, (who, said) in enumerate(words.get("said", ()), start=1):
                at = moment + day * DAY
                comment(report, actor=self.people[who], body=said, about=item.part_name, moment=at)
            made.append((item, words))
        return made

    def _vote(self, report: Report, moment: datetime.datetime, *, everybody: bool) -> None:
        members = list(voters())
        # Of the draft only some have voted yet; one member of the older ones abstained.
        for at, member in enumerate(members if everybody else members[: len(members) // 3]):
            choice = Vote.Choice.ABSTAIN if at == len(members) - 1 and at > 1 else Vote.Choice.YES
            cast_vote(report, actor=member, choice=choice, moment=moment)

    def _answer(self, item: Item, words: Mapping[str, Any], moment: datetime.datetime) -> None:
        if "answer" not in words:
            return
        perform(item.response, "answer", actor=self.director, data=words["answer"], moment=moment)

    def _judge(self, item: Item, words: Mapping[str, Any], moment: datetime.datetime) -> None:
        if "verdict" in words:
            data = {"verdict_note": words["note"]} if "note" in words else {}
            perform(item.response, words["verdict"], actor=self.chair, data=data, moment=moment)

    def _work(self, item: Item, words: Mapping[str, Any], moment: datetime.datetime) -> None:
        if "withdrawn" in words:
            data = {"closing_reason": "withdrawn", "closing_note": words["withdrawn"]}
            perform(item.work, "close", actor=self.chair, data=data, moment=moment)
            return
        plan = words.get("work", {})
        facts: dict[str, Any] = {}
        if "in_charge" in plan:
            facts["assignee"] = self.people[plan["in_charge"]].username
        if "due" in plan:
            facts["due_at"] = self.now + _span(plan["due"])
        if not plan:
            return
        work = edit(
            item.work,
            actor=self.director,
            data={**facts, "status_text": plan.get("status", "")},
            moment=moment,
        )
        if "started" in plan or "claimed" in plan:
            work = perform(work, "start", actor=self.director, moment=moment + DAY)
        for ticket in words.get("tickets", ()):
            data = {
                "title": ticket["title"],
                "description": ticket["text"],
                "component": ticket["component"],
                "origin": "committee",
            }
            open_ticket(item, actor=self.director, data=data)
        self._finish(work, plan, moment)

    def _finish(self, work: Any, plan: Mapping[str, Any], moment: datetime.datetime) -> None:
        if "claimed" in plan:
            evidence = {"evidence": plan["claimed"]}
            work = perform(work, "claim_done", actor=self.director, data=evidence, moment=moment + 20 * DAY)
        if "verified" in plan:
            again = {"recheck_at": self.now + _span(plan["look_again"])} if "look_again" in plan else {}
            perform(work, "verify", actor=self.chair, data=again, moment=moment + 40 * DAY)
        if "closed" in plan:
            data = {"closing_reason": plan["closed"]}
            perform(work, "close", actor=self.chair, data=data, moment=moment + 40 * DAY)


def _flowing(text: str) -> str:
    """The lines of a paragraph as one: where they end in a file means nothing."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())


def _span(text: str) -> datetime.timedelta:
    found = re.fullmatch(r"(-?\d+)d", text)
    if found is None:
        raise ValueError(f"“{text}” is no number of days; write 30d.")
    return int(found[1]) * DAY
