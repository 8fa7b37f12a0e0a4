"""What acceptance testing keeps: cases, campaigns, their plan, testers, executions, reports and signatures."""

from ops.acceptance.models.campaigns import Campaign
from ops.acceptance.models.cases import Aspect, CasePriority, CaseStep, CaseVersion, TestCase
from ops.acceptance.models.executions import Execution, Received, Source
from ops.acceptance.models.files import SentFile
from ops.acceptance.models.findings import Defect, Evidence, StepOutcome, StepResult
from ops.acceptance.models.plan import (
    ConcernedProduct,
    Coverage,
    Criterion,
    Environment,
    PinnedCase,
    Quota,
    Stage,
    TesterGroup,
)
from ops.acceptance.models.reports import Carried, Report, Signature, Verdict
from ops.acceptance.models.testers import Tester

__all__ = [
    "Aspect",
    "Campaign",
    "Carried",
    "CasePriority",
    "CaseStep",
    "CaseVersion",
    "ConcernedProduct",
    "Coverage",
    "Criterion",
    "Defect",
    "Environment",
    "Evidence",
    "Execution",
    "PinnedCase",
    "Quota",
    "Received",
    "Report",
    "SentFile",
    "Signature",
    "Source",
    "Stage",
    "StepOutcome",
    "StepResult",
    "TestCase",
    "Tester",
    "TesterGroup",
    "Verdict",
]
