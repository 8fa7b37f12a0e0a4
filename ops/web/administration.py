"""The door of the administration: who may enter follows from roles, as everywhere on the desk."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from ops.people.authority import is_lead


class DeskAdministration(AdminSite):
    """Django's administration under our name. What somebody finds inside, each page of it asks for itself."""

    site_header = "Operations desk: administration"
    site_title = "Operations desk"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators, and the leads, who look after calendars and deadlines."""
        return super().has_permission(request) or is_lead.test(request.user)
