"""Files to upload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile


@pytest.fixture
def upload() -> Callable[..., SimpleUploadedFile]:
    """Make a file as a browser sends it: `upload("plot.png", size=3)`."""

    def made(name: str, *, size: int = 3, begins: bytes = b"") -> SimpleUploadedFile:
        file = SimpleUploadedFile("x", begins + b"x" * size)
        # Past Django's own tidying of names, as a test or another door could hand it over.
        file._name = name
        return file

    return made
