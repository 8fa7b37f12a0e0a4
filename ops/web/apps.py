from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "ops.web"
    label = "web"
