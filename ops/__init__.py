"""The operations workflow engine."""

# `shared_task` in the rooms binds to the application that is loaded first: it must be ours, in the web too.
from ops.celery import app as celery_app

__all__ = ["celery_app"]
