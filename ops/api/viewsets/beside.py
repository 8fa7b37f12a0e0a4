"""What stands beside a ticket: comments, links, followers, files, invitations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse
from rest_framework.exceptions import NotAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ops.api import answers, pages
from ops.api.openapi import FILE, UPLOAD, described, page_schema, ref
from ops.api.schemas import Schema
from ops.api.shapes import Fields, object_of, read
from ops.api.viewsets.door import Door
from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.tickets import selectors, services
from ops.tickets.files import opened
from ops.tickets.forms import CommentForm, FollowerForm, InvitationForm, LinkForm, cleaned
from ops.tickets.models import Attachment, Comment, Link, Ticket
from ops.workflow.errors import InvalidInput, NotFound

COMMENT: Fields = {
    "body": CommentForm.base_fields["body"],
    "visibility": forms.ChoiceField(
        choices=CommentForm.base_fields["visibility"].choices,  # type: ignore[attr-defined]
        help_text="Who shall read it; public when it is not said.",
    ),
    "about": forms.CharField(
        required=False, max_length=40, help_text="The part that it is about, such as item-12 of a report."
    ),
}
ABOUT: dict[str, Schema] = {
    **pages.PARAMETERS,
    "about": {"type": "string", "description": "Only the comments on this part, such as item-12."},
}
WORDING: Fields = {"body": COMMENT["body"]}
UPLOADED: Schema = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "comment": {"type": "integer", "description": "The number of a comment of yours on this ticket."},
    },
    "required": ["file"],
}
_ENDS = [f"{end}__{name}" for end in ("source", "target") for name in ("key", "title", "kind", "state")]
_PEOPLE = [f"created_by__{name}" for name in ("username", "display_name")]


class BesideTheTicket(Door):
    """Actions on what belongs to a ticket but is no field of it."""

    path_parameters: ClassVar[Mapping[str, Schema]] = {
        "key": {"type": "string", "pattern": "^[A-Za-z]{2,10}-[0-9]{1,12}$"},
        "number": {"type": "integer", "minimum": 0},
        "who": {"type": "string", "minLength": 1, "description": "A username or an e-mail address."},
        "person": {"type": "string", "minLength": 1, "description": "A username."},
        "transition": {"type": "string", "pattern": "^[a-z_]+$"},
    }

    def tickets(self) -> QuerySet[Ticket]:
        """Return the tickets that these addresses are about."""
        raise NotImplementedError

    def ticket(self) -> Ticket:
        """Return the ticket that the address names; raises `NotFound` as well where the reader may not see it."""
        rows = self.tickets().visible_to(self.reader).defer("description")  # type: ignore[attr-defined]
        found: Ticket | None = rows.filter(key=self.kwargs["key"].upper()).first()
        if found is None:
            raise NotFound
        return found

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:  # noqa: FBT001, FBT002
        """Give out a file whatever type its reader expects."""
        force = force or self.action == "download"
        return super().perform_content_negotiation(request, force=force)

    @described(page_schema(ref("Comment")), query=ABOUT, refusals=(400,))
    def comments(self, request: Request, **names: Any) -> Response:
        """List the comments that you may read, the oldest first."""
        about = pages.parameters(request, ABOUT).get("about", "")
        rows = self._comments(self.ticket())
        page = pages.page_of(request, rows.filter(about=about) if about else rows)
        return Response({"results": [answers.comment(said) for said in page.rows], "next": page.next})

    @described(ref("Comment"), status=201, takes=object_of(COMMENT, ["body"]))
    def say(self, request: Request, **names: Any) -> Response:
        """Comment, to everybody who sees the ticket (public), to its participants, or to staff."""
        ticket, given = self.ticket(), read(request.data, COMMENT)
        body, about = given.pop("body", ""), given.pop("about", None) or ""
        said = services.comment(ticket, actor=self.actor, body=body, about=about, **given)
        return Response(answers.comment(said), status=201)

    @described(ref("Comment"))
    def comment(self, request: Request, **names: Any) -> Response:
        """Read one comment."""
        return Response(answers.comment(self._comment()))

    @described(ref("Comment"), takes=object_of(WORDING, ["body"]))
    def reword(self, request: Request, **names: Any) -> Response:
        """Give a comment of yours another wording; the former one is kept."""
        said, given = self._comment(), read(request.data, WORDING)
        services.edit_comment(said, actor=self.actor, body=given.get("body", ""))
        return Response(answers.comment(self._comment()))

    @described(page_schema(ref("Link")), query=pages.PARAMETERS, refusals=(400,))
    def links(self, request: Request, **names: Any) -> Response:
        """List its links with other tickets that you may see."""
        pages.parameters(request, pages.PARAMETERS)
        ticket = self.ticket()
        page = pages.page_of(request, self._links(ticket))
        return Response({"results": [answers.link(made, ticket) for made in page.rows], "next": page.next})

    @described(ref("Link"), status=201, takes=object_of(LinkForm.base_fields, ["kind", "target"]))
    def link(self, request: Request, **names: Any) -> Response:
        """Link it with another ticket; a link that is there already stays as it is."""
        ticket, given = self.ticket(), read(request.data, LinkForm.base_fields)
        wanted = cleaned(LinkForm(given, actor=self.actor))
        made = services.link(ticket, wanted["target"], kind=wanted["kind"], actor=self.actor)
        return Response(answers.link(self._links(ticket).get(pk=made.pk), ticket), status=201)

    @described(None, status=204)
    def unlink(self, request: Request, **names: Any) -> Response:
        """Take a link away; the history keeps that it was there."""
        found = self._links(self.ticket()).filter(pk=self.kwargs["number"]).first()
        if found is None:
            raise NotFound
        services.unlink(found, actor=self.actor)
        return Response(status=204)

    @described(page_schema(ref("Follower")), query=pages.PARAMETERS, refusals=(400,))
    def watchers(self, request: Request, **names: Any) -> Response:
        """List who follows it; plain e-mail addresses are shown to those who may add some."""
        pages.parameters(request, pages.PARAMETERS)
        page = pages.page_of(request, selectors.followers_of(self.ticket(), self._signed_in()))
        return Response({"results": [answers.follower(row) for row in page.rows], "next": page.next})

    @described(ref("Followers"), status=201, takes=object_of(FollowerForm.base_fields))
    def watch(self, request: Request, **names: Any) -> Response:
        """Let somebody follow it: yourself, or whom you name by username or e-mail address."""
        ticket, given = self.ticket(), read(request.data, FollowerForm.base_fields)
        who = cleaned(FollowerForm(given))["who"]
        added = services.watch(ticket, actor=self.actor, who=who)
        return Response({"added": [_called(person) for person in added]}, status=201)

    @described(None, status=204)
    def unwatch(self, request: Request, **names: Any) -> Response:
        """Let somebody follow it no longer: yourself, or whom you name."""
        name = self.kwargs["who"]
        who = User.objects.filter(username=name).first() or name
        if not services.unwatch(self.ticket(), actor=self.actor, who=who):
            raise NotFound(f"“{name}” does not follow this ticket.")
        return Response(status=204)

    @described(page_schema(ref("Attachment")), query=pages.PARAMETERS, refusals=(400,))
    def attachments(self, request: Request, **names: Any) -> Response:
        """List its files that you may see, those of comments too."""
        pages.parameters(request, pages.PARAMETERS)
        ticket = self.ticket()
        page = pages.page_of(request, self._attachments(ticket))
        told = [answers.attachment(kept, ticket, request) for kept in page.rows]
        return Response({"results": told, "next": page.next})

    @described(ref("Attachment"), status=201, takes=UPLOADED, takes_as=UPLOAD)
    def attach(self, request: Request, **names: Any) -> Response:
        """Keep a file with it, or with a comment of yours on it."""
        ticket = self.ticket()
        upload, comment = request.FILES.get("file"), request.POST.get("comment")
        if upload is None:
            raise InvalidInput(
                "Send the file as the part “file” of a form.", fields={"file": ["Send a file."]}
            )
        said = self._named_comment(ticket, comment) if comment else None
        kept = services.attach(ticket, actor=self.actor, upload=upload, comment=said)
        return Response(answers.attachment(kept, ticket, request), status=201)

    @described({"type": "string", "format": "binary"}, answers_as=FILE)
    def download(self, request: Request, **names: Any) -> FileResponse:
        """Download a file. It is never shown in the browser, whatever it is."""
        found = self._attachments(self.ticket()).filter(pk=self.kwargs["number"]).first()
        if found is None or not found.file.storage.exists(str(found.file.name)):
            raise NotFound
        response = FileResponse(
            opened(found.file), as_attachment=True, filename=found.name, content_type=FILE
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @described(page_schema(ref("Invitation")), query=pages.PARAMETERS, refusals=(400, 403))
    def invitations(self, request: Request, **names: Any) -> Response:
        """List who was let in to it; for those who take part, and staff."""
        pages.parameters(request, pages.PARAMETERS)
        page = pages.page_of(request, selectors.invited_to(self.ticket(), self._signed_in()))
        return Response({"results": [answers.invitation(made) for made in page.rows], "next": page.next})

    @described(ref("Invitation"), status=201, takes=object_of(InvitationForm.base_fields, ["person"]))
    def invite(self, request: Request, **names: Any) -> Response:
        """Let somebody see it who would not by themselves."""
        ticket, given = self.ticket(), read(request.data, InvitationForm.base_fields)
        person = cleaned(InvitationForm(given, actor=self.actor))["person"]
        return Response(
            answers.invitation(services.invite(ticket, actor=self.actor, person=person)), status=201
        )

    @described(None, status=204)
    def uninvite(self, request: Request, **names: Any) -> Response:
        """Take back an invitation; everybody may give back their own."""
        name = self.kwargs["person"]
        ticket, person = self.ticket(), User.objects.filter(username=name).first()
        if person is None or not services.withdraw_invitation(ticket, actor=self.actor, person=person):
            raise NotFound(f"“{name}” is not invited to this ticket.")
        return Response(status=204)

    def _signed_in(self) -> User:
        if not isinstance(self.reader, User):
            raise NotAuthenticated
        return self.reader

    def _comments(self, ticket: Ticket) -> QuerySet[Comment]:
        rows = Comment.objects.addressed_to(self.reader).filter(ticket=ticket)
        return rows.select_related("author").prefetch_related("attachments").defer("search")

    def _comment(self) -> Comment:
        found = self._comments(self.ticket()).filter(pk=self.kwargs["number"]).first()
        if found is None:
            raise NotFound
        return found

    def _named_comment(self, ticket: Ticket, number: str) -> Comment:
        found = self._comments(ticket).filter(pk=whole_number(number) or 0).first()
        if found is None:
            sentence = "There is no comment with this number on this ticket."
            raise InvalidInput(sentence, fields={"comment": [sentence]})
        return found

    def _links(self, ticket: Ticket) -> QuerySet[Link]:
        ends = Link.objects.filter(source=ticket) | Link.objects.filter(target=ticket)
        rows = ends.visible_to(self.reader).select_related("source", "target", "created_by")
        return rows.only("kind", "created_at", *_ENDS, *_PEOPLE)

    def _attachments(self, ticket: Ticket) -> QuerySet[Attachment]:
        return Attachment.objects.visible_to(self.reader).filter(ticket=ticket).select_related("uploaded_by")


def _called(who: User | str) -> str:
    return who.username if isinstance(who, User) else who
