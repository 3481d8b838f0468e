from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotator", "0007_gold_and_workers"),
    ]

    operations = [
        migrations.AddField(
            model_name="autorun",
            name="found",
            field=models.JSONField(default=dict),
        ),
    ]
