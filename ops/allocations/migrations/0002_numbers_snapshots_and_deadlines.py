"""The numbers of the keys, snapshots that stay as they are, and the first deadlines."""

from django.db import migrations

from ops.allocations.policies import POLICIES
from ops.clocks.services import seed_policies

UNCHANGED = """
    CREATE FUNCTION allocations_snapshot_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'What was sent is kept as it was.' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER allocations_snapshot_is_kept BEFORE UPDATE OR DELETE ON allocations_snapshot
        FOR EACH ROW EXECUTE FUNCTION allocations_snapshot_is_kept();
"""
CHANGED = "DROP FUNCTION allocations_snapshot_is_kept CASCADE"


def load(apps, schema_editor):
    seed_policies(
        POLICIES,
        policies=apps.get_model("clocks", "DeadlinePolicy"),
        calendars=apps.get_model("clocks", "Calendar"),
    )


class Migration(migrations.Migration):
    dependencies = [("allocations", "0001_initial"), ("clocks", "0002_calendars_and_edition")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE ticket_number_rac", "DROP SEQUENCE ticket_number_rac"),
        migrations.RunSQL(UNCHANGED, CHANGED),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
