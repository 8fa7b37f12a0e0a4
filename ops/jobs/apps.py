from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Long work in the background, with its progress on the page."""

    name = "ops.jobs"
    label = "jobs"
    verbose_name = "Work in the background"

    def ready(self) -> None:
        """Learn what kinds of work the rooms have."""
        autodiscover_modules("works")
