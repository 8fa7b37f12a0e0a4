from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WorkflowConfig(AppConfig):
    """The engine: one function moves everything that has a life."""

    name = "ops.workflow"
    label = "workflow"

    def ready(self) -> None:
        """Load what each room registers by being imported: its checks, filters, letters and deadlines."""
        autodiscover_modules("checks", "filters", "letters", "timekeeping")
