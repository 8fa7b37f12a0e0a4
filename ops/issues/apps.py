from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "ops.issues"
    label = "issues"
