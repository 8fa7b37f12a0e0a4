"""Names being typed, completed: people, products, tickets, labels; never more than a handful of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.urls import reverse

from ops.people.authority import is_staff_member
from ops.people.models import Membership, Product, User
from ops.tickets.models import Ticket
from ops.tickets.search import matching
from ops.web.finding import ticket_models
from ops.workflow.errors import NotAllowed, NotFound

MOST = 10
LONGEST = 80
Reader = User | AnonymousUser


@dataclass(frozen=True)
class Match:
    """One completion: what is put into the field, what is shown, and what tells it from its like."""

    value: str
    label: str
    hint: str = ""


def completions(what: str, typed: str, reader: Reader) -> list[dict[str, str]]:
    """Return what the letters typed so far can become, best first, as this reader may see it.

    Raises `NotFound` for a sort of name that nobody knows, `NotAllowed` where people are asked for from outside.
    """
    find = _sorts().get(what)
    if find is None:
        raise NotFound
    typed = typed.strip().lstrip("@")[:LONGEST].replace("\x00", "")
    return [asdict(match) for match in find(typed, reader)]


def destinations(typed: str, reader: Reader) -> list[dict[str, str]]:
    """Return the tickets that somebody may want to go to, for the palette."""
    typed = typed.strip()[:LONGEST].replace("\x00", "")
    return [
        {
            "label": f"{match.value} {match.label}",
            "url": reverse("ticket", args=[match.value]),
            "kind": match.hint,
        }
        for match in _tickets(typed, reader)
    ]


def _sorts() -> Mapping[str, Callable[[str, Reader], Iterator[Match]]]:
    kinds = {model._meta.model_name or "": _of_kind(model.workflow.kind) for model in ticket_models()}
    return {"user": _people, "product": _products, "ticket": _tickets, "label": _labels, **kinds}


def _people(typed: str, reader: Reader) -> Iterator[Match]:
    if not reader.is_authenticated:
        raise NotAllowed("Only people with an account may look up others.")
    begins = Q(username__istartswith=typed) | Q(display_name__istartswith=typed)
    found = User.objects.visible_to(reader).filter(
        begins | Q(display_name__icontains=typed) | Q(institution__istartswith=typed)
    )
    # Asked with nothing typed, the one meant most often is oneself; at the observatory, then a colleague.
    oneself = When(pk=reader.pk, then=Value(0))
    ranked = found.alias(
        rank=Case(oneself, When(begins, then=Value(1)), default=Value(2)),
        is_colleague=_is_staff() if is_staff_member(reader) else Value(value=False),
    )
    for person in ranked.order_by("rank", "-is_colleague", "display_name", "username")[:MOST]:
        yield Match(person.username, person.name, person.institution)


def _is_staff() -> Exists:
    return Exists(Membership.objects.on().filter(person=OuterRef("pk"), team__is_observatory=True))


def _products(typed: str, reader: Reader) -> Iterator[Match]:
    found = Product.objects.filter(Q(name__icontains=typed) | Q(slug__icontains=typed))
    for product in found.select_related("parent")[:MOST]:
        yield Match(product.slug, product.name, product.parent.name if product.parent else "")


def _tickets(typed: str, reader: Reader, kind: str = "") -> Iterator[Match]:
    if len(typed) < 2:
        return
    rows = Ticket.objects.visible_to(reader)
    if kind:
        rows = rows.filter(kind=kind)
    by_key = rows.filter(key__startswith=typed.upper()).order_by("-pk")[:MOST]
    by_words = matching(rows, typed, reader).order_by("-updated_at")[:MOST]
    by_title = rows.filter(title__icontains=typed).order_by("-updated_at")[:MOST] if len(typed) > 3 else []
    found: dict[int, Ticket] = {}
    for part in (by_key, by_words, by_title):
        if len(found) < MOST:
            found.update({ticket.pk: ticket for ticket in part if ticket.pk not in found})
    for ticket in list(found.values())[:MOST]:
        yield Match(ticket.key, ticket.title, ticket.state_label)


def _of_kind(kind: str) -> Callable[[str, Reader], Iterator[Match]]:
    return lambda typed, reader: _tickets(typed, reader, kind)


def _labels(typed: str, reader: Reader) -> Iterator[Match]:
    newest = Ticket.objects.visible_to(reader).exclude(labels=[]).order_by("-pk")
    words = (word for labels in newest.values_list("labels", flat=True)[:500] for word in labels)
    fitting = [word for word in dict.fromkeys(words) if typed.lower() in word]
    yield from (Match(word, word) for word in sorted(fitting)[:MOST])
