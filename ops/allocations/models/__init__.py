"""What resource allocation keeps: calls and what they offer, requests and what they ask, reviews."""

from ops.allocations.models.people import CoInvestigator, Conflict

from ops.allocations.models.calls import Call, Commitment, Criterion, Offer, Question, Resource  # isort: skip
from ops.allocations.models.awards import AppliedPlan, Award, LedgerEntry, QuotaBase, QuotaLimit, UsageAlert
from ops.allocations.models.decisions import Outcome, OutcomeAmount
from ops.allocations.models.requests import Amount, Answer, Assessment, Justification, Request, Snapshot
from ops.allocations.models.reviews import Review, Score

__all__ = [
    "Amount",
    "Answer",
    "AppliedPlan",
    "Assessment",
    "Award",
    "Call",
    "CoInvestigator",
    "Commitment",
    "Conflict",
    "Criterion",
    "Justification",
    "LedgerEntry",
    "Offer",
    "Outcome",
    "OutcomeAmount",
    "Question",
    "QuotaBase",
    "QuotaLimit",
    "Request",
    "Resource",
    "Review",
    "Score",
    "Snapshot",
    "UsageAlert",
]
