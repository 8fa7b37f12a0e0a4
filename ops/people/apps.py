from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "ops.people"
    label = "people"
