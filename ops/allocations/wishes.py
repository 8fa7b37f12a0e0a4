"""What members say before reviews are distributed: what they know about, what they wish to review."""

from __future__ import annotations

from django.db import transaction

from ops.allocations.models import Expertise, Request, Wish
from ops.allocations.rules import is_rac_member
from ops.people.models import User
from ops.workflow.errors import GuardUnmet, InvalidInput, NotAllowed

WISHED_IN = (Request.State.SUBMITTED, Request.State.ASSESSED, Request.State.IN_REVIEW)
MOST_KEYWORDS, LONGEST_KEYWORD = 30, 40


@transaction.atomic
def say_wish(request: Request, kind: str, *, actor: User) -> None:
    """Keep what a member wishes of a request; an empty kind takes it back. Refused with a conflict."""
    if not is_rac_member(actor) or actor.pk in request.conflicted_ids:
        raise NotAllowed("Only a member of the committee without a conflict may wish to review this request.")
    if request.state not in WISHED_IN:
        raise GuardUnmet(f"{request} is {request.state_label.lower()}; its reviews have been distributed.")
    if not kind:
        Wish.objects.filter(request=request, person=actor).delete()
        return
    if kind not in Wish.Kind.values:
        raise InvalidInput(
            "Please correct the wish.", fields={"kind": [f"Choose one of {', '.join(Wish.Kind.values)}."]}
        )
    Wish.objects.update_or_create(request=request, person=actor, defaults={"kind": kind})


@transaction.atomic
def say_expertise(words: str, *, actor: User) -> Expertise:
    """Keep what a member knows about: words with commas between them."""
    if not is_rac_member(actor):
        raise NotAllowed("Only members of the committee say here what they know about.")
    keywords = list(dict.fromkeys(" ".join(word.split()) for word in words.split(",") if word.strip()))
    long = [word for word in keywords if len(word) > LONGEST_KEYWORD or "\x00" in word]
    if long or len(keywords) > MOST_KEYWORDS:
        right = f"At most {MOST_KEYWORDS} keywords of at most {LONGEST_KEYWORD} characters, with commas between them."
        raise InvalidInput("Please correct the keywords.", fields={"keywords": [right]})
    known, _ = Expertise.objects.update_or_create(person=actor, defaults={"keywords": keywords})
    return known
