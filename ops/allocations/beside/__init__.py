"""What a request, an assessment and a review hold in rows of their own, asked for like fields at every door."""

from ops.allocations.beside.amounts import AmountsBeside
from ops.allocations.beside.judgements import AssessmentBeside, ScoresBeside
from ops.allocations.beside.people import CoInvestigatorsBeside
from ops.allocations.beside.texts import AnswersBeside, JustificationsBeside

__all__ = [
    "AmountsBeside",
    "AnswersBeside",
    "AssessmentBeside",
    "CoInvestigatorsBeside",
    "JustificationsBeside",
    "ScoresBeside",
]
