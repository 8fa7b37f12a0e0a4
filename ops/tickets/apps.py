from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "ops.tickets"
    label = "tickets"
