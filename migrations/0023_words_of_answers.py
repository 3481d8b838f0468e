from django.db import migrations, models

# Until now an answer's words took the place of what was asked.
APART = """
UPDATE annotator_task SET answer_note = note, note = ''
WHERE kind = 'exhaust' AND state = 'done' AND note <> ''
"""
TOGETHER = "UPDATE annotator_task SET note = answer_note WHERE answer_note <> ''"


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0022_why_a_task_is_on_hold"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="answer_note",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.RunSQL(APART, TOGETHER),
    ]
