"""Files of a request: taken off before it is sent where one was a mistake, and read by the committee after."""

from __future__ import annotations

from typing import IO

from django.db import transaction
from django.db.models import QuerySet

from ops.allocations.models import Request
from ops.people.models import User
from ops.printing.authorship import UnreadablePdf, without_authorship
from ops.tickets.files import opened
from ops.tickets.models import Attachment
from ops.workflow.errors import GuardUnmet, NotFound
from ops.workflow.services import record, refuse_unless_editable


def files_of(request: Request) -> QuerySet[Attachment]:
    """Return the files of those who ask; what an assessor attaches is no part of the request."""
    rows: QuerySet[Attachment] = request.attachments.filter(comment=None, uploaded_by__in=request.party_ids)
    return rows.order_by("pk")


def sent_files(request: Request) -> set[int]:
    """Return the ids of the files that belong to a version that was sent."""
    contents = request.snapshots.values_list("content__files", flat=True)
    return {file["id"] for files in contents for file in files}


def as_reviewers_read(kept: Attachment, *, hides_people: bool) -> IO[bytes]:
    """Open a file for the committee; where the call hides who asks, without what a PDF says of its authors.

    Raises `NotFound`, and `GuardUnmet` for a PDF that the desk cannot read and so cannot vouch for.
    """
    file = opened(kept.file)
    if not hides_people or not kept.name.lower().endswith(".pdf"):
        return file
    try:
        return without_authorship(file)
    except UnreadablePdf:
        raise GuardUnmet(
            "This PDF cannot be read by the desk, so it may say who asks. Ask staff for a copy without names."
        ) from None


@transaction.atomic
def take_off(request: Request, file_id: int, *, actor: User) -> str:
    """Take a file off a request that its proposer has before them; return its name.

    What was sent stays: a version is as it was. Raises `NotFound`, `NotAllowed`, `GuardUnmet`.
    """
    # Locked, so that it is not sent with the file in the meantime.
    rows = Request.objects.visible_to(actor).locked().select_related(*Request.lock_related)
    found = rows.filter(pk=request.pk).first()
    if found is None:
        raise NotFound
    refuse_unless_editable(found, ["title"], actor=actor)
    kept = files_of(found).filter(pk=file_id).first()
    if kept is None:
        raise NotFound
    if kept.pk in sent_files(found):
        raise GuardUnmet(f"“{kept.name}” belongs to a version that was sent, and stays with it.")
    storage, path = kept.file.storage, str(kept.file.name)
    kept.delete()
    record(found, "take_off", actor=actor, changes={"file": {"old": kept.name, "new": None}})
    transaction.on_commit(lambda: storage.delete(path))
    return kept.name
