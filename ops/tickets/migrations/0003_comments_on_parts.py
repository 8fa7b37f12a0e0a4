from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_circle"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="about",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
    ]
