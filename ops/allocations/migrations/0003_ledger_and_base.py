"""The ledger and the decisions are append-only; and the base that every account has without asking."""

from django.db import migrations

from ops.allocations.basis import FIRST_BASE

KEPT = ("ledgerentry", "outcome", "outcomeamount", "appliedplan")
REFUSE = """
    CREATE FUNCTION allocations_line_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'A line that was written stays; write another.' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""


def load(apps, schema_editor):
    apps.get_model("allocations", "QuotaBase").objects.create(
        document=FIRST_BASE, note="What a new installation begins with."
    )


class Migration(migrations.Migration):
    dependencies = [("allocations", "0002_numbers_snapshots_and_deadlines")]
    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION allocations_line_is_kept CASCADE"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name}_is_kept BEFORE UPDATE OR DELETE ON allocations_{name} "
                "FOR EACH ROW EXECUTE FUNCTION allocations_line_is_kept()",
                f"DROP TRIGGER {name}_is_kept ON allocations_{name}",
            )
            for name in KEPT
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
