"""The fixed cast of every test: who is who, and what they may speak for."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser

from ops.people import authority
from ops.people.models import Membership, Product, Role, Team, User

LONG_AGO = datetime.date(2020, 1, 1)


@dataclass(frozen=True)
class Cast:
    """Everybody who appears in a test. Each holds one role, so that a test shows what that role alone can do."""

    reporter: User
    assignee: User
    scientist: User
    watcher: User
    lead: User
    owner: User
    staff: User
    director: User
    outsider: User
    system: User
    anonymous: AnonymousUser
    rsp: Product
    portal: Product

    def people(self) -> Iterator[User]:
        """Everybody with an account, the automation last."""
        yield from (
            self.reporter, self.assignee, self.scientist, self.watcher, self.lead,
            self.owner, self.staff, self.director, self.outsider, self.system,
        )  # fmt: skip


@cache
def _demo_password() -> str:
    # Hashing is slow on purpose; nine people in every test can share one hash.
    return make_password("demo")


def assemble() -> Cast:
    """Put the cast into the database."""
    teams = {team.slug: team for team in Team.objects.all()}

    def person(username: str, *terms: tuple[str, str]) -> User:
        made = User.objects.create(
            username=username,
            email=f"{username}@example.org",
            password=_demo_password(),
            display_name=username.replace("-", " ").title(),
        )
        for team, role in terms:
            Membership.objects.create(person=made, team=teams[team], role=role, starts_on=LONG_AGO)
        return made

    owner, director = person("owner"), person("director", (authority.DIRECTORATE, Role.DIRECTOR))
    rsp = Product.objects.create(slug="rsp", name="Rubin Science Platform", owner=owner, manager=director)
    return Cast(
        reporter=person("reporter"),
        assignee=person("assignee", (authority.STAFF, Role.MEMBER)),
        scientist=person("scientist", (authority.COMMUNITY_SCIENCE, Role.MEMBER)),
        watcher=person("watcher", (authority.COMMUNITY_SCIENCE, Role.WATCHER)),
        lead=person("lead", (authority.COMMUNITY_SCIENCE, Role.LEAD)),
        owner=owner,
        staff=person("staff", (authority.STAFF, Role.MEMBER)),
        director=director,
        outsider=person("outsider"),
        system=User.objects.system(),
        anonymous=AnonymousUser(),
        rsp=rsp,
        portal=Product.objects.create(slug="portal", name="Portal", parent=rsp),
    )
