"""The OpenAPI document, and the page in which it is browsed and tried."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@cache
def document() -> bytes:
    """Return the document; it follows from the code, so it is made once."""
    generator: Any = SchemaGenerator
    return json.dumps(generator().get_schema(request=None, public=True), ensure_ascii=False).encode()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Give out the document."""
    return HttpResponse(document(), content_type="application/vnd.oai.openapi+json")


@require_safe
@ensure_csrf_cookie
def browser(request: HttpRequest) -> HttpResponse:
    """Show the document, to be read and to be tried; whoever is signed in tries it as themselves."""
    return render(request, "api/docs.html")
