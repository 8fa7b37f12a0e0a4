from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "ops.clocks"
    label = "clocks"
