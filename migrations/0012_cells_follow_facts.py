from django.db import migrations

FOLLOW = """
CREATE FUNCTION annotator_week(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE
RETURN date_trunc('week', moment AT TIME ZONE 'UTC')::date;

CREATE INDEX facts_cell_of ON annotator_maskletfacts
    (project_id, coalesce(person_id, 0), annotator_week(coalesce(submitted_at, moved_at)));

CREATE FUNCTION annotator_cells_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A log without a unique key: two people who touch one cell do not wait for each other.
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO annotator_factstouched (project_id, person, week)
        SELECT DISTINCT project_id, coalesce(person_id, 0), annotator_week(coalesce(submitted_at, moved_at))
        FROM before;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO annotator_factstouched (project_id, person, week)
        SELECT DISTINCT project_id, coalesce(person_id, 0), annotator_week(coalesce(submitted_at, moved_at))
        FROM after;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER facts_inserted AFTER INSERT ON annotator_maskletfacts REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION annotator_cells_touched();
CREATE TRIGGER facts_updated AFTER UPDATE ON annotator_maskletfacts
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION annotator_cells_touched();
CREATE TRIGGER facts_deleted AFTER DELETE ON annotator_maskletfacts REFERENCING OLD TABLE AS before
    FOR EACH STATEMENT EXECUTE FUNCTION annotator_cells_touched();

INSERT INTO annotator_factstouched (project_id, person, week)
SELECT DISTINCT project_id, coalesce(person_id, 0), annotator_week(coalesce(submitted_at, moved_at))
FROM annotator_maskletfacts;
"""

LEAVE = """
DROP TRIGGER facts_inserted ON annotator_maskletfacts;
DROP TRIGGER facts_updated ON annotator_maskletfacts;
DROP TRIGGER facts_deleted ON annotator_maskletfacts;
DROP FUNCTION annotator_cells_touched;
DROP INDEX facts_cell_of;
DROP FUNCTION annotator_week;
"""


class Migration(migrations.Migration):
    dependencies = [("annotator", "0011_cells_of_facts")]

    operations = [migrations.RunSQL(FOLLOW, LEAVE)]
