"""The committees that a new installation begins with, their rules and deadlines; and what the database keeps safe."""

from django.db import migrations

from ops.clocks.services import seed_policies
from ops.committees.policies import MEETINGS, SEATS

RULES = (
    ("number_of_seats", {}, "RDO-051"),
    ("none_from_observatory", {}, "RDO-051"),
    ("minimum_from_country", {"country": "Chile", "at_least": 1}, "RDO-051"),
    ("minimum_from_small_institutions", {"at_least": 2}, "RDO-051"),
)
APPEND_ONLY = ("charge", "minutesversion", "waiver")
REFUSE = """
CREATE FUNCTION committees_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions and waivers are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER committees_{table}_append_only BEFORE UPDATE OR DELETE ON committees_{table}
    FOR EACH ROW EXECUTE FUNCTION committees_refuse_change();
"""
    for table in APPEND_ONLY
)
ALLOW = (
    "".join(f"DROP TRIGGER committees_{table}_append_only ON committees_{table};\n" for table in APPEND_ONLY)
    + "DROP FUNCTION committees_refuse_change();"
)


def found(apps, schema_editor):
    advisory = _committee(apps, "science-advisory", "Science Advisory Committee", places=14)
    users = _committee(apps, "users-committee", "Users Committee", parent_id=advisory)
    rules = apps.get_model("committees", "CompositionRule").objects
    for check, parameters, source in RULES:
        rules.get_or_create(
            committee_id=users, check_name=check, defaults={"parameters": parameters, "source": source}
        )


def _committee(apps, slug, name, **values):
    committee = apps.get_model("committees", "Committee")
    team, _ = apps.get_model("people", "Team").objects.get_or_create(
        slug=slug, defaults={"name": name, "kind": "committee"}
    )
    if not committee.objects.filter(pk=team.pk).exists():
        # The row of the team is there, and keeps whatever was written into it.
        made = committee(team_ptr_id=team.pk, slug=team.slug, name=team.name, kind="committee", **values)
        made.save_base(raw=True)
    return team.pk


def load(apps, schema_editor):
    seed_policies(
        (*SEATS, *MEETINGS),
        policies=apps.get_model("clocks", "DeadlinePolicy"),
        calendars=apps.get_model("clocks", "Calendar"),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0002_committees"),
        ("people", "0004_teams"),
        ("clocks", "0002_calendars_and_edition"),
    ]
    operations = [
        migrations.RunPython(found, migrations.RunPython.noop),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
