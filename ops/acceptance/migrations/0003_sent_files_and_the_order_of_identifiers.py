"""Identifiers in the order in which people count, and files that are read in the background."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Numbers within a word count as numbers, with zeros before them: RSP-2 stands before RSP-10.
NATURAL_ORDER = r"""
CREATE FUNCTION natural_order(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(coalesce(part[1], lpad(part[2], greatest(18, length(part[2])), '0')), '' ORDER BY nth), '')
    FROM regexp_matches(words, '([^0-9]+)|([0-9]+)', 'g') WITH ORDINALITY AS found(part, nth)
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("acceptance", "0002_numbers_deadlines_and_what_is_never_changed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(NATURAL_ORDER, "DROP FUNCTION natural_order(text)"),
        migrations.AddField(
            model_name="testcase",
            name="in_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("identifier"), function="natural_order"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AlterModelOptions(
            name="testcase",
            options={"ordering": ["in_order"], "verbose_name": "test case"},
        ),
        migrations.AlterModelOptions(
            name="caseversion",
            options={"ordering": ["case__in_order", "-number"], "verbose_name": "version"},
        ),
        migrations.AlterModelOptions(
            name="execution",
            options={"ordering": ["campaign", "case_version__case__in_order", "environment", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="pinnedcase",
            options={"ordering": ["case__in_order"]},
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
