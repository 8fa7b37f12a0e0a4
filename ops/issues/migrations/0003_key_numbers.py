"""The numbers of issue keys: a sequence, so that creations never wait for one another."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0002_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE ticket_number_cst", "DROP SEQUENCE ticket_number_cst"),
    ]
