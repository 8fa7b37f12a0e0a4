from django.apps import AppConfig


class AllocationsConfig(AppConfig):
    """The Resource Allocation Committee: calls, requests, reviews, the line, awards and their ledger."""

    name = "ops.allocations"
    label = "allocations"
