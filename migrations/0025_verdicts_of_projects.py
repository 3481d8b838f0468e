from django.db import migrations, models

FILL = """
UPDATE annotator_verification verdict SET project_id = video.project_id
FROM annotator_masklet masklet JOIN annotator_video video ON video.id = masklet.video_id
WHERE masklet.id = verdict.masklet_id
"""


def _project(**more: object) -> models.ForeignKey:
    return models.ForeignKey(
        "annotator.project", on_delete=models.CASCADE, related_name="+", db_index=False, **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0024_when_a_thread_was_written_in"),
    ]

    operations = [
        migrations.AddField("verification", "project", _project(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # What was filled in is held against its projects now: a table with checks to come cannot be altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("verification", "project", _project()),
        migrations.AddIndex(
            "verification",
            models.Index(
                fields=["project", "created_at"],
                include=("id", "stage", "verdict", "worker", "reviewer"),
                name="verification_of_project",
            ),
        ),
    ]
