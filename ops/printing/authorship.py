"""PDF files from outside, without what they say of those who made them."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

# What a file written by anybody's program may make a reader of PDF stumble over.
_STUMBLES = (PyPdfError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class UnreadablePdf(Exception):
    """The file calls itself a PDF and cannot be read as one, or not without its password."""


def without_authorship(pdf: IO[bytes]) -> IO[bytes]:
    """Return a PDF without the names in its properties and on its notes; what stands on the pages is as it was.

    Raises `UnreadablePdf`.
    """
    cleaned = BytesIO()
    try:
        reader = PdfReader(pdf)
        if reader.is_encrypted:
            raise UnreadablePdf
        # Before all that is left is copied: what nothing leads to any more would stay in the file otherwise.
        reader.root_object.pop("/Metadata", None)
        writer = PdfWriter(clone_from=reader)
        writer.metadata = None
        for page in writer.pages:
            for note in page.annotations or ():
                # On a field of a form this is the name of the field; on a note it is who wrote it.
                if note.get_object().get("/Subtype") != "/Widget":
                    note.get_object().pop("/T", None)
        writer.write(cleaned)
    except _STUMBLES as stumbled:
        raise UnreadablePdf from stumbled
    cleaned.seek(0)
    return cleaned
