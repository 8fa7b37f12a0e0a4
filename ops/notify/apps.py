from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "ops.notify"
    label = "notify"
    verbose_name = "Messages"
