"""Where to begin, and what answers where nothing is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.api.openapi import described
from ops.api.viewsets.door import Door
from ops.workflow import registry
from ops.workflow.errors import NotFound


class Index(Door):
    """The first address."""

    @described({"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
    def index(self, request: Request) -> Response:
        """Tell where the lists are, and the description of all this."""
        kinds = ["ticket", *(model.workflow.kind for model in registry.models())]
        names = {kind: f"api:{kind}-all" for kind in kinds} | {"schema": "api:schema", "docs": "api:docs"}
        return Response(
            {name: request.build_absolute_uri(reverse(address)) for name, address in names.items()}
        )


class Nowhere(APIView):
    """Every address of the API that leads nowhere; it says so in the shape of every other refusal."""

    schema = None
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **names: Any) -> None:
        """Say that there is nothing."""
        hint = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
        raise NotFound(f"There is nothing under this address.{hint}")
