"""A PDF is given out without what it says of its authors."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from ops.printing.authorship import UnreadablePdf, without_authorship
from tests.printing.signed import signed_pdf


def test_properties_and_notes_name_nobody_and_the_pages_stay() -> None:
    cleaned = without_authorship(BytesIO(signed_pdf("Adaeze Example")))
    written = cleaned.read()
    assert b"Adaeze" not in written
    read = PdfReader(BytesIO(written))
    assert not (read.metadata or {}).get("/Author")
    assert read.xmp_metadata is None
    assert len(read.pages) == 1
    assert [note.get_object()["/Contents"] for note in read.pages[0]["/Annots"]] == ["Look here"]


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 x", b"%PDF-1.7\nxref\n0 9\ntrailer<</Root 1 0 R>>\n%%EOF"]
)
def test_what_cannot_be_read_is_not_given_out(content: bytes) -> None:
    with pytest.raises(UnreadablePdf):
        without_authorship(BytesIO(content))


def test_nor_is_what_needs_a_password() -> None:
    writer, locked = PdfWriter(), BytesIO()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(locked)
    with pytest.raises(UnreadablePdf):
        without_authorship(locked)
