"""The product tree: who answers for a node, and what a move does to everything below it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from ops.people.models import Product, User
from ops.people.selectors import products_owned_by
from tests.cast import Cast


def product(slug: str, parent: Product | None = None, **who: object) -> Product:
    return Product.objects.create(slug=slug, name=slug.title(), parent=parent, **who)


def paths() -> dict[str, str]:
    return dict(Product.objects.values_list("slug", "path"))


def test_nearest_ancestor_serves_where_a_node_has_nobody(cast: Cast) -> None:
    portal = product("table", cast.portal)
    assert (portal.effective_owner, portal.effective_manager) == (cast.owner, cast.director)

    nearer = product("charts", cast.portal, owner=cast.staff)
    below = product("histogram", nearer)
    assert (below.effective_owner, below.effective_manager) == (cast.staff, cast.director)
    assert product("orphan").effective_owner is None


def test_what_somebody_owned_who_has_left_falls_to_the_owner_above(cast: Cast) -> None:
    nearer = product("charts", cast.portal, owner=cast.staff)
    below = product("histogram", nearer)
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)
    for node in Product.objects.filter(pk__in=[nearer.pk, below.pk]):
        assert node.effective_owner == cast.owner
        assert node in products_owned_by(cast.owner)
    assert not products_owned_by(cast.staff).exists()


def test_asking_for_owner_and_manager_of_a_deep_node_costs_one_query(
    cast: Cast, django_assert_num_queries
) -> None:
    deep = cast.portal
    for n in range(6):
        deep = product(f"level-{n}", deep)
    node = Product.objects.get(pk=deep.pk)
    with django_assert_num_queries(1):
        assert (node.effective_owner, node.effective_manager) == (cast.owner, cast.director)


def test_a_moved_node_takes_everything_below_it_along(cast: Cast) -> None:
    table = product("table", cast.portal)
    product("column", table)
    elsewhere = product("archive", owner=cast.staff)

    portal = Product.objects.get(slug="portal")
    portal.parent = elsewhere
    portal.full_clean()
    portal.save()

    assert paths() == {
        "rsp": "rsp",
        "archive": "archive",
        "portal": "archive/portal",
        "table": "archive/portal/table",
        "column": "archive/portal/table/column",
    }
    assert Product.objects.get(slug="column").effective_owner == cast.staff


def test_a_renamed_node_keeps_the_paths_below_it_true(cast: Cast) -> None:
    product("table", cast.portal)
    rsp = Product.objects.get(slug="rsp")
    rsp.slug = "platform"
    rsp.save()

    assert paths() == {"platform": "platform", "portal": "platform/portal", "table": "platform/portal/table"}


@pytest.mark.parametrize("below", ["rsp", "portal", "table"])
def test_a_node_never_lies_below_itself(cast: Cast, below: str) -> None:
    product("table", cast.portal)
    before = paths()
    rsp = Product.objects.get(slug="rsp")
    rsp.parent = Product.objects.get(slug=below)

    with pytest.raises(ValidationError, match="below itself"):
        rsp.full_clean()
    with pytest.raises(ValidationError, match="below itself"):
        rsp.save()
    assert paths() == before


def test_a_neighbour_with_a_similar_name_is_no_ancestor(cast: Cast) -> None:
    """`rsp-extra` begins like `rsp` and is not below it."""
    extra = product("rsp-extra")
    rsp = Product.objects.get(slug="rsp")
    rsp.parent = extra
    rsp.full_clean()
    rsp.save()

    assert paths()["portal"] == "rsp-extra/rsp/portal"
