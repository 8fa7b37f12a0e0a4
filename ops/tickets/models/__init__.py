"""What every ticket has, whatever its process."""

from ops.tickets.models.around import Invitation, TicketPart, Watcher
from ops.tickets.models.links import INVERSE_WORDS, Link, LinkKind, LinkQuerySet
from ops.tickets.models.said import (
    Attachment,
    AttachmentQuerySet,
    Comment,
    CommentQuerySet,
    CommentRevision,
    CommentVisibility,
    attachment_path,
)
from ops.tickets.models.ticket import (
    MOST_LABELS,
    NO_DUE_DATE,
    PRIORITY_OF,
    SEARCH_LANGUAGE,
    Level,
    Priority,
    Ticket,
    TicketManager,
    TicketQuerySet,
    Visibility,
    WorkflowByKind,
    next_key,
)

__all__ = [
    "INVERSE_WORDS",
    "MOST_LABELS",
    "NO_DUE_DATE",
    "PRIORITY_OF",
    "SEARCH_LANGUAGE",
    "Attachment",
    "AttachmentQuerySet",
    "Comment",
    "CommentQuerySet",
    "CommentRevision",
    "CommentVisibility",
    "Invitation",
    "Level",
    "Link",
    "LinkKind",
    "LinkQuerySet",
    "Priority",
    "Ticket",
    "TicketManager",
    "TicketPart",
    "TicketQuerySet",
    "Visibility",
    "Watcher",
    "WorkflowByKind",
    "attachment_path",
    "next_key",
]
