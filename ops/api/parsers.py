"""Reading the body of a request: as much as this address takes, and as what it says it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from ops.api.errors import TooLarge
from ops.workflow.forms import is_deep

_MIB = 1024 * 1024
_DEEP = "The body is nested more deeply than anything this address takes."


class JsonParser(BaseParser):
    """JSON in UTF-8, of a size that forms have."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value; raises `ParseError` in a sentence that says where the text stops being JSON."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"A body may have at most {limit // _MIB} MiB.")
        try:
            value = json.loads(raw.decode(), parse_constant=_no_number)
        except UnicodeDecodeError as problem:
            raise ParseError(f"The body is not UTF-8: byte {problem.start + 1} is none.") from None
        except RecursionError:
            raise ParseError(_DEEP) from None
        except ValueError as problem:
            raise ParseError(f"The body is not JSON: {problem}.") from None
        if is_deep(value):
            raise ParseError(_DEEP)
        return value


class UploadParser(MultiPartParser):
    """A form with a file in it. What is far too large is refused before it is read."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:
        """Return the fields and files."""
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        # The file, and room for what stands around it.
        if length > settings.ATTACHMENT_MAX_BYTES + _MIB:
            raise TooLarge(f"A file may have at most {settings.ATTACHMENT_MAX_BYTES // _MIB} MiB.")
        return super().parse(stream, media_type, parser_context)


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON")
