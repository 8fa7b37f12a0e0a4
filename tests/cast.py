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
    operations_director: User
    assessor: User
    rac_chair: User
    rac_member: User
    rac_second: User
    uc_chair: User
    uc_member: User
    coordinator: User
    outsider: User
    system: User
    anonymous: AnonymousUser
    rsp: Product
    portal: Product

    def people(self) -> Iterator[User]:
        """Everybody with an account, the automation last."""
        yield from (
            self.reporter, self.assignee, self.scientist, self.watcher, self.lead,
            self.owner, self.staff, self.director, self.operations_director, self.assessor,
            self.rac_chair, self.rac_member, self.rac_second, self.uc_chair, self.uc_member,
            self.coordinator, self.outsider, self.system,
        )  # fmt: skip


@cache
def _demo_password() -> str:
    # Hashing is slow on purpose; nine people in every test can share one hash.
    return make_password("demo")


# What each holds; who is not named here holds nothing.
TERMS: dict[str, tuple[str, str]] = {
    "assignee": (authority.STAFF, Role.MEMBER),
    "scientist": (authority.COMMUNITY_SCIENCE, Role.MEMBER),
    "watcher": (authority.COMMUNITY_SCIENCE, Role.WATCHER),
    "lead": (authority.COMMUNITY_SCIENCE, Role.LEAD),
    "staff": (authority.STAFF, Role.MEMBER),
    "director": (authority.DIRECTORATE, Role.DIRECTOR),
    "operations_director": (authority.OPERATIONS, Role.DIRECTOR),
    "assessor": (authority.TECHNICAL_ASSESSORS, Role.ASSESSOR),
    "rac_chair": (authority.ALLOCATION_COMMITTEE, Role.CHAIR),
    "rac_member": (authority.ALLOCATION_COMMITTEE, Role.MEMBER),
    "rac_second": (authority.ALLOCATION_COMMITTEE, Role.MEMBER),
    "uc_chair": (authority.USERS_COMMITTEE, Role.CHAIR),
    "uc_member": (authority.USERS_COMMITTEE, Role.MEMBER),
    "coordinator": (authority.ACCEPTANCE, Role.COORDINATOR),
}
NAMES = ("reporter", "owner", "outsider", *TERMS)


def assemble() -> Cast:
    """Put the cast into the database: a few statements, since nearly every test begins with them."""
    people = {name: _person(name) for name in NAMES}
    User.objects.bulk_create(people.values())
    teams = {team.slug: team for team in Team.objects.all()}
    Membership.objects.bulk_create(
        Membership(person=people[name], team=teams[team], role=role, starts_on=LONG_AGO)
        for name, (team, role) in TERMS.items()
    )
    rsp = Product.objects.create(
        slug="rsp", name="Rubin Science Platform", owner=people["owner"], manager=people["director"]
    )
    return Cast(
        **people,
        system=User.objects.system(),
        anonymous=AnonymousUser(),
        rsp=rsp,
        portal=Product.objects.create(slug="portal", name="Portal", parent=rsp),
    )


def _person(name: str) -> User:
    username = name.replace("_", "-")
    return User(
        username=username,
        email=f"{username}@example.org",
        password=_demo_password(),
        display_name=username.replace("-", " ").title(),
    )
