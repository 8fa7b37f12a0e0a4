from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    """An invented observatory that fills an empty desk."""

    name = "ops.demonstration"
    label = "demonstration"
