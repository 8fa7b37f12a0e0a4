from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "ops.health"
    label = "health"
