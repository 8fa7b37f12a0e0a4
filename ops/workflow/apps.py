from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "ops.workflow"
    label = "workflow"
