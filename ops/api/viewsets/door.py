"""What every address of the API has in common."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from ops.api.errors import LengthRequired
from ops.api.schemas import Schema
from ops.people.models import User
from ops.workflow.declaration import Step


class Door(ViewSet):
    """A viewset whose actions describe themselves; moments without a zone are UTC, whoever is signed in."""

    http_method_names = ["get", "head", "post", "patch", "delete"]
    path_parameters: ClassVar[Mapping[str, Schema]] = {}
    # Set address by address: the transition that it stands for, and whether the document shows it.
    transition: Step | None = None
    in_schema = True

    @property
    def reader(self) -> User | AnonymousUser:
        """Who asks."""
        return self.request.user

    @property
    def actor(self) -> User:
        """Who acts; nobody gets as far as this without an account."""
        user = self.request.user
        if not isinstance(user, User):
            self.permission_denied(self.request)
        return user

    def dispatch(self, request: HttpRequest, *args: Any, **names: Any) -> HttpResponseBase:
        """Answer with the clock of the API: UTC."""
        with timezone.override(datetime.UTC):
            return super().dispatch(request, *args, **names)

    def initial(self, request: Request, *args: Any, **names: Any) -> None:
        """Refuse what nobody could be answered, before anybody is asked who they are."""
        if self.action not in self.action_map.values():
            raise MethodNotAllowed(str(request.method))
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired
        super().initial(request, *args, **names)
