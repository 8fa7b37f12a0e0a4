"""The minutes of a meeting: to read, to write, version by version; and what was taken on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from ops.committees import actions, sittings
from ops.committees.forms import MinutesForm
from ops.committees.models import Action, Meeting, MinutesVersion, Part
from ops.committees.papers import versions_for
from ops.web.committees.answers import lead_to
from ops.web.doors import PageRequest, SignedInRequest, signed_in
from ops.web.finding import record_for
from ops.web.forms.desk_form import RecordForm
from ops.web.frame import toasts
from ops.web.frame.answers import on_its_page
from ops.workflow.errors import NotFound

KIND = Meeting.workflow.kind


def _part_for(request: PageRequest, meeting: Meeting, part: str) -> Part:
    if part not in Part.values or not sittings.may_read(request.user, meeting, part):
        raise NotFound
    return Part(part)


@require_safe
def versions(request: PageRequest, pk: int, part: str, version: int | None = None) -> HttpResponse:
    """Show the minutes of a part in its newest version or in the one that is named, and the list of versions.

    Whoever may not keep the minutes reads what was published, and no version before it.
    """
    meeting = record_for(request, KIND, pk)
    known = versions_for(request.user, meeting, part)
    of = Part(part)
    keeps = sittings.may_keep_minutes(request.user, meeting, of) or of == Part.EXECUTIVE
    shown = next((each for each in known if version in {None, each.number}), None)
    if shown is None and version is not None:
        raise NotFound
    context = {
        "meeting": meeting,
        "part": of,
        "shown": shown,
        "versions": known if keeps else [],
        "may_write": keeps,
    }
    return render(request, "web/committees/minutes.html", context)


class WriteMinutes(RecordForm):
    """The minutes, being written; whoever saves second finds both changes put together."""

    page_template = "web/committees/write_minutes.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the part."""
        super().setup(request, *args, **kwargs)
        self.part = _part_for(self.request, self.record, kwargs["part"])

    @property
    def draft_key(self) -> str:
        """What is typed is kept on the server, and with it the version that it began from."""
        return f"minutes:{self.part}:{self.record.pk}"

    def carry_out(self) -> MinutesVersion:
        """Save them."""
        data = {name: self.request.POST.get(name, "") for name in MinutesForm.base_fields}
        return sittings.write_minutes(self.record, self.part, actor=self.request.user, data=data)

    def answer(self, done: MinutesVersion) -> HttpResponse:
        """Show the meeting; where two wrote the same passage, the form again with both."""
        if done.has_conflict:
            toasts.say(self.request, "Somebody wrote the same passage: both stand there. Keep what is right.")
            return lead_to(self.request, self.request.path)
        merged = done.author_id == self.request.user.pk and done.based_on != done.number - 1
        words = (
            "Saved, together with what others have written meanwhile." if merged else "The minutes are saved."
        )
        if "stay" in self.request.POST:
            toasts.say(self.request, words)
            return lead_to(self.request, self.request.path)
        return on_its_page(self.request, self.record, words, focus=f"minutes-{self.part}")

    def context(self) -> dict[str, Any]:
        """The form over the newest version, or over the draft and the version that it began from."""
        newest = self.record.minutes_of(self.part)
        initial = {"text": newest.text, "based_on": newest.number, **self.kept.fields}
        return {
            **super().context(),
            "heading": f"Minutes, {self.part.label.lower()}",
            "part": self.part,
            "newest": newest if newest.number else None,
            "form": MinutesForm(self.typed, initial=initial),
            "action": self.request.path,
            "send": "Save",
            "can_send": sittings.may_keep_minutes(self.request.user, self.record, self.part),
        }


@signed_in
@require_POST
def take_actions(request: SignedInRequest, pk: int, part: str) -> HttpResponse:
    """Make tickets of the action lines, or of the executive part a list to tick off."""
    meeting = record_for(request, KIND, pk)
    made = actions.take_actions(meeting, part, actor=request.user)
    what = "ticket" if part == Part.OPEN else "action"
    words = (
        f"{len(made)} {what}{'' if len(made) == 1 else 's'} made." if made else "Every line has one already."
    )
    return on_its_page(request, meeting, words, focus=f"actions-{part}")


@signed_in
@require_POST
def tick_off(request: SignedInRequest, pk: int, action_id: int) -> HttpResponse:
    """Say that an action of the executive part is done, or not."""
    meeting = record_for(request, KIND, pk)
    rows = Action.objects.visible_to(request.user).filter(pk=action_id, meeting=meeting)
    action = rows.first()
    if action is None:
        raise NotFound
    done = request.POST.get("done") != "no"
    actions.tick_off(action, actor=request.user, done=done)
    words = "Done." if done else "Open again."
    return on_its_page(request, meeting, words, focus=f"actions-{action.part}")
