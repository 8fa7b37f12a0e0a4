"""The account under which all automation acts exists in every database, and cannot sign in."""

from django.db import migrations


def make_system_account(apps, schema_editor):
    user = apps.get_model("people", "User")
    user.objects.get_or_create(
        username="system",
        defaults={"display_name": "Operations desk", "password": "!", "is_active": True},
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(make_system_account, migrations.RunPython.noop)]
