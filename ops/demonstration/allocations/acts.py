"""Plays the allocations: calls, requests, reviews, decisions and awards, in the order in which they happened."""

from __future__ import annotations

import datetime

from ops.allocations.enforcement import applied_by_hand
from ops.allocations.models import Award, Request
from ops.allocations.wishes import say_expertise
from ops.demonstration.allocations import script
from ops.demonstration.allocations.calling import keep_resources, open_call
from ops.demonstration.allocations.made import Allocations
from ops.demonstration.allocations.opened import play_open
from ops.demonstration.allocations.published import play_published
from ops.demonstration.allocations.running import play_running
from ops.demonstration.allocations.urgent import play_urgent
from ops.people.models import User
from ops.workflow.services import perform


def play(now: datetime.datetime, people: dict[str, User]) -> Allocations:
    """Make everything."""
    made = Allocations(now, people)
    keep_resources()
    for username, words in script.committee().expertise.items():
        say_expertise(", ".join(words), actor=made.who(username))
    told = {calling.slug: calling for calling in script.calls()}
    for calling in told.values():
        open_call(made, calling)
    play_published(made, told["2026b"])
    play_running(made, told["2027a"])
    for asking in script.requests_of("urgent"):
        play_urgent(made, asking)
    play_open(made, told["2027b"])
    for way in Award.Way.values:
        applied_by_hand(way, note="By the platform team", actor=made.assessor)
    set_up = Request.objects.get(title="All RR Lyrae stars of the southern sky")
    if set_up.state == Request.State.ACCEPTED:
        perform(set_up, "provision", actor=made.assessor, moment=made.at(-1))
    _end_standing(made, "urgent-2026a")
    return made


def _end_standing(made: Allocations, slug: str) -> None:
    """End a call whose requests have all been decided, each in its days."""
    by_chair, call = ("close", "begin_review", "rank"), made.calls[slug]
    for number, step in enumerate((*by_chair, "decide", "publish")):
        actor = made.chair if step in by_chair else made.director
        call = perform(call, step, actor=actor, moment=made.at(number / 4 - 40))
