"""PDF from a template and data."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = settings.BASE_DIR / "templates"


def typeset(template: str, data: Mapping[str, Any], *, moment: datetime.datetime) -> bytes:
    """Return a document as PDF: `templates/<template>` filled with data, as of a moment.

    The template reads its data with `#let data = json(bytes(sys.inputs.data))` and takes its frame, tables and
    prose from `/printing/page.typ`. Only files below `templates/` can be read. The fonts come with the typesetter;
    those of the machine are asked only for letters that these lack. The same data, template and moment give the
    same bytes on one machine.
    """
    made: bytes = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs={"data": json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)},
        timestamp=int(moment.timestamp()),
    )
    return made
