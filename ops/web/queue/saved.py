"""Lists that a person keeps under a name of their own."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import Resolver404, resolve

from ops.people.models import User
from ops.web.models import SavedFilter
from ops.workflow.errors import InvalidInput, NotFound

MOST = 30
LONGEST_ADDRESS = 1_000


def filters_of(user: User | AnonymousUser) -> QuerySet[SavedFilter]:
    """Return what a person has saved, by name."""
    if not user.is_authenticated:
        return SavedFilter.objects.none()
    return SavedFilter.objects.filter(user=user).order_by("name")


def filter_at(user: User | AnonymousUser, address: str) -> SavedFilter | None:
    """Return what a person has saved of an address."""
    return filters_of(user).filter(address=address).first()


def save(user: User, *, name: str, address: str) -> SavedFilter:
    """Keep a list under a name; one that had the name before is replaced.

    Raises `InvalidInput` for a name that is missing or too long, an address that is not one of a list, and when
    there are too many already.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= SavedFilter.LONGEST_NAME:
        raise _refused("name", f"Give it a name of at most {SavedFilter.LONGEST_NAME} letters.")
    if not _is_list(address):
        raise _refused("address", "Only a queue or a board can be saved.")
    if filters_of(user).exclude(name=name).count() >= MOST:
        raise _refused("name", f"You have {MOST} saved filters; remove one first.")
    kept, _ = SavedFilter.objects.update_or_create(user=user, name=name, defaults={"address": address})
    return kept


def forget(user: User, filter_id: int) -> SavedFilter:
    """Forget a saved list and return what it was; raises `NotFound` for one that is not theirs."""
    found = filters_of(user).filter(pk=filter_id).first()
    if found is None:
        raise NotFound
    found.delete()
    return found


def _is_list(address: str) -> bool:
    if len(address) > LONGEST_ADDRESS or "\x00" in address:
        return False
    try:
        name = resolve(address.partition("?")[0]).url_name or ""
    except Resolver404:
        return False
    return name in {"queue", "board"} or (name.startswith("queue-") and name != "queue-csv")


def _refused(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={field: [sentence]})
