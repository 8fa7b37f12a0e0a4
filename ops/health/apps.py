from celery.signals import heartbeat_sent
from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from ops.health.parts import note_that_a_worker_lives


class HealthConfig(AppConfig):
    name = "ops.health"
    label = "health"

    def ready(self) -> None:
        """Hear the worker's heartbeat, and know every periodic task, also in the web, which asks after them."""
        heartbeat_sent.connect(note_that_a_worker_lives)
        autodiscover_modules("tasks")
