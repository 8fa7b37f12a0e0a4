"""Writing a report: its outline, its items, a text pasted in, the vote."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from ops.committees.models import Item, Report, Vote
from ops.committees.reports import outline
from ops.committees.reports.forms import ItemForm, PasteForm
from ops.committees.reports.pasting import JOIN, LEAVE_OUT, Corrected, take_over
from ops.committees.reports.selectors import ballots, item_named, lines_of, report_named
from ops.committees.reports.splitting import split
from ops.committees.reports.voting import cast_vote
from ops.people.models import User
from ops.tabular.numbers import whole_number
from ops.tickets.forms import cleaned
from ops.tickets.services import comment_visibilities
from ops.tickets.timeline import Entry, comments_of
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.forms import declared
from ops.web.forms.desk_form import DeskForm
from ops.web.frame import toasts
from ops.web.records.story import Said, told
from ops.workflow.errors import InvalidInput, Refusal, Stale

PLACES = (("0", "Item"), ("1", "Below the one above"), ("2", "Two below"), (JOIN, "Part of the one above"),
          (LEAVE_OUT, "Leave it out"))  # fmt: skip

MOVES = (
    ("up", "Move up"),
    ("down", "Move down"),
    ("in", "Put below the one above"),
    ("out", "Bring out again"),
)


@signed_in
@require_safe
def outline_page(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the outline of a draft, to be written in."""
    report = report_named(key, request.user)
    return render(request, "committees/outline.html", outline_context(request, report))


def outline_context(request: SignedInRequest, report: Report) -> dict[str, Any]:
    """What the page of the outline is drawn with."""
    may_write = report.is_draft and outline.may_write.test(request.user, report)
    talk = _talk(report, request.user)
    return {
        "report": report,
        "lines": [(line, talk.get(line.item.part_name, ())) for line in lines_of(report)],
        "may_write": may_write,
        "may_talk": bool(comment_visibilities(report, request.user)),
        "moves": MOVES,
        "deepest": outline.DEEPEST,
        "crumbs": [("Reports", reverse("queue-report")), (report.key, report.get_absolute_url())],
    }


def _talk(report: Report, reader: User) -> dict[str, list[Said]]:
    """What was said about each item, under the name of the item, oldest first."""
    comments = list(comments_of(report, reader).exclude(about=""))
    entries = [Entry(comment.created_at, comment=comment) for comment in comments]
    found: dict[str, list[Said]] = {}
    for comment, said in zip(comments, told(report, entries, reader), strict=True):
        found.setdefault(comment.about, []).append(said)  # type: ignore[arg-type]
    return found


def _on_the_outline(request: PageRequest, report: Report, words: str, at: str = "") -> HttpResponse:
    toasts.say(request, words)
    if request.htmx:
        return HttpResponseClientRefresh()
    return redirect(reverse("report-outline", args=[report.key]) + at)


class WriteItem(DeskForm):
    """One item, new or changed."""

    part_template = "web/_form_part.html"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find the report, and the item where there is one."""
        super().setup(request, *args, **kwargs)
        self.item: Item | None = item_named(kwargs["pk"], request.user) if "pk" in kwargs else None
        self.report = self.item.report if self.item else report_named(kwargs["key"], request.user)
        below = whole_number(request.GET.get("below", ""))
        self.parent = None if below is None or self.item else item_named(below, request.user)

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who writes."""
        outline.refuse_unless_draft(self.report, actor=request.user, item=self.item)
        return super().get(request, **at)

    def carry_out(self) -> Item:
        """Save it."""
        data = {name: self.request.POST.get(name, "") for name in ItemForm.Meta.fields}
        if self.item is None:
            return outline.add_item(self.report, actor=self.request.user, data=data, parent=self.parent)
        version = declared.version(self.request.POST)
        return outline.change_item(self.item, actor=self.request.user, data=data, version=version)

    def refused(self, refusal: Refusal) -> HttpResponse:
        """Show what somebody else has saved meanwhile, above what was typed here."""
        if self.item is not None:
            self.item = item_named(self.item.pk, self.request.user)
        return super().refused(refusal)

    def answer(self, done: Item) -> HttpResponse:
        """Show the outline."""
        return _on_the_outline(self.request, self.report, f"Item {done.number} is saved.", f"#item-{done.pk}")

    @property
    def draft_key(self) -> str:
        """What is typed is kept, for each item on its own."""
        return f"item:{self.item.pk}" if self.item else f"new-item:{self.report.key}"

    def context(self) -> dict[str, Any]:
        """The form of the item."""
        form = ItemForm(self.typed, instance=self.item, initial=dict(self.kept.fields))
        theirs = self.item.text if self.item and isinstance(self.refusal, Stale) else ""
        place = (
            reverse("change-item", args=[self.item.pk])
            if self.item
            else reverse("add-item", args=[self.report.key])
        )
        below = f"?below={self.parent.pk}" if self.parent else ""
        return {
            "heading": f"Item {self.item.number}" if self.item else "New item",
            "help": f"Saved by somebody else meanwhile: “{theirs}”. Yours stands below." if theirs else "",
            "form": form,
            "action": f"{place}{below}",
            "send": "Save",
            "version": self.item.version if self.item else "",
            "back": reverse("report-outline", args=[self.report.key]),
            "can_send": True,
        }


@signed_in
@require_POST
def move_item(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move an item with what lies below it: up, down, below the one above, or out again."""
    item = item_named(pk, request.user)
    places = outline.moved(item.report.outline(), item, request.POST.get("direction", ""))
    outline.arrange(item.report, actor=request.user, places=places)
    return redirect(reverse("report-outline", args=[item.report.key]) + f"#item-{pk}")


@signed_in
@require_POST
def arrange_items(request: SignedInRequest, key: str) -> HttpResponse:
    """Put the items in the order in which they were dragged; the page is then drawn anew, also where it was late."""
    report = report_named(key, request.user)
    try:
        pairs = [each.split(":") for each in request.POST.getlist("place")]
        places = [outline.Place(int(pk), int(depth)) for pk, depth in pairs]
    except ValueError:
        raise InvalidInput("The order could not be read.", fields={"place": ["Write item:depth."]}) from None
    try:
        outline.arrange(report, actor=request.user, places=places)
    except Stale as late:
        toasts.say(request, late.detail)
    return HttpResponse(status=204)


@signed_in
@require_POST
def remove_item(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an item out of the draft."""
    item = item_named(pk, request.user)
    outline.remove_item(item, actor=request.user)
    return _on_the_outline(request, item.report, f"“{item.heading}” is taken out.")


@signed_in
@require_POST
def vote(request: SignedInRequest, key: str) -> HttpResponse:
    """Vote on the draft as it stands."""
    report = report_named(key, request.user)
    cast = cast_vote(
        report,
        actor=request.user,
        choice=request.POST.get("choice", ""),
        wording=request.POST.get("wording"),
    )
    toasts.say(request, f"Your vote is written down: {cast.get_choice_display().lower()}.")
    return redirect(reverse("report-votes", args=[report.key]))


@signed_in
@require_safe
def votes(request: SignedInRequest, key: str) -> HttpResponse:
    """Show to the members how they voted."""
    report = report_named(key, request.user)
    cast = ballots(report, request.user)
    own = next((ballot for ballot in cast if ballot.member == request.user), None)
    context = {
        "report": report,
        "ballots": cast,
        "own": own,
        "tally": report.tally(),
        "wording": report.wording(),
        "choices": Vote.Choice.choices,
        "may_vote": own is not None and report.is_draft and not report.is_from_outside,
    }
    return render(request, "committees/votes.html", context)


class Paste(DeskForm):
    """A report written elsewhere: pasted, split, corrected, saved."""

    page_template = "committees/paste.html"
    part_template = "committees/paste.html"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find the report."""
        super().setup(request, *args, **kwargs)
        self.report = report_named(kwargs["key"], request.user)
        self.pieces: list[dict[str, str]] = []

    def get(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Draw the form, or say who writes."""
        outline.refuse_unless_draft(self.report, actor=request.user)
        return super().get(request, **at)

    def post(self, request: SignedInRequest, **at: Any) -> HttpResponse:
        """Show the split first; save it once it was corrected."""
        self.pieces = _pieces(request.POST)
        if request.POST.get("stage") == "corrected":
            return super().post(request, **at)
        try:
            text = cleaned(PasteForm(request.POST))["text"]
        except InvalidInput as refusal:
            return self.refused(refusal)
        self.pieces = [
            {"place": str(piece.depth), "kind": piece.kind, "title": piece.title, "text": piece.text}
            for piece in split(text).pieces
        ]
        return self.draw()

    def carry_out(self) -> list[Item]:
        """Save what was corrected, and the text as it was pasted."""
        pieces = [Corrected(**piece) for piece in self.pieces]
        return take_over(
            self.report, actor=self.request.user, text=self.request.POST.get("text", ""), pieces=pieces
        )

    def answer(self, done: list[Item]) -> HttpResponse:
        """Show the outline."""
        return _on_the_outline(self.request, self.report, f"The report has {len(done)} items now.")

    @property
    def draft_key(self) -> str:
        """The pasted text is kept."""
        return f"paste:{self.report.key}"

    def context(self) -> dict[str, Any]:
        """The form, and the split once there is one."""
        return {
            "report": self.report,
            "heading": f"Paste a text into {self.report.key}",
            "form": PasteForm(self.typed, initial=dict(self.kept.fields)),
            "text": self.request.POST.get("text", ""),
            "pieces": self.pieces,
            "places": PLACES,
            "kinds": Item.Kind.choices,
        }


def _pieces(typed: QueryDict) -> list[dict[str, str]]:
    names = ("place", "kind", "title", "text")
    columns = [typed.getlist(f"piece-{name}") for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
