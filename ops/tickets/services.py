"""What is written beside a ticket: comments, files, links, followers, invitations.

Each is one transaction with its event or its message. The ticket's own columns belong to `workflow.services`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from ops.clocks import services as clocks
from ops.notify import services as notify
from ops.people.authority import is_community_scientist, is_staff_member, staff_among
from ops.people.models import User
from ops.tickets import files
from ops.tickets.forms import CommentForm, cleaned
from ops.tickets.mentions import mentioned_in
from ops.tickets.models import (
    Attachment,
    Comment,
    CommentRevision,
    CommentVisibility,
    Invitation,
    Link,
    LinkKind,
    Ticket,
    Watcher,
)
from ops.tickets.parties import assignee, reporter, watchers
from ops.tickets.rules import is_assignee, is_invited, is_reporter
from ops.tickets.watching import add_watchers, in_the_record
from ops.workflow import errors
from ops.workflow.declaration import Party
from ops.workflow.services import record

# The clocks that a public word from staff satisfies.
ANSWERED_CLOCKS = ("first-response", "promised-reply")
COMMENT_MESSAGE = "tickets.comment"

may_invite = is_reporter | is_assignee | is_community_scientist
takes_part = is_reporter | is_assignee | is_invited


def comment_visibilities(ticket: Ticket, actor: User) -> list[CommentVisibility]:
    """Return the audiences that this person may address on this ticket, the widest first."""
    if ticket.keeps_talk_from(actor):
        return []
    if ticket.keeps_talk:  # there is one audience, whoever may see the ticket
        return [CommentVisibility.PUBLIC]
    if is_staff_member(actor):
        return list(CommentVisibility)
    if takes_part.test(actor, ticket):
        return [CommentVisibility.PUBLIC, CommentVisibility.PARTICIPANTS]
    return [CommentVisibility.PUBLIC]


@transaction.atomic
def comment(
    ticket: Ticket,
    *,
    actor: User,
    body: str,
    visibility: str = CommentVisibility.PUBLIC,
    about: str = "",
    uploads: Sequence[UploadedFile] = (),
    moment: datetime.datetime | None = None,
) -> Comment:
    """Say something on a ticket to a named audience, with files or without, and tell those who may read it.

    `about` names a part of the ticket; whoever wrote about the same part before is told as well. A first word from
    staff that the reporter can read meets the first-response deadline. Raises `NotFound`, `InvalidInput`,
    `NotAllowed` where the audience is not one that this person may address.
    """
    seen = _seen(ticket, actor)
    said = cleaned(CommentForm(data={"body": body, "visibility": visibility}))
    audiences = comment_visibilities(seen, actor)
    if not audiences:
        raise errors.NotAllowed("What is said here is said among those who write it.")
    if said["visibility"] not in audiences:
        raise errors.NotAllowed(
            "Only staff may write to staff, and only participants to participants.",
            fields={"visibility": ["Choose public."]},
        )
    _refuse_unless_there(seen, about)
    moment = moment or timezone.now()
    made = Comment.objects.create(ticket_id=seen.pk, author=actor, created_at=moment, about=about, **said)
    if uploads:
        attach_all(seen, actor=actor, uploads=uploads, comment=made)
    # Without a new version: a comment makes nobody's open form stale.
    Ticket.objects.filter(pk=seen.pk).update(updated_at=moment)
    is_answer = is_staff_member(actor) and actor.pk != seen.reporter_id
    if is_answer and made.visibility != CommentVisibility.STAFF:
        for clock in ANSWERED_CLOCKS:
            clocks.meet(seen.anchor, policy=clock, moment=moment)
    _tell_of_comment(made, seen, actor)
    return made


@transaction.atomic
def edit_comment(comment: Comment, *, actor: User, body: str) -> Comment:
    """Give a comment another wording; the former one is kept. Only its author may."""
    found = (
        Comment.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=comment.pk)
        .first()
    )
    if found is None:
        raise errors.NotFound
    if found.author_id != actor.pk:
        raise errors.NotAllowed("Only the author of a comment may edit it.")
    body = cleaned(CommentForm(data={"body": body, "visibility": found.visibility}))["body"]
    if body != found.body:
        now = timezone.now()
        CommentRevision.objects.create(comment=found, body=found.body, replaced_by=actor, replaced_at=now)
        found.body, found.edited_at = body, now
        found.save(update_fields=["body", "edited_at"])
    return found


@transaction.atomic
def attach(
    ticket: Ticket, *, actor: User, upload: UploadedFile, comment: Comment | None = None
) -> Attachment:
    """Keep a file with a ticket, or with a comment of one's own on it.

    Raises `InvalidInput` for a file that is too large, empty or of a refused type.
    """
    seen = _seen(ticket, actor)
    if comment is not None and (comment.ticket_id, comment.author_id) != (seen.pk, actor.pk):
        raise errors.NotAllowed("Only the author of a comment may add a file to it.")
    name = files.accepted_name(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    kept = Attachment.objects.create(
        ticket_id=seen.pk,
        comment=comment,
        file=upload,
        name=name,
        size=upload.size or 0,
        uploaded_by=actor,
    )
    if comment is None:
        record(
            seen,
            "attach",
            actor=actor,
            changes={"file": {"old": None, "new": name}},
            tells=(assignee, watchers),
        )
    return kept


@transaction.atomic
def attach_all(
    ticket: Ticket, *, actor: User, uploads: Sequence[UploadedFile], comment: Comment | None = None
) -> list[Attachment]:
    """Keep several files, or none where one of them is refused; raises as `attach` does, and where there is none."""
    if not uploads:
        raise errors.InvalidInput("Choose a file.", fields={"file": ["Choose a file."]})
    # All are looked at before the first is stored: the store takes nothing back.
    for upload in uploads:
        files.accepted_name(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    return [attach(ticket, actor=actor, upload=upload, comment=comment) for upload in uploads]


@transaction.atomic
def link(
    source: Ticket, target: Ticket, *, kind: str, actor: User, moment: datetime.datetime | None = None
) -> Link:
    """Relate two tickets that this person sees, once; both histories say so."""
    first, second = _seen(source, actor), _seen(target, actor)
    _refuse_unless_working_on(first, second, actor=actor)
    if kind not in LinkKind.values:
        known = ", ".join(LinkKind.values)
        raise errors.InvalidInput("Please correct kind.", fields={"kind": [f"Choose one of {known}."]})
    if first.pk == second.pk:
        raise errors.InvalidInput(
            "Please correct the ticket.",
            fields={"target": ["A ticket is not linked to itself; name another."]},
        )
    moment = moment or timezone.now()
    made, is_new = Link.objects.get_or_create(
        source_id=first.pk,
        target_id=second.pk,
        kind=kind,
        defaults={"created_by": actor, "created_at": moment},
    )
    if is_new:
        record(
            first,
            "link",
            actor=actor,
            changes={"link": {"old": None, "new": _end(kind, second)}},
            moment=moment,
        )
        record(
            second,
            "link",
            actor=actor,
            changes={"link": {"old": None, "new": _end(kind, first, inverse=True)}},
            moment=moment,
        )
    return made


@transaction.atomic
def unlink(link: Link, *, actor: User) -> None:
    """Take a relation away; both histories keep that it was there."""
    found = Link.objects.visible_to(actor).filter(pk=link.pk).select_related("source", "target").first()
    if found is None:
        raise errors.NotFound
    source, target = _seen(found.source, actor), _seen(found.target, actor)
    _refuse_unless_working_on(source, target, actor=actor)
    if not found.delete()[0]:  # somebody else was quicker
        raise errors.NotFound
    record(source, "unlink", actor=actor, changes={"link": {"old": _end(found.kind, target), "new": None}})
    record(
        target,
        "unlink",
        actor=actor,
        changes={"link": {"old": _end(found.kind, source, inverse=True), "new": None}},
    )


@transaction.atomic
def watch(ticket: Ticket, *, actor: User, who: User | str | None = None) -> list[User | str]:
    """Let somebody (oneself, when nobody is named) follow a ticket; return those who did not before.

    Anybody may follow what they see. Others are signed up by those who work on the ticket or reported it.
    """
    seen = _seen(ticket, actor)
    follower = who or actor
    if follower != actor and not (may_invite.test(actor, seen) or is_staff_member(actor)):
        raise errors.NotAllowed("Only staff and the reporter may sign up somebody else.")
    if isinstance(follower, str):
        _refuse_bad_address(follower)
    added = add_watchers(seen, [follower])
    if added and follower != actor:
        new = [in_the_record(person) for person in added]
        record(seen, "watch", actor=actor, changes={"watchers": {"old": None, "new": new}})
    return added


@transaction.atomic
def unwatch(ticket: Ticket, *, actor: User, who: User | str | None = None) -> bool:
    """Stop following; return whether there was anything to stop. Staff may take others off."""
    seen = _seen(ticket, actor)
    follower = who or actor
    if follower != actor and not is_staff_member(actor):
        raise errors.NotAllowed("Only staff may take somebody else off.")
    chosen: dict[str, Any] = {"email": follower} if isinstance(follower, str) else {"user": follower}
    removed, _ = Watcher.objects.filter(ticket_id=seen.pk, **chosen).delete()
    return bool(removed)


@transaction.atomic
def invite(
    ticket: Ticket, *, actor: User, person: User, moment: datetime.datetime | None = None
) -> Invitation:
    """Let somebody see a ticket that they would not see by themselves, and tell them of it.

    The reporter, the assignee and community scientists may.
    """
    seen = _seen(ticket, actor)
    if not may_invite.test(actor, seen):
        raise errors.NotAllowed("The reporter, the assignee or a community scientist may invite somebody.")
    moment = moment or timezone.now()
    try:
        with transaction.atomic():
            made = Invitation.objects.create(
                ticket_id=seen.pk, person=person, invited_by=actor, created_at=moment
            )
    except IntegrityError:
        return Invitation.objects.get(ticket_id=seen.pk, person=person)
    record(
        seen,
        "invite",
        actor=actor,
        changes={"invited": {"old": None, "new": in_the_record(person)}},
        tells=(Party("invited", "whoever is let in", lambda _ticket: [person]),),
        moment=moment,
    )
    return made


@transaction.atomic
def withdraw_invitation(ticket: Ticket, *, actor: User, person: User) -> bool:
    """Take back an invitation; return whether there was one."""
    seen = _seen(ticket, actor)
    if not may_invite.test(actor, seen) and actor != person:
        raise errors.NotAllowed(
            "The reporter, the assignee or a community scientist may take an invitation back."
        )
    removed, _ = Invitation.objects.filter(ticket_id=seen.pk, person=person).delete()
    if removed:
        record(
            seen, "uninvite", actor=actor, changes={"invited": {"old": in_the_record(person), "new": None}}
        )
    return bool(removed)


def _seen(ticket: Ticket, actor: User) -> Ticket:
    # The caller's object may have become confidential since it was read.
    found = (
        Ticket.objects.visible_to(actor)
        .select_related("assignee", "reporter", "component")
        .filter(pk=ticket.pk)
    )
    seen = found.first()
    if seen is None:
        raise errors.NotFound
    return seen


def _refuse_unless_working_on(*tickets: Ticket, actor: User) -> None:
    if not is_staff_member(actor) and not any(takes_part.test(actor, ticket) for ticket in tickets):
        raise errors.NotAllowed("Staff, the reporter or the assignee may change links.")


def _refuse_unless_there(ticket: Ticket, about: str) -> None:
    if about and about not in ticket.parts([about]):
        sentence = f"{ticket.key} has no such part; leave it empty to comment on the whole."
        raise errors.InvalidInput("Please correct what it is about.", fields={"about": [sentence]})


def _refuse_bad_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        sentence = f"“{address}” is neither a username nor an e-mail address."
        raise errors.InvalidInput("Please correct the follower.", fields={"who": [sentence]}) from None


def _end(kind: str, other: Ticket, *, inverse: bool = False) -> dict[str, Any]:
    # The other end is kept by number: whether its key is shown depends on who reads the history.
    return {"kind": kind, "ticket": other.pk, "inverse": inverse}


def _tell_of_comment(made: Comment, ticket: Ticket, actor: User) -> None:
    around = [person for party in (assignee, reporter, watchers) for person in party.of(ticket)]
    if made.about:
        thread = Comment.objects.filter(ticket=ticket.pk, about=made.about)
        around += User.objects.filter(pk__in=thread.values("author"), is_active=True)
    people = _readers_of(made, ticket, dict.fromkeys([*around, *mentioned_in(made.body)]))
    if people:
        notify.announce(
            COMMENT_MESSAGE,
            object_id=made.pk,
            thread=ticket.thread,
            recipients=people,
            actor=actor,
            moment=made.created_at,
        )


def _readers_of(made: Comment, ticket: Ticket, people: Iterable[User | str]) -> list[User | str]:
    """Keep those whom a comment is addressed to: `CommentQuerySet.addressed_to` for many people at once."""
    readers = ticket.readers_among(people)
    if ticket.keeps_talk:
        return [who for who in readers if isinstance(who, User) and not ticket.keeps_talk_from(who)]
    if made.visibility == CommentVisibility.PUBLIC:
        return readers
    accounts = [person for person in readers if isinstance(person, User)]
    inside = staff_among(accounts)
    if made.visibility == CommentVisibility.PARTICIPANTS:
        inside |= ticket.participants_among(accounts)
    return [person for person in accounts if person.pk in inside]
