"""Plays the Users Committee: its charge, its seats from nomination to end, its meetings and hours."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ops.committees.actions import take_actions, tick_off
from ops.committees.appointing import waive
from ops.committees.charges import write_charge
from ops.committees.models import Action, Committee, Meeting, Seat
from ops.committees.sittings import add_point, expected_at, note_attendance, write_minutes
from ops.committees.slates import slate_of
from ops.committees.timesheets import log_hours
from ops.demonstration import script
from ops.people.authority import USERS_COMMITTEE
from ops.people.models import User
from ops.workflow import registry
from ops.workflow.services import create, edit, perform

DAY = datetime.timedelta(days=1)
# How long before the first day of a term each step is taken.
NOMINATED, VETTED, PUT, WAIVED, APPROVED, ACCEPTED = (number * DAY for number in (75, 60, 45, 42, 30, 25))
AFTER = {"nominated": (), "vetted": ("vet",), "on_slate": ("vet", "put_on_slate")}


class Play:
    """The committee on the stage: who is there, and what day it is."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        self.people: Mapping[str, Any] = stage.people
        self.committee = Committee.objects.get(slug=USERS_COMMITTEE)
        self.told = script.users_committee()

    def everything(self) -> None:
        """Play it in the order in which it happened."""
        for version in self.told["charge"]:
            data = {"text": version["text"], "change": version["change"]}
            moment = self.moment(version["days"])
            write_charge(self.committee, actor=self.people[version["by"]], data=data, moment=moment)
        for cohort in self.told["seats"]:
            self.cohort(cohort)
        # What somebody may do is remembered with them; now they sit in a committee, so they are read anew.
        self.people = self.stage.people = {person.username: person for person in User.objects.all()}
        for meeting in self.told["meetings"]:
            self.meeting(meeting)
        self.nominations(self.told["nominations"])
        for entry in self.told["hours"]:
            day = self.day(entry["days"]).isoformat()
            data = {name: entry[name] for name in ("work", "hours", "note")} | {"day": day}
            log_hours(self.committee, actor=self.people[entry["who"]], data=data)

    def day(self, days: int) -> datetime.date:
        """The day that lies so far ahead or behind; meetings and days of work are no weekends."""
        found: datetime.date = self.stage.now.date() + days * DAY
        return found

    def moment(self, days: float, hour: int = 16) -> datetime.datetime:
        """A moment of that day, never one that is still to come."""
        day = self.day(0) + datetime.timedelta(days=days)
        then = datetime.datetime.combine(day, datetime.time(hour, 10), datetime.UTC)
        return min(then, self.stage.now)

    def cohort(self, told: Mapping[str, Any]) -> None:
        """Let a cohort be nominated, vetted, put on the slate, approved and seated."""
        begins = told["days"]
        seats = [self.nominated(each, begins) for each in told["people"]]
        seats = [self.step(seat, "vet", "lead", begins, VETTED) for seat in seats]
        first = {"begins_on": self.day(begins)}
        seats = [self.step(seat, "put_on_slate", "sac-chair", begins, PUT, first) for seat in seats]
        self.waive(begins, told["waived"])
        for seat, each in zip(seats, told["people"], strict=True):
            approved = self.step(seat, "approve", "director", begins, APPROVED)
            accepted = self.step(approved, "accept", each["who"], begins, ACCEPTED)
            self.term(self.step(accepted, "begin_term", "system", begins, 0 * DAY), each)

    def nominated(self, each: Mapping[str, Any], begins: int) -> Seat:
        """Somebody is nominated by the lead, or by themselves where they say why."""
        actor = self.people[each["who"] if each.get("statement") else "lead"]
        data = {
            "committee": self.committee,
            "person": self.people[each["who"]],
            "country": each["country"],
            "small_institution": each.get("small", False),
            "statement": each.get("statement", ""),
        }
        moment = self.moment(begins - NOMINATED / DAY)
        return create(Seat, actor=actor, data=data, moment=moment)

    def step(
        self, seat: Seat, name: str, who: str, begins: int, before: datetime.timedelta, data: Any = None
    ) -> Seat:
        """Take one step so long before the term begins."""
        moment = self.moment(begins - before / DAY)
        return perform(seat, name, actor=self.people[who], data=data, moment=moment)

    def term(self, seat: Seat, each: Mapping[str, Any]) -> None:
        """Let somebody chair, keep the minutes, resign, or reach the end of the term."""
        for office, step in (("chair", "make_chair"), ("secretary", "make_secretary")):
            if office in each:
                data = {"office_from": self.day(each[office]), "office_until": seat.ends_on}
                actor = self.people["director" if office == "chair" else "lead"]
                seat = perform(seat, step, actor=actor, data=data, moment=self.moment(each[office]))
        if "resigned" in each:
            moment = self.moment(each["resigned"])
            perform(seat, "resign", actor=seat.person, reason=each["reason"], moment=moment)
        elif seat.ends_on and seat.ends_on < self.day(0):
            ended = datetime.datetime.combine(seat.ends_on + DAY, datetime.time(0, 1), datetime.UTC)
            perform(seat, "end_term", actor=self.people["system"], moment=ended)

    def waive(self, begins: int, reasons: Mapping[str, str]) -> None:
        """Waive what the slate of a cohort breaks, with the reason that was given."""
        day, moment = self.day(begins), self.moment(begins - WAIVED / DAY)
        for finding in slate_of(self.committee, day).findings:
            if not finding.is_settled:
                reason = reasons[finding.rule.check_name]
                actor = self.people["sac-chair"]
                waive(self.committee, day, rule=finding.rule.pk, reason=reason, actor=actor, moment=moment)

    def nominations(self, told: Mapping[str, Any]) -> None:
        """The slate that lies before the Director now, and who was nominated beside it."""
        begins = told["begins"]
        for each in told["people"]:
            seat = self.nominated(each, begins)
            for name in AFTER[each["upto"]]:
                data = {"begins_on": self.day(begins)} if name == "put_on_slate" else None
                who = "lead" if name == "vet" else "sac-chair"
                seat = self.step(seat, name, who, begins, VETTED if name == "vet" else PUT + 20 * DAY, data)

    def meeting(self, told: Mapping[str, Any]) -> None:
        """Plan a meeting, write its agenda; hold it and keep its minutes where it lies behind."""
        day = self.working_day(told["days"])
        starts_at = datetime.datetime.combine(day, datetime.time(told["hour"]), datetime.UTC)
        data = {
            "committee": self.committee,
            "title": told["title"],
            "place": told["place"],
            "minutes_long": told["minutes_long"],
            "starts_at": starts_at,
            "listening_at": self.before(starts_at, told["listening"]),
            "video_link": "https://video.example.org/users-committee",
            "listening_link": "https://video.example.org/listening",
        }
        chair = self.people["uc-chair" if told["days"] > -300 else "lead"]
        planned = min(self.moment(told["days"] - 120), self.stage.now - 9 * DAY)
        meeting = create(Meeting, actor=chair, data=data, moment=planned)
        for point in told["agenda"]:
            values = {"part": "open", **point}
            add_point(meeting, actor=chair, data=values)
        if "open" in told:
            self.held(perform(meeting, "hold", actor=chair, moment=meeting.ends_at), told, chair)

    def held(self, meeting: Meeting, told: Mapping[str, Any], chair: Any) -> None:
        """Say who came, write the minutes, take on what was agreed."""
        note_attendance(meeting, actor=chair, data=self.attendance(meeting, told))
        for part in ("open", "executive"):
            if part in told:
                text, moment = self.stage.text(told[part]), meeting.ends_at + 2 * DAY
                write_minutes(meeting, part, actor=chair, data={"text": text, "based_on": 0}, moment=moment)
                take_actions(meeting, part, actor=chair, moment=moment)
        actions = list(meeting.actions.select_related("ticket"))
        issues = [self.triaged(action, meeting) for action in actions if action.ticket]
        if told["done"]:
            for action in actions:
                if action.ticket is None:
                    tick_off(action, actor=self.people["uc-member"])
            for issue in issues:
                self.settle(issue, meeting)
            perform(meeting, "publish_minutes", actor=chair, moment=meeting.ends_at + 9 * DAY)

    def attendance(self, meeting: Meeting, told: Mapping[str, Any]) -> dict[str, str]:
        """How each member took part."""
        remote = told.get("remote", ())
        came = {}
        for person in expected_at(meeting):
            is_remote = told.get("everybody_remote") or person.username in remote
            came[person.username] = "remote" if is_remote else "present"
        return came | dict.fromkeys((name for name in told["away"] if name in came), "excused")

    def triaged(self, action: Action, meeting: Meeting) -> Any:
        """Return the issue that an action became, with a priority."""
        issue = registry.model_of("issue").objects.get(pk=action.ticket_id)  # type: ignore[attr-defined]
        worth = {"component": "rsp", "importance": "medium", "urgency": "medium"}
        moment = meeting.ends_at + 4 * DAY
        return perform(issue, "triage", actor=self.people["scientist"], data=worth, moment=moment)

    def settle(self, issue: Any, meeting: Meeting) -> None:
        """Let what was taken on be done by now, to the content of the committee."""
        scientist, moment = self.people["scientist"], meeting.ends_at + 35 * DAY
        result = {"resolution_code": "fixed", "resolution_text": "Done, and said so at the next meeting."}
        result["skip_reason"] = "not_important"
        issue = perform(issue, "submit_for_review", actor=scientist, data=result, moment=moment)
        issue = perform(issue, "accept", actor=issue.reporter, moment=moment + 3 * DAY)
        issue = edit(issue, actor=scientist, data={"documentation": "not_needed"}, moment=moment + 4 * DAY)
        perform(issue, "close", actor=scientist, moment=moment + 5 * DAY)

    def before(self, moment: datetime.datetime, days: int) -> datetime.datetime:
        """So many days earlier, or the Friday before."""
        then = moment - days * DAY
        return then - max(0, then.weekday() - 4) * DAY

    def working_day(self, days: int) -> datetime.date:
        """The day, or the Monday after it."""
        day = self.day(days)
        return day + max(0, 7 - day.weekday()) * DAY if day.weekday() >= 5 else day
