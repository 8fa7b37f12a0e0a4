"""Whole files of test cases, brought in by the API."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, path
from rest_framework.request import Request
from rest_framework.response import Response

from ops.acceptance.case_import import Imported, bring_in
from ops.api.acceptance.plan import IDENTIFIERS
from ops.api.openapi import UPLOAD, described
from ops.api.parsers import UploadParser
from ops.api.schemas import TEXT, Schema, object_with
from ops.api.viewsets.door import Door

IMPORTED = object_with(
    new=IDENTIFIERS,
    changed=IDENTIFIERS,
    same=IDENTIFIERS,
    problems={"type": "array", "items": object_with(where=TEXT, case=TEXT, reason=TEXT)},
)
LATER = object_with(job=TEXT, url={**TEXT, "format": "uri"})
FILE: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


class CaseFiles(Door):
    """Whole files of test cases."""

    @described(IMPORTED, takes=FILE, takes_as=UPLOAD, also={202: LATER})
    def bring_in(self, request: Request, **names: Any) -> Response:
        """Take in a CSV or YAML file; sent again, it changes nothing. What cannot be taken is named.

        A file of more than 64 KiB is read in the background; its page shows how far it is and what became of it.
        """
        done = bring_in(request.FILES.get("file"), actor=self.actor)
        if isinstance(done, Imported):
            return Response(done.as_dict())
        kept, job = done
        page = request.build_absolute_uri(kept.get_absolute_url())
        return Response({"job": str(job.pk), "url": page}, status=202)


urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "test-cases/import/",
        CaseFiles.as_view({"post": "bring_in"}, basename="case", parser_classes=[UploadParser]),
        name="case-import",
    ),
]
