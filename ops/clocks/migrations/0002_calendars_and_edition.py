"""The calendars that every desk has, and the token that tells processes when policies or calendars have changed.

A trigger, and not `save()`, moves the token: it also sees `update()`, the admin's bulk actions and a hand in psql.
"""

from django.db import migrations

from ops.clocks.services import seed_calendars

WATCHED = ("clocks_deadlinepolicy", "clocks_calendar", "clocks_calendarday")


def seed(apps, schema_editor):
    seed_calendars(apps.get_model("clocks", "Calendar"))
    apps.get_model("clocks", "Edition").objects.create()


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(
            """
            CREATE FUNCTION clocks_new_edition() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE clocks_edition SET token = gen_random_uuid();
                RETURN NULL;
            END $$;
            """,
            "DROP FUNCTION clocks_new_edition();",
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_edition AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION clocks_new_edition();",
                f"DROP TRIGGER {table}_edition ON {table};",
            )
            for table in WATCHED
        ),
    ]
