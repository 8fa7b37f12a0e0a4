from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    """Teams and committees: whose term ends when, and who is told in time."""

    name = "ops.committees"
    label = "committees"
