from django.apps import AppConfig


class WatchConfig(AppConfig):
    """The forum watch: whose week it is, and what that week asks for."""

    name = "ops.watch"
    label = "watch"
