from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0021_one_open_task_on_a_video"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="held_because",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
