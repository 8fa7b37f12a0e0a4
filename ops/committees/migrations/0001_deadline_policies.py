"""The deadline of a term that a new installation begins with."""

from django.db import migrations

from ops.clocks.services import seed_policies
from ops.committees.policies import POLICIES


def load(apps, schema_editor):
    seed_policies(
        POLICIES,
        policies=apps.get_model("clocks", "DeadlinePolicy"),
        calendars=apps.get_model("clocks", "Calendar"),
    )


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_calendars_and_edition")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
