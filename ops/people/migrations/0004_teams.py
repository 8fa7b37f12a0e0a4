"""The teams and committees that authority is read from; who sits in them is for people to say."""

from django.db import migrations

TEAMS = (
    ("staff", "Observatory staff", "team", True),
    ("community-science", "Community Science", "team", True),
    ("operations", "Operations", "team", True),
    ("directorate", "Directorate", "team", True),
    ("liaisons", "Liaisons to the science collaborations", "team", True),
    ("technical-assessors", "Technical assessors", "team", True),
    ("acceptance", "User acceptance testing", "team", False),
    ("rac", "Resource Allocation Committee", "committee", False),
    ("users-committee", "Users Committee", "committee", False),
)


def make_teams(apps, schema_editor):
    team = apps.get_model("people", "Team")
    for slug, name, kind, is_observatory in TEAMS:
        defaults = {"name": name, "kind": kind, "is_observatory": is_observatory}
        team.objects.get_or_create(slug=slug, defaults=defaults)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_api_token")]
    operations = [migrations.RunPython(make_teams, migrations.RunPython.noop)]
