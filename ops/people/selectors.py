"""Questions about the product tree that lists ask of many products at once."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Length

from ops.people.models import Product, User

_SLASH = Value("/")


class StartsWith(Func):
    """PostgreSQL's `starts_with(text, beginning)`."""

    function = "STARTS_WITH"
    output_field = BooleanField()


def with_answering_owner() -> QuerySet[Any]:
    """Return all products, each with `answering`: the number of its effective owner, or nothing.

    The same answer as `Product.effective_owner`, without a query for each product.
    """
    above = StartsWith(Concat(OuterRef("path"), _SLASH), Concat(F("path"), _SLASH))
    owners = Product.objects.filter(above, owner__is_active=True).order_by(Length("path").desc())
    return Product.objects.annotate(answering=Subquery(owners.values("owner")[:1]))


def products_owned_by(person: User) -> QuerySet[Product]:
    """Return the products that this person signs for: their own, and those below that have no owner themselves."""
    return with_answering_owner().filter(answering=person.pk)
