"""Deadlines as pages ask for them: for many targets at once, in a number of queries that does not depend on
how many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ops.clocks.course import OPEN
from ops.clocks.explanation import Clock, ordered
from ops.clocks.models import Deadline, DeadlinePolicy
from ops.clocks.policies import rulebook
from ops.clocks.rows import course_of


def deadlines_of(
    targets: Collection[models.Model], *, moment: datetime | None = None
) -> Mapping[int, list[Clock]]:
    """The open deadlines of each target, by its id, the most pressing first; two queries for any number."""
    if not targets:
        return {}
    return deadlines_by_id(type(next(iter(targets))), [target.pk for target in targets], moment=moment)


def deadlines_by_id(
    model: type[models.Model], ids: Collection[int], *, moment: datetime | None = None
) -> Mapping[int, list[Clock]]:
    """The same for a caller who knows the targets by their ids only."""
    kind = ContentType.objects.get_for_model(model)
    rows = Deadline.objects.open().filter(content_type=kind, object_id__in=ids)
    found: dict[int, list[Clock]] = {target_id: [] for target_id in ids}
    for clock in _clocks(rows, moment):
        found[clock.deadline.object_id].append(clock)
    return {target_id: ordered(clocks) for target_id, clocks in found.items()}


Named = tuple[type[models.Model], int]


def deadlines_among(
    targets: Iterable[models.Model], *, moment: datetime | None = None
) -> Mapping[Named, list[Clock]]:
    """The open deadlines of targets of several kinds, by model and id, the most pressing first.

    Two queries, whatever their number and kinds; none for no targets.
    """
    ids: dict[type[models.Model], list[int]] = {}
    for target in targets:
        ids.setdefault(type(target), []).append(target.pk)
    if not ids:
        return {}
    kinds = {ContentType.objects.get_for_model(model).pk: model for model in ids}
    wanted = reduce(or_, (Q(content_type=pk, object_id__in=ids[model]) for pk, model in kinds.items()))
    found: dict[Named, list[Clock]] = {(model, pk): [] for model, pks in ids.items() for pk in pks}
    for clock in _clocks(Deadline.objects.open().filter(wanted), moment):
        found[kinds[clock.deadline.content_type_id], clock.deadline.object_id].append(clock)
    return {named: ordered(clocks) for named, clocks in found.items()}


def next_deadlines(
    targets: Collection[models.Model], *, moment: datetime | None = None
) -> Mapping[int, Clock]:
    """The most pressing open deadline of each target that has one, by its id; two queries for any number."""
    return {pk: clocks[0] for pk, clocks in deadlines_of(targets, moment=moment).items() if clocks}


def deadline_history(target: models.Model, *, moment: datetime | None = None) -> list[Clock]:
    """Every deadline that a target ever had, oldest first, ready to explain itself; three queries."""
    rows = Deadline.objects.of(target).prefetch_related("entries").order_by("started_at", "pk")
    return list(_clocks(rows, moment))


def my_deadlines(targets: models.QuerySet, *, limit: int = 50, moment: datetime | None = None) -> list[Clock]:
    """The most pressing open deadlines among some targets, such as the tickets that somebody holds.

    The targets are given as a queryset of those that the reader holds and may see; paused deadlines come
    last.
    """
    kind = ContentType.objects.get_for_model(targets.model)
    rows = Deadline.objects.filter(content_type=kind, state__in=OPEN, object_id__in=targets.values("pk"))
    return list(_clocks(rows.order_by(F("due_at").asc(nulls_last=True), "pk")[:limit], moment))


def as_clock(deadline: Deadline, *, moment: datetime | None = None) -> Clock:
    """One deadline, ready to explain itself. Raises `LookupError` where its policy cannot be read."""
    return Clock(deadline, course_of(deadline, rulebook()), moment or timezone.now())


def policies_by_kind() -> Mapping[str, list[DeadlinePolicy]]:
    """Every policy that is in force, by kind, in order of precedence; each says `in_words` what it does."""
    found: dict[str, list[DeadlinePolicy]] = {}
    rows = (
        DeadlinePolicy.objects.filter(active=True)
        .select_related("calendar")
        .prefetch_related("calendar__days")
    )
    for policy in rows:
        found.setdefault(policy.kind, []).append(policy)
    return found


def _clocks(rows: Iterable[Deadline], moment: datetime | None) -> Iterable[Clock]:
    book = rulebook()
    moment = moment or timezone.now()
    for deadline in rows:
        if book.reads(deadline.policy_id):
            yield Clock(deadline, course_of(deadline, book), moment)
