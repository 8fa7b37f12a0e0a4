"""The lives of a call, of a request and of a review, each on one screen."""

from ops.allocations.workflow.calls import CallWorkflow
from ops.allocations.workflow.requests import RequestWorkflow
from ops.allocations.workflow.reviews import ReviewWorkflow

__all__ = ["CallWorkflow", "RequestWorkflow", "ReviewWorkflow"]
