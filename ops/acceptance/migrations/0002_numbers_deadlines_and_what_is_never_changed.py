"""Numbers of the keys, the first deadlines, and what the database itself refuses.

A version of a case is never changed; an outcome is never overwritten; and nothing that was run is touched once the
results of its campaign are frozen (domain: user acceptance testing).
"""

from django.db import migrations

from ops.acceptance.policies import POLICIES
from ops.clocks.services import seed_policies

NEVER_CHANGED = ("acceptance_caseversion", "acceptance_casestep")
FROZEN = ("acceptance_stepresult", "acceptance_evidence")

REFUSE_ANY_CHANGE = """
CREATE FUNCTION acceptance_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A version of a test case is never changed or removed; write another one.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

REFUSE_WHAT_IS_FROZEN = """
CREATE FUNCTION acceptance_refuse_frozen(campaign bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stands varchar;
BEGIN
    -- Shared with other results of the same campaign; waits for one that is being frozen now.
    SELECT state INTO stands FROM tickets_ticket WHERE id = campaign FOR SHARE;
    IF stands NOT IN ('draft', 'planned', 'ready', 'approved', 'recruiting', 'running') THEN
        RAISE EXCEPTION 'The results of this campaign are frozen.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END $$;

CREATE FUNCTION acceptance_execution_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM acceptance_refuse_frozen(CASE TG_OP WHEN 'DELETE' THEN OLD.campaign_id ELSE NEW.campaign_id END);
    IF TG_OP = 'UPDATE' AND OLD.state NOT IN ('assigned', 'running') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'An attempt is never overwritten; try again with the next number.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION acceptance_result_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM acceptance_refuse_frozen(campaign_id) FROM acceptance_execution
        WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.execution_id ELSE NEW.execution_id END;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER acceptance_execution_is_open BEFORE INSERT OR UPDATE OR DELETE ON acceptance_execution
    FOR EACH ROW EXECUTE FUNCTION acceptance_execution_is_open();
"""


def triggers(tables, function, events):
    return [
        migrations.RunSQL(
            f"CREATE TRIGGER {function} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
            f"DROP TRIGGER {function} ON {table}",
        )
        for table in tables
    ]


def load(apps, schema_editor):
    seed_policies(
        POLICIES,
        policies=apps.get_model("clocks", "DeadlinePolicy"),
        calendars=apps.get_model("clocks", "Calendar"),
    )


class Migration(migrations.Migration):
    dependencies = [("acceptance", "0001_initial"), ("clocks", "0002_calendars_and_edition")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE ticket_number_uat", "DROP SEQUENCE ticket_number_uat"),
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(REFUSE_ANY_CHANGE, "DROP FUNCTION acceptance_is_never_changed()"),
        *triggers(NEVER_CHANGED, "acceptance_is_never_changed", "UPDATE OR DELETE"),
        migrations.RunSQL(
            REFUSE_WHAT_IS_FROZEN,
            "DROP TRIGGER acceptance_execution_is_open ON acceptance_execution;"
            "DROP FUNCTION acceptance_execution_is_open(); DROP FUNCTION acceptance_result_is_open();"
            "DROP FUNCTION acceptance_refuse_frozen(bigint)",
        ),
        *triggers(FROZEN, "acceptance_result_is_open", "INSERT OR UPDATE OR DELETE"),
    ]
