"""Calls, requests and reviews, as pages and the ranking ask for them."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ops.allocations.models import Call, Conflict, Request, Review
from ops.allocations.models.people import part_of
from ops.people.models import User
from ops.workflow.models import Event


def reviews_of(call: Call) -> QuerySet[Review]:
    """Return the reviews of a call that count: sent, and by nobody with a conflict."""
    barred = Conflict.objects.open().filter(request=OuterRef("request"), person=OuterRef("reviewer"))
    sent: QuerySet[Review] = Review.objects.filter(request__call=call, state=Review.State.SUBMITTED)
    return sent.filter(~Exists(barred)).order_by("request", "reviewer")


def open_conflicts(call: Call) -> set[tuple[int, int]]:
    """Return who must not judge what in a call, as pairs of request and person."""
    return set(Conflict.objects.open().filter(request__call=call).values_list("request_id", "person_id"))


def requests_of(person: User) -> QuerySet[Request]:
    """Return what somebody asks for, alone or with others, the latest first."""
    rows: QuerySet[Request] = Request.objects.filter(part_of(person))
    return rows.select_related("call", "reporter").order_by("-created_at", "-pk")


def calls_for(reader: User | AnonymousUser) -> QuerySet[Call]:
    """Return the calls that somebody sees, the latest award period first."""
    return Call.objects.visible_to(reader).order_by("-award_starts_on", "-pk")


def last_return(request: Request) -> Event | None:
    """Return when, by whom and why a request was last returned to its proposer; None where it never was."""
    rows = Event.objects.of(request).filter(name="return_for_revision").select_related("actor")
    return rows.order_by("pk").last()


def calls_taking_requests(reader: User | AnonymousUser) -> QuerySet[Call]:
    """Return the calls in which requests are begun now: open, and not past their closing."""
    rows: QuerySet[Call] = Call.objects.visible_to(reader).filter(state=Call.State.OPEN)
    return rows.exclude(closes_at__lte=timezone.now())


def reviews_for(person: User) -> QuerySet[Review]:
    """Return what somebody has reviewed and has to review, what is due first."""
    rows = Review.objects.visible_to(person).filter(reviewer=person)
    return rows.select_related("request__call").order_by("due_at", "pk")
