"""An errand is what these tests keep deadlines for: a team stands for it, and a list for its history."""

import datetime
from collections import defaultdict

import hypothesis
import pytest
from django.utils import timezone

from ops.clocks import registry
from ops.clocks.course import Happening
from ops.clocks.models import Calendar, Deadline, DeadlinePolicy, Edition
from ops.clocks.registry import ANY, Adapter, Label
from ops.clocks.services import follow, seed_calendars
from ops.people.models import Team, User

ERRAND = "errand"

# A machine that is busy with something else is no reason to fail; nor is the first look at a year of a calendar.
hypothesis.settings.register_profile("clocks", deadline=None)
hypothesis.settings.load_profile("clocks")


class ErrandClocks(Adapter):
    """An adapter whose answers a test sets by hand."""

    model = Team
    states = {
        "new": "new",
        "working": "working",
        "waiting": "waiting for somebody",
        "done": "done",
        "dropped": "dropped",
    }
    final_states = ("dropped",)
    facts = {"priority": ("high", "low"), "label": ANY}
    moments = {"promised_at": "the promised date", "resume_at": "the resume date"}
    audiences = {"lead": "the lead", "director": "the director"}
    actions = {"return": "goes back to where it was"}

    def __init__(self) -> None:
        self.told = defaultdict(list)
        self.acted: list[int] = []
        self.people: dict[str, list[User]] = {}
        self.nobody_knows: set[int] = set()
        self.blocked: set[int] = set()

    def holders(self, ids):
        return self.audience("holder", ids)

    def audience(self, name, ids):
        if broken := self.nobody_knows & set(ids):
            raise RuntimeError(f"nobody knows who holds {min(broken)}")
        return {target_id: self.people.get(name, []) for target_id in ids}

    def thread(self, target_id):
        return f"errand:{target_id}"

    def labels(self, ids, reader):
        teams = Team.objects.in_bulk(ids)
        return {pk: Label(team.name, f"/errands/{pk}/") for pk, team in teams.items() if team.kind == "team"}

    def ids_in(self, states):
        return [target_id for target_id, history in self.told.items() if history[-1].state in states]

    def history(self, ids):
        return {target_id: self.told[target_id] for target_id in ids}

    def act(self, action, target_id, *, actor):
        if target_id in self.blocked:
            raise RuntimeError("the way back is blocked")
        self.acted.append(target_id)
        team = Team.objects.select_for_update().get(pk=target_id)
        Errand(self, team, actor).move("working")


class Errand:
    """A target together with what its clocks were told."""

    def __init__(self, adapter: ErrandClocks, team: Team, actor: User) -> None:
        self.adapter, self.team, self.actor = adapter, team, actor

    @property
    def pk(self) -> int:
        return self.team.pk

    def move(self, state: str, moment: datetime.datetime | None = None, **facts: object) -> None:
        """Be found in a state, as the engine tells it; facts stay as they were unless given."""
        moment = moment or timezone.now()
        before = next((h.facts for h in reversed(self.adapter.told[self.pk]) if h.state), {})
        happening = Happening(moment, state, {**before, **facts})
        self.adapter.told[self.pk].append(happening)
        follow(self.team, kind=ERRAND, state=state, facts=happening.facts, actor=self.actor, moment=moment)

    def deadlines(self) -> list[Deadline]:
        return list(Deadline.objects.of(self.team).order_by("pk"))

    def deadline(self) -> Deadline:
        """The only one."""
        (deadline,) = self.deadlines()
        return deadline


@pytest.fixture
def adapter(monkeypatch) -> ErrandClocks:
    """Errands are the only kind there is."""
    adapter = ErrandClocks()
    monkeypatch.setattr(registry, "_adapters", {})
    registry.register(ERRAND, adapter)
    return adapter


@pytest.fixture
def clocks_data(db) -> None:
    """What migrations leave behind, also after a test that has emptied every table; and no other policies."""
    seed_calendars(Calendar)
    DeadlinePolicy.objects.all().delete()
    if not Edition.objects.exists():
        Edition.objects.create()
    User.objects.get_or_create(username="system", defaults={"password": "!"})


@pytest.fixture
def holder(clocks_data) -> User:
    return User.objects.create(username="holder", email="holder@example.org")


@pytest.fixture
def lead(clocks_data) -> User:
    return User.objects.create(username="lead", email="lead@example.org")


@pytest.fixture
def make_errand(adapter, holder, lead):
    adapter.people |= {"holder": [holder], "lead": [lead], "director": []}
    count = iter(range(1_000_000))

    def make() -> Errand:
        number = next(count)
        return Errand(adapter, Team.objects.create(slug=f"errand-{number}", name=f"Errand {number}"), lead)

    return make


@pytest.fixture
def errand(make_errand) -> Errand:
    return make_errand()


@pytest.fixture
def make_policy(clocks_data):
    def make(slug: str = "answer", calendar: str = "always", **values: object) -> DeadlinePolicy:
        values = {
            "kind": ERRAND,
            "name": slug.replace("-", " ").capitalize(),
            "starts_in": ["new", "working"],
            "pauses_in": ["waiting"],
            "met_in": ["done"],
            "cancelled_in": ["dropped"],
            "duration": "" if values.get("due_from_field") else "24 hours",
            **values,
        }
        return DeadlinePolicy.objects.create(
            slug=slug, calendar=Calendar.objects.get(slug=calendar), **values
        )

    return make


@pytest.fixture
def now() -> datetime.datetime:
    return timezone.now().replace(microsecond=0)
