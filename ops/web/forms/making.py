"""Making something new with what belongs to it from the beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ops.people.models import User
from ops.tickets import files
from ops.tickets.models import Ticket
from ops.tickets.services import attach
from ops.workflow.models import Stateful
from ops.workflow.services import create

# What somebody makes who reports a problem without asking what that is called here.
REPORT_KIND = "issue"


def make(
    model: type[Stateful], *, actor: User, data: Mapping[str, Any], uploads: Sequence[UploadedFile] = ()
) -> Any:
    """Make an object, and keep its files with it: all or nothing. Raises what `create` and `attach` refuse."""
    for upload in uploads:
        files.accepted_name(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    with transaction.atomic():
        made = create(model, actor=actor, data=data)
        if isinstance(made, Ticket):
            for upload in uploads:
                attach(made, actor=actor, upload=upload)
    return made
