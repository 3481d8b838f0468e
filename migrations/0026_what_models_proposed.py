import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Case, Q, Value, When

# In one statement: a row that is written a second time leaves checks of its keys to the end of the transaction, and
# until then no table is altered.
FILL = """
UPDATE annotator_maskletfacts facts SET proposed_by_id = run.model_version_id, failed = EXISTS (
    SELECT FROM annotator_verification given
    WHERE given.masklet_id = facts.masklet_id AND given.verdict = 'unsatisfactory' AND given.worker_id IS NULL
)
FROM annotator_autorun run
JOIN annotator_propagation pass ON pass.session_id = run.session_id
JOIN annotator_propagation_masklets link ON link.propagation_id = pass.id
WHERE link.masklet_id = facts.masklet_id;
"""

KEEP = """
CREATE FUNCTION annotator_facts_of_failure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE annotator_maskletfacts SET failed = true WHERE masklet_id = NEW.masklet_id;
    RETURN NULL;
END $$;

CREATE TRIGGER verdict_facts_fail AFTER INSERT ON annotator_verification FOR EACH ROW
    WHEN (NEW.verdict = 'unsatisfactory' AND NEW.worker_id IS NULL)
    EXECUTE FUNCTION annotator_facts_of_failure();
"""

LEAVE = """
DROP TRIGGER verdict_facts_fail ON annotator_verification;
DROP FUNCTION annotator_facts_of_failure;
"""


class Migration(migrations.Migration):
    dependencies = [("annotator", "0025_verdicts_of_projects")]

    operations = [
        migrations.AddField(
            model_name="maskletfacts",
            name="proposed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="annotator.modelversion",
            ),
        ),
        migrations.AddField(
            model_name="maskletfacts", name="failed", field=models.BooleanField(db_default=False)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, LEAVE),
        migrations.AddField(
            model_name="maskletfacts",
            name="outcome",
            field=models.GeneratedField(
                db_persist=True,
                expression=Case(
                    When(proposed_by__isnull=True, then=Value("")),
                    When(failed=True, then=Value("unsatisfactory")),
                    When(type="auto", state="submitted", then=Value("waiting")),
                    When(type="auto", state="accepted", then=Value("accepted")),
                    When(type="auto", state="rejected", then=Value("rejected")),
                    default=Value("taken_up"),
                ),
                output_field=models.CharField(max_length=14),
            ),
        ),
        migrations.AddIndex(
            model_name="maskletfacts",
            index=models.Index(
                condition=Q(gone=False, proposed_by__isnull=False),
                fields=["project", "proposed_by", "outcome", "-masklet"],
                include=("copy",),
                name="facts_proposed",
            ),
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(
                condition=Q(verdict="unsatisfactory", worker__isnull=True),
                fields=["-id"],
                include=("masklet",),
                name="verification_failure",
            ),
        ),
        migrations.AddIndex(
            model_name="verification",
            index=models.Index(
                condition=Q(unseen_frames__gt=0),
                fields=["project", "created_at"],
                include=("id",),
                name="verification_unseen",
            ),
        ),
    ]
