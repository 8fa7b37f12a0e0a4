"""Tables that are made at once are the tables that are described, and go again."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from ops.tables import CreateTables

pytestmark = pytest.mark.django_db

KEY = models.BigAutoField(primary_key=True)
OPERATIONS = CreateTables(
    [
        migrations.CreateModel(
            "Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
        ),
        migrations.CreateModel("Book", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("Book", "shelf", models.ForeignKey("library.shelf", models.CASCADE)),
        migrations.AddField("Shelf", "first", models.ForeignKey("library.book", models.CASCADE, null=True)),
        migrations.AddConstraint(
            "Shelf", models.UniqueConstraint(fields=["name"], name="one_shelf_per_name")
        ),
    ]
)


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("library_")}


def test_tables_that_refer_to_one_another_are_made_and_dropped() -> None:
    before = ProjectState()
    after = before.clone()
    OPERATIONS.state_forwards("library", after)
    with connection.schema_editor(atomic=False) as editor:
        OPERATIONS.database_forwards("library", editor, before, after)
    assert tables() == {"library_shelf", "library_book"}
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "library_shelf")
    assert constraints["one_shelf_per_name"]["unique"]
    assert {each["foreign_key"] for each in constraints.values() if each["foreign_key"]} == {
        ("library_book", "id")
    }
    with connection.schema_editor(atomic=False) as editor:
        OPERATIONS.database_backwards("library", editor, after, before)
    assert tables() == set()
    assert OPERATIONS.describe() == "Create the tables of Shelf, Book"
