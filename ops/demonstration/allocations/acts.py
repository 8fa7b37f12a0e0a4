"""Plays the allocations: calls, requests, reviews, decisions and awards, in the order in which they happened."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ops.allocations.adjusting import shares_of
from ops.allocations.calling import commit_capacity, keep_part
from ops.allocations.conflicts import declare_conflict
from ops.allocations.decisions import decide, follow_recommendation, recommend_as_drawn, recommend_outcome
from ops.allocations.enforcement import applied_by_hand
from ops.allocations.lines import draw
from ops.allocations.matching import plan
from ops.allocations.meeting import note_presence
from ops.allocations.models import (
    Award,
    Call,
    Commitment,
    Criterion,
    Line,
    Offer,
    Pairing,
    Question,
    QuotaLimit,
    Ranking,
    Request,
    Resource,
    Review,
)
from ops.allocations.quarters import quarters_between
from ops.allocations.ranking import rank_call
from ops.allocations.usage import take_usage
from ops.allocations.usage_reading import BadRow, Use
from ops.allocations.wishes import say_expertise
from ops.demonstration.allocations import script
from ops.demonstration.allocations.script import Asking, Calling
from ops.people.models import User
from ops.workflow.services import create, perform

DAY = datetime.timedelta(days=1)
CRITERIA = (
    ("merit", "Scientific merit", 3, "What is learnt if it works, and by how many."),
    ("method", "Method", 2, "Whether it will work, and how one would know."),
    ("means", "Use of the resources", 1, "Whether the amounts are needed, and needed here."),
)
HALF_WAY = 0.55
"""So far the reviews of the running call have come."""


@dataclass
class Allocations:
    """What has been made so far."""

    now: datetime.datetime
    people: dict[str, User]
    calls: dict[str, Call] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)

    def at(self, days: float) -> datetime.datetime:
        """The moment so many days from now."""
        return self.now + days * DAY

    def on(self, days: int) -> datetime.date:
        """The day so many days from now."""
        return self.at(days).date()

    def who(self, username: str) -> User:
        """Somebody by username."""
        return self.people[username]

    @property
    def chair(self) -> User:
        """The chair of the committee."""
        return self.people["rac-chair"]

    def chair_of(self, request: Request) -> User:
        """Who chairs what happens to a request."""
        chairs = (self.chair, self.who("brigid"), self.director)
        return next(person for person in chairs if person.pk in request.chair_ids)

    @property
    def director(self) -> User:
        """The Operations Director."""
        return self.people["ops-director"]

    @property
    def assessor(self) -> User:
        """A technical assessor."""
        return self.people["assessor"]


def play(now: datetime.datetime, people: dict[str, User]) -> Allocations:
    """Make everything."""
    made = Allocations(now, people)
    _keep_resources()
    for username, words in script.committee().expertise.items():
        say_expertise(", ".join(words), actor=made.who(username))
    told = {calling.slug: calling for calling in script.calls()}
    for calling in told.values():
        _open_call(made, calling)
    _play_published(made, told["2026b"])
    _play_running(made, told["2027a"])
    for asking in script.requests_of("urgent"):
        _play_urgent(made, asking)
    _play_open(made, told["2027b"])
    for way in Award.Way.values:
        applied_by_hand(way, note="By the platform team", actor=made.assessor)
    set_up = Request.objects.get(title="All RR Lyrae stars of the southern sky")
    if set_up.state == Request.State.ACCEPTED:
        perform(set_up, "provision", actor=made.assessor, moment=made.at(-1))
    perform(made.calls["urgent-2026a"], "close", actor=made.chair, moment=made.at(-40))
    return made


def _keep_resources() -> None:
    for means in script.resources():
        kept = Resource.objects.create(
            slug=means.slug, name=means.name, unit=means.unit, basic_quota=means.basic
        )
        if means.path:
            QuotaLimit.objects.create(resource=kept, path=means.path)


# -- Calls and requests -------------------------------------------------------------------------------------------


def _open_call(made: Allocations, calling: Calling) -> None:
    days = calling.days
    first, last = (made.on(day) for day in days["awards"])
    data: dict[str, Any] = {
        "slug": calling.slug,
        "title": calling.title,
        "description": calling.about.strip(),
        "is_standing": calling.standing,
        "blindness": calling.blindness,
        "opens_at": made.at(days["opens"]),
        "award_starts_on": first,
        "award_ends_on": last,
        "quorum": calling.quorum,
    }
    if not calling.standing:
        data |= {"closes_at": made.at(days["closes"]), "reviews_due_at": made.at(days["reviews"])}
    call = create(Call, actor=made.chair, data=data, moment=made.at(days["made"]))
    quarters = len(quarters_between(first, last))
    for slug, offered in calling.offers.items():
        _offer(made, call, slug, offered, quarters)
    for slug, name, weight, words in CRITERIA:
        keep_part(Criterion(call=call, slug=slug, name=name, weight=weight, help=words), actor=made.chair)
    for question in calling.questions:
        keep_part(Question(call=call, **question), actor=made.chair)
    made.calls[calling.slug] = perform(call, "open", actor=made.chair, moment=made.at(days["opens"]))


def _offer(made: Allocations, call: Call, slug: str, offered: Any, quarters: int) -> None:
    offer = Offer(
        call=call,
        resource=Resource.objects.get(slug=slug),
        capacity=[Decimal(offered["capacity"])] * quarters,
        reserve=offered.get("reserve", 0),
        ceiling=offered.get("ceiling"),
    )
    kept = keep_part(offer, actor=made.chair)
    if taken := offered.get("committed"):
        commitment = Commitment(offer=kept, quarter=1, amount=taken["amount"], why=taken["why"])
        commit_capacity(commitment, actor=made.chair)


def _send(made: Allocations, asking: Asking, call: Call, moment: datetime.datetime) -> Request:
    """A request that is written and sent on one day."""
    data: dict[str, Any] = {
        "call": call.slug,
        "title": asking.title,
        "purpose": "urgent" if call.is_standing else asking.kind,
        "abstract": asking.why,
        "methods": f"{asking.how}\n\nThe data are those of the release; nothing is needed beside the platform.",
        "keywords": ", ".join(asking.words),
        "co_investigators": list(asking.co),
        "amounts": _amounts(asking, len(call.quarters)),
        "justifications": {
            means.slug: means.why for means in script.resources() if means.slug in asking.asks
        },
        "answers": {question.slug: _answer(question) for question in call.questions.all()},
    }
    if asking.earlier:
        data["earlier"] = made.requests[asking.earlier].key
    proposer = made.who(asking.by)
    request = create(Request, actor=proposer, data=data, moment=moment - DAY)
    request = perform(request, "submit", actor=proposer, moment=moment)
    made.requests[asking.title] = request
    return request


def _amounts(asking: Asking, quarters: int) -> list[dict[str, Any]]:
    return [
        {"resource": slug, "quarter": quarter, "asked": amount, "minimum": amount // 2}
        for slug, amount in asking.asks.items()
        for quarter in range(1, quarters + 1)
    ]


def _answer(question: Question) -> str:
    if question.kind == Question.Kind.CHOICE:
        return str(question.choices[0])
    if question.slug == "pilot":
        return "One percent of the sample went through in a weekend; the numbers below are scaled from it."
    return "On the platform, under the collection of the group, with a note that says how they were made."


def _assess(made: Allocations, request: Request, moment: datetime.datetime) -> Request:
    data = {
        "verdict": "with_changes" if _chance(request.title, "assess") > 80 else "feasible",
        "note_to_committee": "Fits the platform; the peak falls into a quiet month.",
        "note_to_proposer": "Please split the jobs so that none runs longer than twelve hours.",
    }
    return perform(request, "assess", actor=made.assessor, data=data, moment=moment)


# -- Reviews ------------------------------------------------------------------------------------------------------


def _chance(*of: str) -> int:
    """A number from 0 to 99 that is always the same for the same words."""
    return zlib.crc32("/".join(of).encode()) % 100


def _review(
    made: Allocations, asking: Asking, pairing: Pairing, began: datetime.datetime, *, until: int
) -> None:
    """One review, as far as it has come: asked for, accepted (1), sent (2)."""
    request, reviewer = made.requests[asking.title], pairing.reviewer
    data = {"request": request.key, "reviewer": reviewer.username, "why": pairing.why}
    review = create(Review, actor=made.who("system"), data=data, moment=began)
    chance = _chance(asking.title, reviewer.username)
    if until >= 1:
        review = perform(review, "accept", actor=reviewer, moment=began + (0.2 + chance / 50) * DAY)
    if until >= 2:
        said = _judgement(asking, reviewer.username)
        perform(review, "submit", actor=reviewer, data=said, moment=began + (4 + chance / 8) * DAY)


def _judgement(asking: Asking, username: str) -> dict[str, Any]:
    committee = script.committee()
    bias = committee.strictness.get(username, 0) / 10
    scores = {}
    for slug, *_ in CRITERIA:
        noise = (_chance(asking.title, username, slug) - 50) / 70
        scores[slug] = min(5, max(1, round(asking.quality - bias + noise)))
    mean = sum(scores.values()) / len(scores)
    band = "high" if mean >= 4 else "middle" if mean >= 3 else "low"
    pick = _chance(username, asking.title)
    knows = set(committee.expertise.get(username, ())) & set(asking.words)
    texts = committee.to_committee[band], committee.to_proposer[band]
    to_committee, to_proposer = (choices[pick % len(choices)] for choices in texts)
    return {
        "scores": scores,
        "confidence": "high" if knows else ("medium" if pick % 3 else "low"),
        "comment_to_committee": to_committee,
        "comment_to_proposer": to_proposer,
    }


def _pairings(call: Call) -> Sequence[Pairing]:
    plan(call)
    rows = Pairing.objects.filter(call=call).exclude(origin=Pairing.Origin.BARRED)
    return list(rows.select_related("reviewer", "request").order_by("request", "reviewer"))


# -- The published call -------------------------------------------------------------------------------------------


def _play_published(made: Allocations, calling: Calling) -> None:
    days, asked = calling.days, script.requests_of(calling.slug)
    call = made.calls[calling.slug]
    for number, asking in enumerate(asked):
        request = _send(made, asking, call, made.at(days["opens"] + 12 + number))
        if asking.becomes == "withdrawn":
            perform(request, "withdraw", actor=made.who(asking.by), moment=made.at(days["closes"] + 1))
        else:
            _assess(made, request, made.at(days["opens"] + 16 + number))
    call = perform(call, "close", actor=made.who("system"), moment=made.at(days["closes"]))
    call = perform(call, "begin_review", actor=made.chair, moment=made.at(days["closes"] + 6))
    by_title = {asking.title: asking for asking in asked}
    for pairing in _pairings(call):
        _review(made, by_title[pairing.request.title], pairing, made.at(days["closes"] + 7), until=2)
    _meet(made, call, days)
    _decide(made, call, days)
    for asking in asked:
        _live(made, asking, days)


def _meet(made: Allocations, call: Call, days: Any) -> None:
    meets = made.at(days["meets"])
    present = [made.who(name) for name in script.committee().expertise if name != "laleh"]
    note_presence(call, present, actor=made.chair)
    for request in call.requests.filter(state="in_review").order_by("pk"):
        free = next(
            made.people[name] for name in ("rac-chair", "brigid") if made.people[name].pk in request.chair_ids
        )
        perform(request, "discuss", actor=free, moment=meets)
    ranking = rank_call(call, actor=made.chair)
    line = draw(call, basis="ranked", actor=made.chair)
    # They are dated by the meeting, as everything else here is by the day on which it happened.
    Ranking.objects.filter(pk=ranking.pk).update(made_at=meets)
    Line.objects.filter(pk=line.pk).update(made_at=meets)
    recommend_as_drawn(call, shares_of(line), actor=made.chair, moment=meets)
    note_presence(call, [], actor=made.chair)
    made.calls[call.slug] = perform(call, "rank", actor=made.chair, moment=meets + DAY)


def _decide(made: Allocations, call: Call, days: Any) -> None:
    decided = made.at(days["decided"])
    for request in call.requests.filter(state="recommended").order_by("pk"):
        if request.title.startswith("Faint satellites"):
            words = "Good, but it needs the deeper images of next year; please ask again then."
            reason = "The images that it needs are not there before the period ends."
            decide(request, actor=made.director, grade="none", comment=words, reason=reason, moment=decided)
        else:
            follow_recommendation(request, actor=made.director, moment=decided)
    call = perform(made.calls[call.slug], "decide", actor=made.director, moment=decided)
    made.calls[call.slug] = perform(call, "publish", actor=made.director, moment=made.at(days["published"]))


def _live(made: Allocations, asking: Asking, days: Any) -> None:
    """What became of a request after the results were published."""
    published = days["published"]
    request = Request.objects.get(pk=made.requests[asking.title].pk)
    proposer = made.who(asking.by)
    if request.state == Request.State.DECLINED and asking.becomes == "appealed":
        words = "The reviewers read the storage as the amount of one quarter; it is that of both."
        perform(request, "appeal", actor=proposer, reason=words, moment=made.at(published + 9))
    if request.state != Request.State.AWARDED or asking.becomes in {"awarded", "appealed", "declined"}:
        return
    accepted = published + 1 + _chance(asking.title) / 20
    request = perform(request, "accept", actor=proposer, moment=made.at(accepted))
    if asking.becomes != "accepted":
        _run(made, asking, request, accepted + 1)


def _run(made: Allocations, asking: Asking, request: Request, set_up: float) -> None:
    """Set an award up, and let it be used."""
    request = perform(request, "provision", actor=made.assessor, moment=made.at(set_up))
    award = Award.objects.filter(request=request)
    award.update(
        enforcement=Award.Enforcement.BY_HAND,
        enforced_at=made.at(set_up),
        enforced_by=made.assessor,
        enforcement_note="Entered by the platform team",
    )
    perform(request, "activate", actor=made.assessor, moment=made.at(set_up))
    _use(made, asking, award.get())


def _use(made: Allocations, asking: Asking, award: Award) -> None:
    """Usage week by week, of what is used up."""
    first, last = award.starts_on, min(award.ends_on, made.now.date())
    weeks = max(1, (last - first).days // 7)
    rows: list[Use | BadRow] = []
    for slug in ("core-hours", "storage", "download"):
        given = (
            award.entries.filter(resource__slug=slug, amount__gt=0).values_list("amount", flat=True).first()
        )
        if given is None or not asking.used:
            continue
        shares = [50 + _chance(asking.title, slug, str(week)) for week in range(weeks)]
        for week, share in enumerate(shares):
            amount = (given * Decimal(str(asking.used)) * share / sum(shares)).quantize(Decimal("0.001"))
            day = first + datetime.timedelta(days=7 * week + 6)
            name = f"{slug}-{award.request.key}-{day.isoformat()}"
            rows.append(Use(len(rows) + 1, name, award.request.key, slug, amount, "", min(day, last)))
    take_usage(rows, actor=made.who("system"), moment=made.now)


# -- The running call and the urgent ones -------------------------------------------------------------------------


def _play_running(made: Allocations, calling: Calling) -> None:
    days, asked = calling.days, script.requests_of(calling.slug)
    call = made.calls[calling.slug]
    for number, asking in enumerate(asked):
        request = _send(made, asking, call, made.at(days["opens"] + 10 + number))
        if asking.becomes == "withdrawn":
            perform(request, "withdraw", actor=made.who(asking.by), moment=made.at(days["closes"] - 0.5))
        else:
            _assess(made, request, made.at(days["closes"] - 1))
    call = perform(call, "close", actor=made.who("system"), moment=made.at(days["closes"]))
    for said in script.committee().declared:
        request = made.requests[said["about"]]
        declare_conflict(
            Request.objects.get(pk=request.pk),
            actor=made.who(said["who"]),
            evidence=said["evidence"],
            moment=made.at(days["closes"] + 3),
        )
    call = perform(call, "begin_review", actor=made.chair, moment=made.at(days["closes"] + 5))
    made.calls[calling.slug] = call
    by_title = {asking.title: asking for asking in asked}
    for pairing in _pairings(call):
        asking = by_title[pairing.request.title]
        come = _chance(pairing.reviewer.username, asking.title, "come") / 100
        until = 2 if come < HALF_WAY else 1 if come < 0.9 else 0
        _review(made, asking, pairing, made.at(days["closes"] + 6), until=until)
    # Before the panel meets, the chair has compared what has come so far.
    ranking = rank_call(call, actor=made.chair)
    Ranking.objects.filter(pk=ranking.pk).update(made_at=made.at(-0.2))


def _play_open(made: Allocations, calling: Calling) -> None:
    """The call that takes requests now: something to go on writing, to mend and to assess."""
    call = made.calls[calling.slug]
    for number, asking in enumerate(script.requests_of(calling.slug)):
        sent = made.at(calling.days["opens"] + 4 + number)
        if asking.becomes == "draft":
            half = {"call": call.slug, "title": asking.title, "abstract": asking.why}
            create(Request, actor=made.who(asking.by), data=half, moment=sent)
            continue
        request = _send(made, asking, call, sent)
        if asking.becomes == "returned":
            data = {"revise_by": made.at(9)}
            words = "How long did the trial take for a square degree? Without it we cannot judge the amounts."
            back = "return_for_revision"
            perform(request, back, actor=made.assessor, data=data, reason=words, moment=sent + 2 * DAY)


def _play_urgent(made: Allocations, asking: Asking) -> None:
    call = made.calls[asking.call]
    sent = -float(asking.ago)
    request = _send(made, asking, call, made.at(sent))
    _assess(made, request, made.at(sent + 0.2))
    request = Request.objects.get(pk=request.pk)
    chair = made.chair_of(request)
    request = perform(request, "send_to_review", actor=chair, moment=made.at(sent + 0.4))
    barred = request.conflicted_ids | {chair.pk}
    members = [made.who(name) for name in script.committee().expertise if made.who(name).pk not in barred]
    chosen = sorted(members, key=lambda member: _chance(member.username, asking.title))[:2]
    is_open = asking.becomes == "in_review"
    for reviewer in chosen:
        data = {"request": request.key, "reviewer": reviewer.username, "why": "Could read it the same day"}
        review = create(Review, actor=chair, data=data, moment=made.at(sent + 0.5))
        review = perform(review, "accept", actor=reviewer, moment=made.at(sent + 0.6))
        if not is_open or reviewer == chosen[0]:
            said = _judgement(asking, reviewer.username)
            perform(review, "submit", actor=reviewer, data=said, moment=made.at(sent + 1.5))
    if not is_open:
        _decide_urgent(made, asking, request, chair, sent)


def _decide_urgent(made: Allocations, asking: Asking, request: Request, chair: User, sent: float) -> None:
    request = perform(request, "discuss", actor=chair, moment=made.at(sent + 2))
    words = "Good luck; please send the position as soon as you have it."
    recommend_outcome(request, actor=chair, grade="full", comment=words, moment=made.at(sent + 2.1))
    request = perform(request, "recommend", actor=chair, moment=made.at(sent + 2.1))
    follow_recommendation(request, actor=made.director, moment=made.at(sent + 3))
    request = perform(request, "accept", actor=made.who(asking.by), moment=made.at(sent + 3.2))
    _run(made, asking, request, sent + 3.4)
    ended = made.calls[asking.call].award_ends_on
    if asking.becomes in {"grace", "expired"}:
        end = datetime.datetime.combine(ended, datetime.time.max, datetime.UTC)
        request = perform(Request.objects.get(pk=request.pk), "end", actor=made.who("system"), moment=end)
    if asking.becomes == "expired":
        moment = min(end + 10 * DAY, made.now)
        perform(request, "expire", actor=made.who("system"), moment=moment)
