"""Finding testers: one mail to each, a page to say yes or no, places by group."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction

from ops.acceptance.models import Campaign, Tester, TesterGroup
from ops.acceptance.planning import held, refuse_unless_may_change
from ops.people.authority import USERS_COMMITTEE, holders_of, staff_among
from ops.people.models import Membership, User
from ops.tickets.forms import cleaned
from ops.workflow import errors
from ops.workflow.services import create, perform

RECRUITS = frozenset({"recruiting", "running"})
MOST_AT_ONCE = 200


class PeopleField(forms.CharField):
    """Usernames, with commas, spaces or lines between them."""

    def clean(self, value: Any) -> list[User]:
        """Return the people; raises `ValidationError` naming those whom nobody knows."""
        words = str(value or "").replace(",", " ").replace(";", " ").split()
        names = list(dict.fromkeys(word.removeprefix("@") for word in words))
        if not names:
            raise forms.ValidationError("Name at least one person.")
        if len(names) > MOST_AT_ONCE:
            raise forms.ValidationError(f"Name at most {MOST_AT_ONCE} at once.")
        found = {user.username: user for user in User.objects.visible_to(None).filter(username__in=names)}
        if missing := [name for name in names if name not in found]:
            raise forms.ValidationError(f"There is no person with the username {', '.join(missing)}.")
        return [found[name] for name in names]


class InvitationForm(forms.Form):
    """Who is asked."""

    people = PeopleField(
        widget=forms.Textarea(attrs={"rows": 3, "data-lookup": "user", "data-many": "true"}),
        help_text="Usernames. Each gets one mail, with a page to say yes or no.",
    )


@dataclass(frozen=True)
class Asked:
    """What became of asking some people."""

    invited: list[User]
    known: list[User]
    beyond: list[User]

    @property
    def sentence(self) -> str:
        """Say it."""
        said = [f"{len(self.invited)} {'person is' if len(self.invited) == 1 else 'people are'} asked."]
        if self.known:
            said.append(f"{_names(self.known)} had been asked before.")
        if self.beyond:
            said.append(f"No place was left for {_names(self.beyond)}.")
        return " ".join(said)


def _names(people: Collection[User]) -> str:
    shown = [person.name for person in people][:5]
    return ", ".join(shown) + (f" and {len(people) - 5} more" if len(people) > 5 else "")


@transaction.atomic
def ask(campaign: Campaign, *, actor: User, data: Mapping[str, Any]) -> Asked:
    """Ask the people named in a form; raises `InvalidInput` naming those whom nobody knows."""
    # Whoever may not ask learns nothing about names.
    refuse_unless_may_change(campaign, actor)
    return ask_people(campaign, actor=actor, people=cleaned(InvitationForm(data))["people"])


@transaction.atomic
def ask_people(
    campaign: Campaign, *, actor: User, people: Iterable[User], moment: datetime.datetime | None = None
) -> Asked:
    """Ask people whether they would test: one mail each, nobody twice, as many of a group as it has places."""
    locked = held(campaign, actor)
    refuse_unless_recruiting(locked)
    wanted = list(dict.fromkeys(people))
    before = set(locked.testers.values_list("person", flat=True))
    groups, left = groups_of(wanted), places_left(locked)
    asked = Asked([], [], [])
    for person in wanted:
        group = groups[person.pk]
        if person.pk in before:
            asked.known.append(person)
        elif left.get(group, 1) <= 0:
            asked.beyond.append(person)
        else:
            if group in left:
                left[group] -= 1
            _invite(locked, person, group, actor, moment)
            asked.invited.append(person)
    return asked


def committee_to_ask(campaign: Campaign) -> list[User]:
    """Return the members of the Users Committee who were not asked yet."""
    before = campaign.testers.values("person")
    return list(holders_of(USERS_COMMITTEE).exclude(pk__in=before))


def earlier_testers(campaign: Campaign) -> list[User]:
    """Return who took part in campaigns before and was not asked yet: people who know how it goes."""
    took_part = Tester.objects.filter(state__in=("consented", "testing", "finished", "thanked"))
    before = campaign.testers.values("person")
    people = User.objects.visible_to(None).filter(pk__in=took_part.values("person"))
    return list(people.exclude(pk__in=before).order_by("display_name", "username"))


@transaction.atomic
def volunteer(campaign: Campaign, *, actor: User, data: Mapping[str, Any]) -> Tester:
    """Take part without having been asked, while the campaign looks for volunteers and has places.

    Raises `GuardUnmet` where it does not look for any, or every place is taken.
    """
    rows = Campaign.objects.visible_to(actor).locked().filter(pk=campaign.pk)
    locked = rows.first()
    if locked is None:
        raise errors.NotFound
    refuse_unless_recruiting(locked)
    tester = locked.testers.filter(person=actor).first()
    if tester is None:
        group = groups_of([actor])[actor.pk]
        if places_left(locked).get(group, 1) <= 0:
            raise errors.GuardUnmet("Every place is taken; thank you all the same.")
        tester = _invite(locked, actor, group, User.objects.system())
    return perform(tester, "consent", actor=actor, data=data)


def groups_of(people: Collection[User]) -> Mapping[int, str]:
    """Return the group that each belongs to today."""
    staff = staff_among(people)
    committee = set(
        Membership.objects.on()
        .filter(team__slug=USERS_COMMITTEE, person__in=people)
        .values_list("person", flat=True)
    )
    return {
        person.pk: str(
            TesterGroup.COMMITTEE
            if person.pk in committee
            else TesterGroup.STAFF
            if person.pk in staff
            else TesterGroup.VOLUNTEER
        )
        for person in people
    }


def places_left(campaign: Campaign) -> dict[str, int]:
    """Return how many places are left in each group that has a quota; those who said no leave theirs."""
    quotas = dict(campaign.quotas.values_list("group", "places"))
    taken = campaign.testers.exclude(state__in=("declined", "withdrawn")).values_list("group", flat=True)
    for group in taken:
        if group in quotas:
            quotas[group] -= 1
    return quotas


def _invite(
    campaign: Campaign, person: User, group: str, actor: User, moment: datetime.datetime | None = None
) -> Tester:
    return create(
        Tester,
        actor=actor,
        data={"campaign": campaign.key, "person": person.username, "group": group},
        moment=moment,
    )


def refuse_unless_recruiting(campaign: Campaign) -> None:
    """Raise `GuardUnmet` for a campaign that does not look for testers now."""
    if campaign.state not in RECRUITS:
        raise errors.GuardUnmet(
            f"{campaign.key} is {campaign.state_label.lower()}; testers are looked for while it recruits or runs."
        )
