"""Plays the demonstration observatory through the engine, in the order in which it happened."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction

from ops.demonstration import campaigns, committees, script
from ops.demonstration.allocations import acts as allocations
from ops.demonstration.reports.playing import Playing
from ops.demonstration.script import Notice, Step, Story
from ops.issues.models import Announcement, Issue
from ops.notify.services import silence
from ops.people.models import Membership, Product, Team, User
from ops.tickets.services import comment, invite, link
from ops.watch.models import WEEK, Duty, WatchWeek
from ops.watch.rotation import plan_ahead
from ops.workflow.services import create, edit, perform

PASSWORD = "demo"  # noqa: S105  known on purpose, and only where the settings say that this is a demonstration
OFFICE_HOURS = range(8, 18)
OVERNIGHT = datetime.timedelta(hours=12)
DAY = datetime.timedelta(days=1)
MORNING = datetime.time(17, 5)
TOLD_OF = datetime.timedelta(days=2)
"""Of what is older, nobody has a message any more."""


@dataclass
class Stage:
    """Who is there, and what has been made so far, by name."""

    now: datetime.datetime
    people: dict[str, User] = field(default_factory=dict)
    zones: dict[str, ZoneInfo] = field(default_factory=dict)
    """Of those who keep office hours."""
    issues: dict[str, Issue] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Put keys and dates into a text."""
        return re.sub(r"\{(key|day|dayobs):([^{}]+)\}", self._insert, text)

    def _insert(self, mark: re.Match[str]) -> str:
        kind, about = mark.groups()
        if kind == "key":
            return self.issues[about].key
        day = (self.now + datetime.timedelta(days=int(about))).date()
        return day.isoformat() if kind == "day" else f"{day:%Y%m%d}"

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a form: moments as moments, texts with keys and dates."""
        return {
            name: self.moment(value) if name.endswith("_at") else self._value(value)
            for name, value in given.items()
        }

    def _value(self, value: Any) -> Any:
        return self.text(value).strip() if isinstance(value, str) else value

    def moment(self, text: str) -> datetime.datetime:
        """What `in 3d` or `2d ago` means today."""
        if text.endswith(" ago"):
            return self.now - script.duration(text.removesuffix(" ago"))
        return self.now + script.duration(text.removeprefix("in "))

    def moments(self, began: datetime.datetime, path: tuple[Step, ...]) -> Iterator[datetime.datetime]:
        """When each step is taken: observatory staff sleep and have weekends, and nothing lies ahead."""
        last, return_at = began, began
        for step in path:
            moment = last + step.after if step.after is not None else max(return_at, last)
            if step.by in self.zones and step.after is not None and step.after >= OVERNIGHT:
                moment = in_office_hours(moment, self.zones[step.by])
            if moment >= self.now:
                moment = last + (self.now - last) / 2
            if "resume_at" in step.given:
                return_at = self.moment(step.given["resume_at"])
            yield moment
            last = moment


def in_office_hours(moment: datetime.datetime, zone: ZoneInfo) -> datetime.datetime:
    """The moment itself, or the next morning of a working day."""
    local = moment.astimezone(zone)
    while local.weekday() >= 5 or local.hour not in OFFICE_HOURS:
        morning = local if local.hour < OFFICE_HOURS.start else local + datetime.timedelta(days=1)
        local = morning.replace(hour=OFFICE_HOURS.start, minute=5 + local.minute // 2)
    return local.astimezone(datetime.UTC)


@transaction.atomic
def play(now: datetime.datetime) -> Stage:
    """Make everything; all of it or nothing. The database must be empty."""
    stage = Stage(now)
    _make_people(stage)
    _make_products(stage)
    acts: list[tuple[datetime.datetime, int, Callable[[], None]]] = []
    for story in script.stories():
        acts += _acts_of_story(stage, story, len(acts))
    for notice in script.notices():
        acts += _acts_of_notice(stage, notice, len(acts))
    for moment, _, act in sorted(acts, key=lambda entry: entry[:2]):
        with nullcontext() if now - moment < TOLD_OF else silence():
            act()
    with silence():
        _keep_the_watch(stage)
        committees.Play(stage).everything()
        Playing(now, stage.people).play()
        allocations.play(now, stage.people)
        # After the committees: members are credited for their tests.
        campaigns.play(stage.people, now)
    return stage


def _keep_the_watch(stage: Stage) -> None:
    lead, this_monday = stage.people["lead"], stage.now.date() - datetime.timedelta(days=stage.now.weekday())
    for told in script.weeks():
        monday = this_monday - told.weeks_ago * WEEK
        person = stage.people[told.person]
        week = create(
            WatchWeek, actor=lead, data={"monday": monday, "person": person}, moment=_at(monday, -10)
        )
        week.put_on_watch()
        week = perform(week, "begin", actor=person, moment=min(_at(monday, 0), stage.now))
        if told.note:
            week = edit(week, actor=person, data={"ticked": Duty.values}, moment=_at(monday, 3))
            week = perform(week, "sweep", actor=person, moment=_at(monday, 3))
            perform(week, "hand_over", actor=person, data={"handover_note": told.note}, moment=_at(monday, 4))
        else:
            edit(
                week, actor=person, data={"ticked": list(told.ticked)}, moment=min(_at(monday, 0), stage.now)
            )
    plan_ahead(actor=stage.people["system"])


def _at(monday: datetime.date, days: int) -> datetime.datetime:
    return datetime.datetime.combine(monday + days * DAY, MORNING, datetime.UTC)


def _make_people(stage: Stage) -> None:
    password = make_password(PASSWORD)  # once: it is slow on purpose
    today = stage.now.date()
    teams = {team.slug: team for team in Team.objects.all()}
    for person in script.people():
        rights = person.data_rights_for_days
        user = User.objects.create(
            username=person.username,
            password=password,
            display_name=person.name,
            email=f"{person.username}@people.example.org",
            institution=person.institution,
            time_zone=person.zone,
            data_rights_until=None if rights is None else today + datetime.timedelta(days=rights),
            is_staff=person.administrator,
            is_superuser=person.administrator,
        )
        stage.people[person.username] = user
        if person.is_staff:
            stage.zones[person.username] = ZoneInfo(person.zone)
        Membership.objects.bulk_create(
            Membership(
                person=user,
                team=teams[part.team],
                role=part.role,
                starts_on=today - datetime.timedelta(days=round(part.since * 365)),
                ends_on=None
                if part.until is None
                else today - datetime.timedelta(days=round(part.until * 365)),
            )
            for part in person.roles
        )
    stage.people["system"] = User.objects.system()


def _make_products(stage: Stage) -> None:
    made: dict[str, Product] = {}
    for node in script.products():
        made[node.slug] = Product.objects.create(
            slug=node.slug,
            name=node.name,
            description=node.about,
            parent=made.get(node.parent),
            manager=stage.people[node.manager] if node.manager else None,
            owner=stage.people[node.owner] if node.owner else None,
        )


Acts = Iterator[tuple[datetime.datetime, int, Callable[[], None]]]


def _acts_of_story(stage: Stage, story: Story, number: int) -> Acts:
    began = stage.now - story.ago

    def report() -> None:
        values = stage.values(story.report)
        if "parent" in values:
            values["parent"] = stage.issues[values["parent"]].key
        reporter = stage.people[story.by]
        issue = create(Issue, actor=reporter, data=values, moment=began)
        stage.issues[story.name] = issue
        for username in story.invited:
            invite(issue, actor=reporter, person=stage.people[username], moment=began)

    yield began, number, report
    for step, moment in zip(story.path, stage.moments(began, story.path), strict=True):
        yield moment, number, _act(stage, lambda: stage.issues[story.name], step, moment)


def _acts_of_notice(stage: Stage, notice: Notice, number: int) -> Acts:
    began = stage.now - notice.ago
    made: list[Announcement] = []

    def draft() -> None:
        data = {
            "title": notice.title,
            "body": stage.text(notice.body).strip(),
            "tickets": [stage.issues[name].key for name in notice.about],
        }
        made.append(create(Announcement, actor=stage.people[notice.by], data=data, moment=began))

    yield began, number, draft
    for step, moment in zip(notice.path, stage.moments(began, notice.path), strict=True):
        yield moment, number, _act(stage, lambda: made[0], step, moment)


def _act(stage: Stage, find: Callable[[], Any], step: Step, moment: datetime.datetime) -> Callable[[], None]:
    def act() -> None:
        actor, target = stage.people[step.by], find()
        if step.do:
            data = stage.values(step.given)
            perform(target, step.do, actor=actor, data=data, reason=stage.text(step.reason), moment=moment)
        if step.edit:
            edit(target, actor=actor, data=stage.values(step.edit), moment=moment)
        if step.says:
            body = stage.text(step.says).strip()
            comment(target, actor=actor, body=body, visibility=step.to, moment=moment)
        if step.link:
            link(target, stage.issues[step.other], kind=step.link, actor=actor, moment=moment)

    return act
