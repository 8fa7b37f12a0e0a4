"""Making something new with what belongs to it from the beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from ops.people.models import User
from ops.tickets.models import Ticket
from ops.tickets.services import attach_all
from ops.workflow.models import Stateful
from ops.workflow.services import create

# What somebody makes who reports a problem without asking what that is called here.
REPORT_KIND = "issue"


def make(
    model: type[Stateful], *, actor: User, data: Mapping[str, Any], uploads: Sequence[UploadedFile] = ()
) -> Any:
    """Make an object, and keep its files with it: all or nothing. Raises what `create` and `attach_all` refuse."""
    with transaction.atomic():
        made = create(model, actor=actor, data=data)
        if uploads and isinstance(made, Ticket):
            attach_all(made, actor=actor, uploads=uploads)
    return made
