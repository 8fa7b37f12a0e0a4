"""What is said on a ticket: comments, their earlier wordings, files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from ops.tickets.files import opened
from ops.tickets.forms import CommentForm
from ops.tickets.markdown import rendered
from ops.tickets.models import Attachment, Comment
from ops.tickets.services import attach_all, comment, edit_comment
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.finding import ticket_for
from ops.web.forms.desk_form import TicketForm
from ops.web.frame import toasts
from ops.web.frame.answers import on_the_ticket
from ops.web.records.ticket_page import TicketPage
from ops.workflow.errors import NotFound


class AddComment(TicketForm):
    """The composer of a ticket."""

    page_template = "web/comment_page.html"
    part_template = "web/_ticket_composer.html"

    @property
    def place(self) -> str:
        """Where the composer stands on the page of the ticket."""
        return "composer-place"

    def carry_out(self) -> Comment:
        """Say it."""
        return comment(
            self.ticket,
            actor=self.request.user,
            body=self.request.POST.get("body", ""),
            visibility=self.request.POST.get("visibility", ""),
            about=self.request.POST.get("about", ""),
            uploads=self.request.FILES.getlist("files"),
        )

    def answer(self, done: Comment) -> HttpResponse:
        """Show the ticket with the comment at its end and an empty composer; or the part that was talked about."""
        if done.about:
            return redirect(f"{self.ticket.parts([done.about])[done.about].url}#comment-{done.pk}")
        return on_the_ticket(self.request, self.ticket.key, focus="body", at="composer")

    def context(self) -> dict[str, Any]:
        """The composer with what was typed."""
        page = TicketPage(self.request, self.ticket)
        return {
            **super().context(),
            "page": page,
            "typed": self.typed,
            "about": self.request.POST.get("about", ""),
            "heading": f"Comment on {self.ticket.key}",
        }


class EditComment(TicketForm):
    """A comment of one's own, reworded in its place."""

    def _comment(self) -> Comment:
        found = Comment.objects.visible_to(self.request.user).filter(ticket_id=self.ticket.pk)
        said = (
            found.filter(pk=self.kwargs["comment_id"], author_id=self.request.user.pk).defer("search").first()
        )
        if said is None:
            raise NotFound
        return said

    @property
    def draft_key(self) -> str:
        """What is typed is kept."""
        return f"edit-comment:{self.kwargs['comment_id']}"

    def carry_out(self) -> Comment:
        """Reword it; the former wording is kept."""
        return edit_comment(self._comment(), actor=self.request.user, body=self.request.POST.get("body", ""))

    def answer(self, done: Comment) -> HttpResponse:
        """Show the ticket with the new wording."""
        at = f"comment-{done.pk}"
        part = self.ticket.parts([done.about]).get(done.about) if done.about else None
        if part and part.url == (urlsplit(self.request.htmx.current_url or "").path or part.url):
            toasts.say(self.request, "Saved.")
            return HttpResponseClientRefresh() if self.request.htmx else redirect(f"{part.url}#{at}")
        return on_the_ticket(self.request, self.ticket.key, "Saved.", focus=at, at=at)

    def context(self) -> dict[str, Any]:
        """The form over the wording."""
        said = self._comment()
        form = CommentForm(self.typed, initial={"body": said.body, **self.kept.fields})
        del form.fields["visibility"]
        return {
            **super().context(),
            "heading": f"Edit a comment on {self.ticket.key}",
            "form": form,
            "action": reverse("edit-comment", args=[self.ticket.key, said.pk]),
            "send": "Save",
        }


@require_GET
def comment_history(request: PageRequest, key: str, comment_id: int) -> HttpResponse:
    """Show every wording that a comment had, the newest first."""
    ticket = ticket_for(request, key)
    said = Comment.objects.visible_to(request.user).filter(ticket_id=ticket.pk, pk=comment_id)
    found = said.select_related("author").defer("search").first()
    if found is None:
        raise NotFound
    wordings = [
        (revision.replaced_at, rendered(revision.body)) for revision in found.revisions.order_by("-pk")
    ]
    context = {"ticket": ticket, "comment": found, "now": rendered(found.body), "wordings": wordings}
    return render(request, "web/comment_history.html", context)


@signed_in
@require_POST
def add_files(request: SignedInRequest, key: str) -> HttpResponse:
    """Keep files with a ticket."""
    ticket = ticket_for(request, key)
    attach_all(ticket, actor=request.user, uploads=request.FILES.getlist("files"))
    return on_the_ticket(request, key, "Attached.", at="files")


@require_GET
def attachment(request: PageRequest, attachment_id: int) -> FileResponse:
    """Give out a file as a download that no browser opens or runs."""
    found = Attachment.objects.visible_to(request.user).filter(pk=attachment_id).first()
    if found is None:
        raise NotFound
    response = FileResponse(
        opened(found.file), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    add_never_cache_headers(response)
    return response
