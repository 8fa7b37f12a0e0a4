"""The background worker. Tasks are found in each room's tasks.py; those that repeat say so themselves, with
`ops.periodic.periodic`, so that beat's schedule, the heartbeats and /readyz cannot disagree."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops.settings")

app = Celery("ops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
