"""What resource allocation keeps: calls and what they offer, requests and what they ask, reviews."""

from ops.allocations.models.people import CoInvestigator, Conflict

from ops.allocations.models.calls import Call, Commitment, Criterion, Offer, Question, Resource  # isort: skip
from ops.allocations.models.awards import (
    Addition,
    AppliedPlan,
    Award,
    LedgerEntry,
    QuotaBase,
    QuotaLimit,
    UsageAlert,
)
from ops.allocations.models.decisions import Outcome, OutcomeAmount
from ops.allocations.models.requests import Amount, Answer, Assessment, Justification, Request, Snapshot
from ops.allocations.models.reviews import Review, Score

from ops.allocations.models.matching import Expertise, Pairing, Wish  # isort: skip
from ops.allocations.models.lottery import Lottery  # isort: skip
from ops.allocations.models.panel import Attendance, Discussion, Ranking, ReviewerBias, Standing  # isort: skip
from ops.allocations.models.line import Adjustment, Line, Place  # isort: skip

__all__ = [
    "Addition",
    "Adjustment",
    "Amount",
    "Answer",
    "AppliedPlan",
    "Assessment",
    "Attendance",
    "Award",
    "Call",
    "CoInvestigator",
    "Commitment",
    "Conflict",
    "Criterion",
    "Discussion",
    "Expertise",
    "Justification",
    "LedgerEntry",
    "Line",
    "Lottery",
    "Offer",
    "Outcome",
    "OutcomeAmount",
    "Pairing",
    "Place",
    "Question",
    "QuotaBase",
    "QuotaLimit",
    "Ranking",
    "Request",
    "Resource",
    "Review",
    "ReviewerBias",
    "Score",
    "Snapshot",
    "Standing",
    "UsageAlert",
    "Wish",
]
