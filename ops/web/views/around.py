"""What stands around a ticket: links, followers, those let in."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from ops.people.models import User
from ops.tickets.forms import FollowerForm, InvitationForm, LinkForm, cleaned
from ops.tickets.models import Link
from ops.tickets.services import invite, link, unlink, unwatch, watch, withdraw_invitation
from ops.web.doors import SignedInRequest, signed_in
from ops.web.finding import ticket_for
from ops.web.frame.answers import on_the_ticket
from ops.workflow.errors import NotFound


@signed_in
@require_POST
def add_link(request: SignedInRequest, key: str) -> HttpResponse:
    """Relate the ticket to another."""
    ticket = ticket_for(request, key)
    named = cleaned(LinkForm(request.POST, actor=request.user))
    link(ticket, named["target"], kind=named["kind"], actor=request.user)
    return on_the_ticket(request, key, f"Linked to {named['target']}.", at="links")


@signed_in
@require_POST
def remove_link(request: SignedInRequest, key: str, link_id: int) -> HttpResponse:
    """Take a relation away."""
    ticket = ticket_for(request, key)
    found = Link.objects.visible_to(request.user).filter(pk=link_id).first()
    if found is None or ticket.pk not in {found.source_id, found.target_id}:
        raise NotFound
    unlink(found, actor=request.user)
    return on_the_ticket(request, key, "The link is gone.", at="links")


@signed_in
@require_POST
def follow(request: SignedInRequest, key: str) -> HttpResponse:
    """Follow the ticket oneself."""
    watch(ticket_for(request, key), actor=request.user)
    words, undo = f"You follow {key.upper()} now.", reverse("unfollow", args=[key])
    return on_the_ticket(request, key, words, undo=undo, focus="follow", at="followers")


@signed_in
@require_POST
def unfollow(request: SignedInRequest, key: str) -> HttpResponse:
    """Stop following it."""
    unwatch(ticket_for(request, key), actor=request.user)
    words, undo = f"You do not follow {key.upper()} any more.", reverse("follow", args=[key])
    return on_the_ticket(request, key, words, undo=undo, focus="follow", at="followers")


@signed_in
@require_POST
def sign_up(request: SignedInRequest, key: str) -> HttpResponse:
    """Let somebody else follow it: an account or a plain address."""
    ticket = ticket_for(request, key)
    who = cleaned(FollowerForm(request.POST))["who"]
    watch(ticket, actor=request.user, who=who)
    name = who.name if isinstance(who, User) else who
    return on_the_ticket(
        request, key, f"{name or request.user.name} follows {key.upper()} now.", at="followers"
    )


@signed_in
@require_POST
def take_off(request: SignedInRequest, key: str) -> HttpResponse:
    """End that somebody follows it."""
    ticket = ticket_for(request, key)
    who = cleaned(FollowerForm(request.POST))["who"]
    unwatch(ticket, actor=request.user, who=who)
    return on_the_ticket(request, key, f"They do not follow {key.upper()} any more.", at="followers")


@signed_in
@require_POST
def let_in(request: SignedInRequest, key: str) -> HttpResponse:
    """Let somebody see a ticket that they would not see by themselves."""
    ticket = ticket_for(request, key)
    person = cleaned(InvitationForm(request.POST, actor=request.user))["person"]
    invite(ticket, actor=request.user, person=person)
    return on_the_ticket(request, key, f"{person.name} sees {key.upper()} now.", at="invited")


@signed_in
@require_POST
def withdraw(request: SignedInRequest, key: str) -> HttpResponse:
    """Take back that somebody was let in."""
    ticket = ticket_for(request, key)
    person = cleaned(InvitationForm(request.POST, actor=request.user))["person"]
    withdraw_invitation(ticket, actor=request.user, person=person)
    return on_the_ticket(request, key, f"{person.name} is no longer let in to {key.upper()}.", at="invited")
