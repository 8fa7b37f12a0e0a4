"""What the API says of the testers of a campaign: how many are wanted, who is asked, who runs what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import URLPattern, URLResolver, reverse
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.assignment import Proposal
from ops.acceptance.handing_out import hand_out, proposal_for
from ops.acceptance.models import Campaign, TesterGroup
from ops.acceptance.plan_forms import QuotaForm
from ops.acceptance.planning import set_quotas
from ops.acceptance.reading import refuse_unless_sees_testers
from ops.acceptance.recruiting import ask, volunteer
from ops.api.acceptance.plan import IDENTIFIERS, OfCampaign, at
from ops.api.openapi import described
from ops.api.schemas import NUMBER, TEXT, object_with
from ops.api.shapes import Fields, object_of, read
from ops.people.models import User

PROPOSED = object_with(
    given={"type": "array", "items": object_with(case=TEXT, environment=TEXT, tester=TEXT, why=TEXT)},
    shortfalls={"type": "array", "items": object_with(test=TEXT, missing=NUMBER, why=TEXT)},
)
PLACES = object_with(
    **{
        str(group): {"type": ["integer", "null"], "description": f"{label}; null where there is no limit."}
        for group, label in TesterGroup.choices
    }
)
GROUPS: Fields = QuotaForm().fields
TAKES_PART: Fields = {
    "agrees": forms.BooleanField(
        help_text="`true`: your results are kept with your name, and named in the report of the campaign."
    ),
    "capacity": forms.IntegerField(min_value=1, max_value=500, help_text="How many tests you take at most."),
    "setup": forms.CharField(required=False, max_length=200, help_text="Your browser and machine."),
}
PART = object_with(id=NUMBER, state=TEXT, capacity=NUMBER, url={**TEXT, "format": "uri"})
PEOPLE: Fields = {"people": forms.CharField(max_length=10_000, help_text="Usernames, with spaces or commas.")}


class Places(OfCampaign):
    """How many testers are wanted from each group."""

    @described(PLACES, refusals=(403,))
    def retrieve(self, request: Request, **names: Any) -> Response:
        """Read the places of each group."""
        campaign = self.campaign()
        refuse_unless_sees_testers(self.actor, campaign)
        return Response(_places(campaign))

    @described(PLACES, takes=object_of(GROUPS, []))
    def change(self, request: Request, **names: Any) -> Response:
        """Say how many are wanted; a group that is left out stays as it is, and null takes the limit away."""
        campaign = self.campaign()
        set_quotas(campaign, actor=self.actor, data=_places(campaign) | read(request.data, GROUPS))
        return Response(_places(campaign))


class Volunteers(OfCampaign):
    """Taking part without having been asked."""

    @described(PART, status=201, takes=object_of(TAKES_PART, ["agrees", "capacity"]))
    def take_part(self, request: Request, **names: Any) -> Response:
        """Take part in the tests of a campaign that looks for volunteers."""
        tester = volunteer(self.campaign(), actor=self.actor, data=read(request.data, TAKES_PART))
        url = request.build_absolute_uri(reverse("api:tester-one", args=[tester.pk]))
        told = {"id": tester.pk, "state": tester.state, "capacity": tester.capacity, "url": url}
        return Response(told, status=201)


class Assignment(OfCampaign):
    """Who runs what."""

    @described(PROPOSED, refusals=(403,))
    def propose(self, request: Request, **names: Any) -> Response:
        """Read what would be given out now, and what no arrangement could meet; nothing is changed."""
        campaign = self.campaign()
        refuse_unless_sees_testers(self.actor, campaign)
        return Response(_proposed(campaign, proposal_for(campaign)))

    @described(PROPOSED)
    def give_out(self, request: Request, **names: Any) -> Response:
        """Give out every test that is still needed, as far as there are testers."""
        campaign = self.campaign()
        return Response(_proposed(campaign, hand_out(campaign, actor=self.actor)))

    @described(
        object_with(invited=IDENTIFIERS, known=IDENTIFIERS, beyond=IDENTIFIERS),
        takes=object_of(PEOPLE, ["people"]),
    )
    def ask(self, request: Request, **names: Any) -> Response:
        """Ask people whether they would test: one mail each, nobody twice, as many as there are places."""
        data = read(request.data, PEOPLE)
        asked = ask(self.campaign(), actor=self.actor, data=data)
        groups = {"invited": asked.invited, "known": asked.known, "beyond": asked.beyond}
        return Response({name: [person.username for person in people] for name, people in groups.items()})


def _places(campaign: Campaign) -> dict[str, int | None]:
    known = dict(campaign.quotas.values_list("group", "places"))
    return {str(group): known.get(group) for group in TesterGroup.values}


def _proposed(campaign: Campaign, found: Proposal) -> dict[str, Any]:
    cases = dict(campaign.pins.values_list("version", "case__identifier"))
    environments = dict(campaign.environments.values_list("pk", "name"))
    people = User.objects.in_bulk([given.person for given in found.given])
    return {
        "given": [
            {
                "case": cases[given.case],
                "environment": environments[given.environment],
                "tester": people[given.person].username,
                "why": given.why,
            }
            for given in found.given
        ],
        "shortfalls": [
            {"test": short.words, "missing": short.missing, "why": short.why} for short in found.shortfalls
        ],
    }


urlpatterns: list[URLPattern | URLResolver] = [
    at("testers/places/", "campaign-places", Places, {"get": "retrieve", "patch": "change"}),
    at("testers/volunteer/", "campaign-volunteer", Volunteers, {"post": "take_part"}),
    at("testers/ask/", "campaign-ask", Assignment, {"post": "ask"}),
    at("assignment/", "campaign-assignment", Assignment, {"get": "propose", "post": "give_out"}),
]
