"""The scores of a call compared, and kept: raw, normalised, calibrated."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import BigIntegerField, Count, Func, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Concat

from ops.allocations.mathematics.calibration import Calibration, Score, calibrate
from ops.allocations.models import Call, Lottery, Ranking, Request, Review, ReviewerBias, Standing
from ops.allocations.selectors import reviews_of
from ops.people.models import User
from ops.workflow.errors import GuardUnmet

# How much a review counts: the inverse of the variance of its noise, by how well the reviewer knows the field.
CONFIDENCE: Mapping[str, float] = {
    Review.Confidence.HIGH: 2.0,
    Review.Confidence.MEDIUM: 1.0,
    Review.Confidence.LOW: 0.5,
}
# A request stands in the ranking from its review until the Operations Director has decided on it.
RANKED_IN = (
    Request.State.IN_REVIEW,
    Request.State.DISCUSSED,
    Request.State.RANKED,
    Request.State.RECOMMENDED,
)


def ranked_requests(call: Call) -> QuerySet[Request]:
    """Return the requests of a call that the committee compares."""
    return Request.objects.filter(call=call, state__in=RANKED_IN)


def counted_reviews(call: Call) -> QuerySet[Review]:
    """Return the reviews that a ranking is made of."""
    return reviews_of(call).filter(request__state__in=RANKED_IN, overall__isnull=False)


def rank_call(call: Call, *, actor: User) -> Ranking:
    """Compare the scores of a call as they are now; raises `GuardUnmet` while no review has been sent."""
    with transaction.atomic():
        # Whoever ranks at the same time waits here, so that the newest ranking is that of the newest reviews.
        Call.objects.select_for_update(no_key=True).get(pk=call.pk)
        input_hash = hash_of_reviews(call)
        calibration = calibrate(
            Score(request, reviewer, float(overall or 0), CONFIDENCE[confidence])
            for request, reviewer, overall, confidence in counted_reviews(call).values_list(
                "request_id", "reviewer_id", "overall", "confidence"
            )
        )
        if not calibration.assessments:
            raise GuardUnmet("There is no review to rank by yet.")
        Lottery.objects.commit(call)  # of a call that was opened before there were lots
        return _kept(call, calibration, input_hash, actor)


def hash_of_reviews(call: Call) -> str:
    """Return a hash of all that a ranking depends on, without reading the reviews.

    The database hashes each and adds the numbers up: nothing is sorted, and the order does not matter.
    """
    text = TextField()
    line = Concat(
        Cast("request_id", text), Value(":"), Cast("reviewer_id", text), Value(":"),
        Cast("overall", text), Value(":"), Cast("confidence", text), output_field=text,
    )  # fmt: skip
    number = Func(line, Value(0), function="hashtextextended", output_field=BigIntegerField())
    found = counted_reviews(call).aggregate(count=Count("pk"), total=Sum(number))
    return hashlib.sha256(f"{found['count']}:{found['total']}".encode()).hexdigest()


def latest_ranking(call: Call) -> Ranking | None:
    """Return the newest ranking of a call."""
    ranking = Ranking.objects.filter(call=call).select_related("made_by").first()
    if ranking is not None:
        ranking.call = call
    return ranking


def ranking_is_current(ranking: Ranking) -> bool:
    """Whether the reviews are still those that the ranking was made of."""
    return ranking.input_hash == hash_of_reviews(ranking.call)


def reviews_awaited(call: Call, *, without: Collection[int] = ()) -> int:
    """Count the reviews that are asked for and not sent yet, `without` those of some requests (their ids)."""
    waiting = Review.objects.filter(
        request__in=ranked_requests(call).exclude(pk__in=without).values("pk"),
        state__in=(Review.State.ASSIGNED, Review.State.ACCEPTED),
    )
    return waiting.aggregate(count=Count("pk"))["count"]


def _kept(call: Call, calibration: Calibration, input_hash: str, actor: User) -> Ranking:
    found = sorted(calibration.assessments.values(), key=lambda each: (-each.calibrated, str(each.request)))
    ranking = Ranking.objects.create(
        call=call,
        made_by=actor,
        input_hash=input_hash,
        reviews=sum(each.reviews for each in found),
        noise=calibration.noise,
        spread_of_quality=calibration.spread_of_quality,
        spread_of_bias=calibration.spread_of_bias,
    )
    Standing.objects.bulk_create(
        Standing(
            ranking=ranking,
            request_id=each.request,
            position=position,
            reviews=each.reviews,
            raw=each.raw,
            normalised=each.normalised,
            calibrated=each.calibrated,
            uncertainty=each.uncertainty,
        )
        for position, each in enumerate(found, 1)
    )
    ReviewerBias.objects.bulk_create(
        ReviewerBias(
            ranking=ranking,
            reviewer_id=each.reviewer,
            reviews=each.reviews,
            bias=each.bias,
            uncertainty=each.uncertainty,
        )
        for each in calibration.biases.values()
    )
    return ranking
