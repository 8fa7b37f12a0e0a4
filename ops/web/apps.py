from django.apps import AppConfig
from django.contrib.admin import apps as django_admin


class WebConfig(AppConfig):
    name = "ops.web"
    label = "web"


class DeskAdministrationConfig(django_admin.AdminConfig):
    """Puts our door before Django's administration."""

    default = False  # of the two configurations here, `ops.web` means the one above
    default_site = "ops.web.administration.DeskAdministration"
