"""A PDF that says who made it, in every place where programs write that."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfWriter
from pypdf.annotations import Text

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about=""><dc:creator><rdf:Seq><rdf:li>{name}</rdf:li>
</rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"""


def signed_pdf(name: str) -> bytes:
    """Return a PDF of one page with a name in its properties, in its XMP and on a note."""
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": name, "/Title": "Plan"})
    writer.xmp_metadata = XMP.format(name=name).encode()
    writer.add_annotation(0, Text(rect=(50, 50, 100, 100), text="Look here", title_bar=name))
    writer.write(made)
    return made.getvalue()
