"""Feedback: given, attached to items, taken back. Who gave it is written down apart from everything else.

The automation writes the records, whoever gives: the name stands in no event, no message and no column that
anybody is shown.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from ops.committees.models import Feedback, FeedbackSource, FeedbackUse, Item
from ops.committees.reports.rules import is_users_committee_member
from ops.people.authority import is_signed_in
from ops.people.models import User
from ops.workflow import errors
from ops.workflow.forms import form_class
from ops.workflow.services import create, edit, perform, record
from ops.workflow.words import who_may

ASKED = ("text", "area", "is_confidential")


@transaction.atomic
def give_feedback(
    *, actor: User, data: Mapping[str, Any], moment: datetime.datetime | None = None
) -> Feedback:
    """Tell the committee something, in confidence where that is wished. Raises `InvalidInput`, `NotAllowed`."""
    if not is_signed_in.test(actor):
        raise errors.NotAllowed("Sign in first: whoever gives feedback hears what becomes of it.")
    given = create(Feedback, actor=User.objects.system(), data=data, moment=moment)
    FeedbackSource.objects.create(feedback=given, person=actor)
    return given


@transaction.atomic
def attach_feedback(feedback: Feedback, item: Item, *, actor: User) -> FeedbackUse:
    """Say that an item rests on a piece of feedback; who gave it hears from now on what becomes of the item.

    Raises `NotFound` for what the actor may not see, `NotAllowed` for whoever is no member.
    """
    # The item first, as whoever takes it out of a draft does; it stays until this is done.
    items = Item.objects.visible_to(actor).select_for_update(of=("self",), no_key=True)
    is_there = items.filter(pk=item.pk).exists()
    seen = _locked(feedback, actor)
    _refuse_unless_member(actor)
    if not is_there:
        raise errors.NotFound
    use, is_new = FeedbackUse.objects.get_or_create(feedback=seen, item=item, defaults={"attached_by": actor})
    if seen.state in {Feedback.State.GIVEN, Feedback.State.NOTED}:
        perform(seen, "take_up", actor=actor)
    elif is_new:
        record(seen, "attach_item", actor=actor, changes={"item": {"old": None, "new": str(item)}})
    return use


@transaction.atomic
def detach_feedback(use: FeedbackUse, *, actor: User) -> None:
    """Take back that an item rests on a piece of feedback; done twice, nothing happens twice.

    Where no item is left, the committee has to look at it again: nothing that was told it gets lost with an item.
    """
    seen = _locked(use.feedback, actor)
    _refuse_unless_member(actor)
    _detach(seen, use, actor)


@transaction.atomic
def let_go_of_items(items: Iterable[Item], *, actor: User) -> None:
    """Detach everything that rests on items which go out of a draft; call it with the report and the items locked."""
    uses = FeedbackUse.objects.filter(item__in=items).order_by("feedback", "pk")
    for use in uses.select_related("feedback", "item__report"):
        _detach(Feedback.objects.locked().get(pk=use.feedback_id), use, actor)


def _detach(feedback: Feedback, use: FeedbackUse, actor: User) -> None:
    deleted, _ = FeedbackUse.objects.filter(pk=use.pk).delete()
    if not deleted:
        return
    record(feedback, "detach_item", actor=actor, changes={"item": {"old": str(use.item), "new": None}})
    if feedback.state == Feedback.State.TAKEN_UP and not feedback.uses.exists():
        perform(feedback, "put_back", actor=User.objects.system())


def withdraw_feedback(feedback: Feedback, *, actor: User) -> Feedback:
    """Take back what one gave; the committee reads it no longer. Raises `NotFound` for what somebody else gave."""
    _refuse_unless_own(feedback, actor)
    return perform(feedback, "withdraw", actor=User.objects.system())


def agree_to_be_named(feedback: Feedback, *, agrees: bool, actor: User) -> Feedback:
    """Let the committee read who gave it, or take that back; only who gave it says so, at any time.

    Raises `NotFound` for what somebody else gave, `IllegalTransition` once it was taken back.
    """
    _refuse_unless_own(feedback, actor)
    if feedback.state == Feedback.State.WITHDRAWN:
        raise errors.IllegalTransition("It was taken back; nobody is shown it, with or without a name.")
    return edit(feedback, actor=User.objects.system(), data={"is_confidential": not agrees})


def feedback_form(actor: User, data: Mapping[str, Any] | None = None) -> Any:
    """Return the form in which feedback is given."""
    return form_class(Feedback, ASKED, ("text",))(data=data, instance=Feedback(), actor=actor)


def _refuse_unless_own(feedback: Feedback, actor: User) -> None:
    if not FeedbackSource.objects.filter(feedback=feedback.pk, person=actor).exists():
        raise errors.NotFound


def _refuse_unless_member(actor: User) -> None:
    if not is_users_committee_member.test(actor):
        raise errors.NotAllowed(f"Only {who_may(is_users_committee_member)} may attach feedback.")


def _locked(feedback: Feedback, actor: User) -> Feedback:
    # Two members who attach it at once wait for one another; the second sees that it is taken up already.
    found: Feedback | None = Feedback.objects.visible_to(actor).locked().filter(pk=feedback.pk).first()
    if found is None:
        raise errors.NotFound
    return found
