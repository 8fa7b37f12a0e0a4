"""The numbers of report keys: a sequence, so that nobody waits for a number. And the deadlines of reports."""

from django.db import migrations

from ops.clocks.services import seed_policies
from ops.committees.reports.policies import POLICIES


def load(apps, schema_editor):
    seed_policies(
        POLICIES,
        policies=apps.get_model("clocks", "DeadlinePolicy"),
        calendars=apps.get_model("clocks", "Calendar"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0003_first_committees"),
        ("clocks", "0002_calendars_and_edition"),
    ]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE ticket_number_uc", "DROP SEQUENCE ticket_number_uc"),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
