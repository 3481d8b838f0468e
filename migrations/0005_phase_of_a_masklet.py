from django.db import migrations, models

# What was handed in so far was made with everything allowed.
BEFORE = "UPDATE annotator_masklet SET phase = 3 WHERE submitted_at IS NOT NULL AND type = 'manual'"


class Migration(migrations.Migration):
    dependencies = [("annotator", "0004_tasks_of_masklets")]

    operations = [
        migrations.AddField(
            model_name="masklet",
            name="phase",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="masklet",
            constraint=models.CheckConstraint(
                condition=models.Q(("phase__range", (1, 3))), name="masklet_known_phase"
            ),
        ),
    ]
