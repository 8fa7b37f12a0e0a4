"""Identifiers in the order in which people count, and files that are read in the background."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import CreateCollation
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("acceptance", "0002_numbers_deadlines_and_what_is_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Numbers within a word count as numbers: RSP-2 stands before RSP-10. Equal means the same bytes, as before.
        CreateCollation("natural", "en-u-kn-true", provider="icu"),
        migrations.AlterField(
            model_name="testcase",
            name="identifier",
            field=models.CharField(
                db_collation="natural",
                help_text="Its name for ever, like RSP-PORTAL-12.",
                max_length=40,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z0-9]+([-_.][A-Z0-9]+)*\\Z",
                        "Write capital letters, figures, and - _ . between them, like RSP-PORTAL-12.",
                    )
                ],
            ),
        ),
        migrations.CreateModel(
            name="SentFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to="sent-files/%Y/%m/")),
                ("name", models.CharField(max_length=200)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sent_files",
                        to="acceptance.campaign",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
    ]
