"""What has happened cannot be made not to have happened: the database itself refuses."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION workflow_event_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER workflow_event_append_only BEFORE UPDATE OR DELETE ON workflow_event
    FOR EACH ROW EXECUTE FUNCTION workflow_event_refuse_change();
"""
ALLOW = """
DROP TRIGGER workflow_event_append_only ON workflow_event;
DROP FUNCTION workflow_event_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
