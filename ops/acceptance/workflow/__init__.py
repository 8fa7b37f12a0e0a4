"""The lives of acceptance testing: a case, a campaign, a tester, an execution."""

from ops.acceptance.workflow.campaigns import CampaignWorkflow
from ops.acceptance.workflow.cases import CaseWorkflow
from ops.acceptance.workflow.executions import ExecutionWorkflow
from ops.acceptance.workflow.testers import TesterWorkflow

__all__ = ["CampaignWorkflow", "CaseWorkflow", "ExecutionWorkflow", "TesterWorkflow"]
