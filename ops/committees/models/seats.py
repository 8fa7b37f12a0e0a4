"""Seats: who was nominated for a committee, who sits in it, and until when."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from ops.committees import serving
from ops.committees.models.committees import Committee, CompositionRule
from ops.committees.parties import advisors, members
from ops.committees.rules import is_advisor, is_committee_member, is_director
from ops.committees.slates import slate_of
from ops.committees.spans import after_months, at_midnight
from ops.committees.workflow.seats import SeatWorkflow
from ops.people.authority import is_lead, is_system
from ops.people.models import Membership, User
from ops.workflow.models import Event, EventQuerySet, Stateful, StatefulQuerySet
from ops.workflow.registry import registered

DAY = datetime.timedelta(days=1)
IN_OFFICE = (SeatWorkflow.State.ACTIVE, SeatWorkflow.State.ENDED)


class Office(models.TextChoices):
    """What a member does for the committee beside sitting in it."""

    CHAIR = "chair", "Chair"
    SECRETARY = "secretary", "Secretary"


class EndReason(models.TextChoices):
    """Why a term ended."""

    TERM = "term", "End of the term"
    RESIGNED = "resigned", "Resigned"
    INELIGIBLE = "ineligible", "Not eligible any more"
    REMOVED = "removed", "Removed"


class SeatQuerySet(StatefulQuerySet):
    """Seats, seen through somebody's eyes."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Who sits and who sat is known to everybody with an account; a nomination only to those it concerns.

        These are the nominee, whoever nominated them, the advisory committee, the Director and the leads. Members
        learn who joins them when that person has accepted.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if is_system.test(user) or is_lead.test(user) or is_director.test(user):
            return self.all()
        joins = Q(state=SeatWorkflow.State.ACCEPTED) & members.whose(user)  # type: ignore[misc]
        advised = advisors.whose(user)  # type: ignore[misc]
        own = Q(person=user) | Q(nominated_by=user)
        return self.filter(Q(state__in=IN_OFFICE) | own | advised | joins)


@registered
class Seat(SeatWorkflow, Stateful):
    """One person's place in a committee for one term, from the nomination to its end.

    While it is active it is a membership of the team, which `ops.committees.serving` alone writes.
    """

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    nominated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="nominations"
    )
    statement = models.TextField(
        max_length=10_000, blank=True, help_text="What they would bring to the committee. Markdown."
    )
    country = models.CharField(max_length=80, blank=True, help_text="Where they work, such as Chile.")
    small_institution = models.BooleanField(
        "from a small institution", default=False, help_text="A college or a small department."
    )
    begins_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField(
        "last day",
        null=True,
        blank=True,
        help_text="Left empty, the term lasts as long as the committee's terms do.",
    )
    begins_at = models.DateTimeField("the beginning of the term", null=True, editable=False)
    ends_at = models.DateTimeField("the end of the term", null=True, editable=False)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True, editable=False)
    office = models.CharField(max_length=9, choices=Office, blank=True, editable=False)
    office_from = models.DateField("in office from", null=True, blank=True)
    office_until = models.DateField("in office until", null=True, blank=True)

    objects = SeatQuerySet.as_manager()
    lock_related: ClassVar[tuple[str, ...]] = ("person", "committee__parent", "nominated_by")

    class Meta:
        ordering = ["committee", "-begins_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="seat_ends_after_it_begins")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.committee}"

    def get_absolute_url(self) -> str:
        """The address of its page."""
        return reverse("committee-seat", args=[self.pk])

    def history_for(self, reader: User | AnonymousUser) -> EventQuerySet:
        """What led to the term is for those whom the nomination concerned; everybody else sees the term.

        Why somebody gave a seat back, or lost it, is for them and for the members.
        """
        events = super().history_for(reader)
        if self._concerns(reader):
            return events
        term = events.filter(target__in=IN_OFFICE)
        return term if is_committee_member.test(reader, self) else term.filter(reason="")

    def is_told_of(self, event: Event, reader: User) -> bool:
        """Whether a reader who sees the seat may know of one event of it: `history_for`, without a query."""
        if self._concerns(reader):
            return True
        is_inside = not event.reason or is_committee_member.test(reader, self)
        return event.target in IN_OFFICE and is_inside

    def _concerns(self, reader: User | AnonymousUser) -> bool:
        if not reader.is_authenticated:
            return False
        own = reader.pk in {self.person_id, self.nominated_by_id}
        return own or (is_system | is_lead | is_director | is_advisor).test(reader, self)

    def readers_among(self, people: Iterable[User | str]) -> list[User | str]:
        """Keep those who may know of the seat."""
        rows = type(self).objects.filter(pk=self.pk)
        return [person for person in people if isinstance(person, User) and rows.visible_to(person).exists()]

    def prepare(self, *, actor: User, moment: datetime.datetime) -> None:
        """Remember who nominated them."""
        self.nominated_by = actor

    @property
    def today(self) -> datetime.date:
        """The day on which a step is taken, or the present one."""
        now = self.performance.moment if self.performance else timezone.now()
        return now.astimezone(datetime.UTC).date()

    @property
    def awaited(self) -> str:
        """An accepted seat waits for its first day."""
        if self.state == self.State.ACCEPTED and self.begins_on:
            return f"the first day of the term, {self.begins_on:%-d %B %Y}"
        return ""

    def derive(self) -> None:
        """A term has its usual length unless its last day is given; the clocks count to its moments."""
        if self.begins_on and not self.ends_on:
            self.ends_on = self.usual_last_day
        self.begins_at = at_midnight(self.begins_on) if self.begins_on else None
        self.ends_at = at_midnight(self.ends_on + DAY) if self.ends_on else None

    @property
    def usual_last_day(self) -> datetime.date:
        """The last day of a term of the usual length."""
        if self.begins_on is None:
            raise ValueError("A seat without a first day has no last day.")
        return after_months(self.begins_on, self.committee.term_months) - DAY

    def clean(self) -> None:
        """Refuse a term that ends before it begins, that is too long with those before, or two at once."""
        asked = set(self.performance.step.fields) if self.performance else set()
        problems = self._term_problems() if "ends_on" in asked else {}
        problems |= self._office_problems() if "office_from" in asked else {}
        if self._is_nominated_twice():
            problems["person"] = f"{self.person} is nominated for this committee already."
        if problems:
            raise ValidationError(problems)

    def _term_problems(self) -> dict[str, str]:
        if self.begins_on is None:
            return {}
        last = self.ends_on or self.usual_last_day
        if last < self.begins_on:
            return {"ends_on": "The last day lies before the first."}
        if self.state == self.State.VETTED and self.overlapping_terms.exists():
            return {"begins_on": f"{self.person} holds a term on this committee in these days already."}
        if serving.would_exceed_limit(self, last):
            years = self.committee.limit_months / 12
            return {
                "ends_on": f"With their other terms that is more than {years:g} years in all; choose another day."
            }
        return {}

    def _office_problems(self) -> dict[str, str]:
        if self.office_from is None or self.begins_on is None or self.ends_on is None:
            return {}
        first, last = self.office_from, self.office_until or self.ends_on
        if last < first:
            return {"office_until": "The last day lies before the first."}
        if not self.begins_on <= first <= last <= self.ends_on:
            term = f"{self.begins_on:%-d %B %Y} to {self.ends_on:%-d %B %Y}"
            return {"office_from": f"Stay within the term, {term}."}
        return {}

    def _is_nominated_twice(self) -> bool:
        if not self._state.adding or None in (self.person_id, self.committee_id):
            return False
        # Two who nominate the same person at once wait for one another here; the second finds the first.
        Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=self.committee_id)
        others = type(self).objects.filter(person=self.person_id, committee=self.committee_id)
        return others.filter(state__in=SeatWorkflow.BEFORE_THE_TERM).exists()

    @property
    def overlapping_terms(self) -> QuerySet[Membership]:
        """Terms of the same person in this committee that share a day with this one."""
        return serving.overlapping_terms(self)

    @property
    def slate_is_settled(self) -> bool:
        """Whether the slate with which it begins breaks no rule that was not waived."""
        if self.begins_on is None:
            return False
        return slate_of(self.committee, self.begins_on).is_settled

    def begin_serving(self) -> None:
        """Let the membership begin."""
        serving.begin(self)

    def extend_service(self) -> None:
        """Let the membership end later, or sooner."""
        serving.extend(self)

    def stop_serving(self, reason: str) -> None:
        """End the membership, and keep why; what ends early, ends with the day before."""
        self.end_reason = reason
        if reason != EndReason.TERM:
            self.ends_on = serving.stop(self, on=self.today)

    def hold_office(self, office: str) -> None:
        """Let the person chair the committee, or keep its minutes."""
        self.office = office
        serving.hold_office(self)


class Waiver(models.Model):
    """Why a slate may break a rule of composition: one breach, as it was said, and who waived it."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="waivers")
    rule = models.ForeignKey(CompositionRule, on_delete=models.PROTECT, related_name="waivers")
    begins_on = models.DateField(help_text="The day on which the slate begins.")
    breach = models.CharField(max_length=400)
    reason = models.TextField(max_length=5_000)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    waived_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Waived: {self.breach}"
