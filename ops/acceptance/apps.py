from django.apps import AppConfig


class AcceptanceConfig(AppConfig):
    """User acceptance testing: cases, campaigns, testers, executions, reports and their signatures."""

    name = "ops.acceptance"
    label = "acceptance"
